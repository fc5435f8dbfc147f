import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {compareInThread} from '../../../source/engine/differences/compare-in-thread.ts';
import {countsOf} from '../../../source/engine/differences/counts.ts';
import {firstDifference, readDifference} from '../../../source/engine/differences/difference.ts';
import type {Part} from '../../../source/engine/differences/sides.ts';
import {compareTexts, type Difference} from '../../../source/engine/differences/texts.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

type Written = string | Uint8Array | null;

/** How two files with these contents differ; null: there is none. */
async function differenceOf(one: Written, other: Written): Promise<Difference> {
  const directory = temporaryDirectory();
  for (const [name, content] of [
    ['one', one],
    ['other', other],
  ] as const)
    if (content !== null) fs.writeFileSync(path.join(directory, name), content);
  return read(directory);
}

async function read(directory: string, signal = new AbortController().signal): Promise<Difference> {
  const part = (name: string, recorded: Part['recorded']): Part => ({
    file: {directory, segments: [name]},
    reason: null,
    absent: false,
    recorded,
    madeAt: null,
  });
  const pair = {one: part('one', {algorithm: null, hash: null}), other: part('other', null)};
  for await (const event of readDifference(pair, {root: null, readOnly: false}, signal))
    if (event.type === 'finished') return event.difference;
  throw new Error('it never finished');
}

const sqlite = (rest: string) => `SQLite format 3\0${rest}`;

describe('text and JSON', () => {
  test('text by lines', async () => {
    expect(await differenceOf('a\nb\n', 'a\nc\n')).toEqual({
      kind: 'lines',
      as: 'text',
      lines: [
        {mark: '@', text: 'from line 1'},
        {mark: ' ', text: 'a'},
        {mark: '-', text: 'b'},
        {mark: '+', text: 'c'},
      ],
      removed: 1,
      added: 1,
      entries: [],
      notes: [],
    });
  });

  test('JSON by what it says', async () => {
    expect(await differenceOf('{"a":1,"b":2}', '{ "b": 3, "a": 1 }')).toEqual({
      kind: 'lines',
      as: 'json',
      lines: [
        {mark: '@', text: 'from line 1'},
        {mark: ' ', text: '{'},
        {mark: ' ', text: '  "a": 1,'},
        {mark: '-', text: '  "b": 2'},
        {mark: '+', text: '  "b": 3'},
        {mark: ' ', text: '}'},
      ],
      removed: 1,
      added: 1,
      entries: [
        {
          at: '',
          by: null,
          onlyOne: {count: 0, names: []},
          onlyOther: {count: 0, names: []},
          differ: {count: 1, names: ['b']},
          same: 1,
        },
      ],
      notes: ['Keys sorted, one value a line: how it is formatted is no difference.'],
    });
  });

  test('only its formatting differs: that is said, and so are the bytes', async () => {
    expect(await differenceOf('{"a":1,"b":2}', '{"a":1, "b":2}')).toEqual({kind: 'formatting', offset: 7});
    expect(await differenceOf('{"a":1,"b":2}', '{"b":2,"a":1}')).toEqual({kind: 'formatting', offset: 2});
    expect(await differenceOf('{}', '\ufeff{}')).toEqual({kind: 'formatting', offset: 0});
  });

  test('JSON that is cut short on one side is compared as text, and says so', async () => {
    const difference = await differenceOf('{"a":1}', '{"a":');
    expect(difference).toMatchObject({kind: 'lines', as: 'text'});
    expect('notes' in difference && difference.notes[0]).toMatch(
      /^The \+ side is not JSON, the other is \(.+, line 1\): compared as text\.$/,
    );
  });

  test('JSON that is cut short has entries up to there', async () => {
    const tenant = (id: number) => `{"id": ${id}, "name": "t"}`;
    const difference = await differenceOf(
      `{"tenants": [${[1, 2, 3].map(tenant).join()}]}`,
      `{"tenants": [${[1, 4].map(tenant).join()}, {"i`,
    );
    expect(difference).toMatchObject({
      kind: 'lines',
      as: 'text',
      entries: [
        {
          at: 'tenants',
          by: 'id',
          onlyOne: {count: 2, names: ['2', '3']},
          onlyOther: {count: 1, names: ['4']},
          differ: {count: 0, names: []},
          same: 1,
        },
      ],
    });
    expect('notes' in difference && difference.notes).toContainEqual(
      expect.stringMatching(
        /^x The \+ side: it is cut off at byte \d+\. What stands before that is compared\.$/,
      ),
    );
    expect(countsOf(difference)).toEqual({
      of: 'entries',
      counts: [{name: 'tenants', onlyCopy: 2, onlyLive: 1, differ: 0}],
      isWhole: true,
    });
  });

  test('a last line without an end is a difference', async () => {
    const difference = await differenceOf('a\n', 'a');
    expect('lines' in difference && difference.lines.slice(1)).toEqual([
      {mark: '-', text: 'a'},
      {mark: '+', text: 'a (no newline at the end)'},
    ]);
  });

  test('a very long line is compared in pieces, so that where it differs is seen', () => {
    const long = 'x'.repeat(5000);
    const difference = compareTexts(`${long}\n`, `${long.slice(0, 4500)}y${long.slice(4501)}\n`, 4500);
    expect(difference).toMatchObject({
      removed: 1,
      added: 1,
      notes: [expect.stringMatching(/1000 characters/)],
    });
  });
});

describe('what is not shown says why, and where it differs first', () => {
  test('binary', async () => {
    expect(await differenceOf('ab\0c', 'ab\0d')).toEqual({kind: 'bytes', why: 'it is binary', offset: 3});
    const latin = new Uint8Array([0x61, 0xe9]);
    expect(await differenceOf(latin, new Uint8Array([0x61, 0xe8]))).toMatchObject({kind: 'bytes', offset: 1});
    expect(await differenceOf('text', 'te\0t')).toMatchObject({
      why: 'one side is text, and of the other it is binary',
      offset: 2,
    });
  });

  test('what only begins as an SQLite database, and one that lies beside something else', async () => {
    expect(await differenceOf(sqlite('a'), sqlite('b'))).toEqual({
      kind: 'bytes',
      why: 'of the + side there is no private copy: SQLite cannot read it: file is not a database',
      offset: 16,
    });
    expect(await differenceOf(sqlite('a'), 'b')).toEqual({
      kind: 'bytes',
      why: 'the - side is an SQLite database, the other is not',
      offset: 0,
    });
  });

  test('larger than 1 MB: text by its lines, what is binary by its bytes', async () => {
    const text = 'a\n'.repeat(500_000);
    expect(await differenceOf(text, `${text}b`)).toMatchObject({
      kind: 'tables',
      as: 'text',
      isWhole: true,
      tables: [{by: null, one: 500_000, other: 500_001, onlyOne: 0, onlyOther: 1}],
    });
    expect(await differenceOf(`\0${text}`, `\0${text}b`)).toEqual({
      kind: 'bytes',
      why: 'it is binary',
      offset: text.length + 1,
    });
  });

  test('the same bytes', async () => {
    expect(await differenceOf('a', 'a')).toEqual({kind: 'same', bytes: 1});
    expect(await differenceOf('', '')).toEqual({kind: 'same', bytes: 0});
  });

  test('missing, or a link, which is not followed', async () => {
    expect(await differenceOf(null, 'a')).toEqual({kind: 'none', why: 'on the - side the copy is missing'});
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, 'one'), 'a');
    fs.symlinkSync('one', path.join(directory, 'other'));
    expect(await read(directory)).toEqual({
      kind: 'none',
      why: 'on the + side the file is a link, not a file',
    });
  });
});

test('one megabyte of lines that are all different is given up in time, and nothing waits for it', async () => {
  const lines = (letter: string) =>
    Array.from({length: 60_000}, (_, index) => `${letter}${index} ${index % 7}`).join('\n');
  let longest = 0;
  let last = performance.now();
  const clock = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const began = performance.now();
  const difference = await differenceOf(lines('a'), lines('b'));
  clearInterval(clock);
  expect(performance.now() - began).toBeLessThan(8000);
  expect(longest).toBeLessThan(1000);
  expect(difference).toMatchObject({kind: 'lines', removed: 60_000, added: 60_000});
  expect('notes' in difference && difference.notes).toEqual([
    'Too different to be matched as a whole: matched in pieces of 200 lines, so more may be marked than differs.',
    expect.stringMatching(/^\d+ more lines are not shown\.$/),
  ]);
}, 20_000);

test('stops while lines are matched', async () => {
  const stop = new AbortController();
  const lines = (letter: string) => Array.from({length: 60_000}, (_, index) => letter + index).join('\n');
  const comparing = compareInThread({one: lines('a'), other: lines('b'), offset: 0}, stop.signal);
  stop.abort();
  await expect(comparing).rejects.toThrow(/abort/i);
});

test('stops when it is told to', async () => {
  const directory = temporaryDirectory();
  for (const name of ['one', 'other']) fs.writeFileSync(path.join(directory, name), 'a'.repeat(4 << 20));
  await expect(read(directory, AbortSignal.abort())).rejects.toThrow(/abort/i);
});

test('the first byte that differs', () => {
  const bytes = (text: string) => Buffer.from(text);
  expect(firstDifference(bytes('abc'), bytes('abc'))).toBeNull();
  expect(firstDifference(bytes('abc'), bytes('abd'))).toBe(2);
  expect(firstDifference(bytes('ab'), bytes('abd'))).toBe(2);
  expect(firstDifference(bytes(''), bytes('a'))).toBe(0);
});
