import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {recordFile, SessionRecord} from '../../../source/engine/session/record.ts';
import {checkRecord} from '../../../source/engine/session/record-check.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {writeAny} from '../../support/write-any.ts';

/** A record of five lines, and what is made of it once it says this. */
function makeFive() {
  const directory = temporaryDirectory();
  const record = new SessionRecord(directory, 'anna');
  for (const type of ['opened', 'prepare', 'switched', 'step', 'finished']) writeAny(record, type, {type});
  record.close();
  const file = `${directory}/${recordFile}`;
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const check = (...all: (string | undefined)[]) => {
    fs.writeFileSync(file, all.map((line) => `${line}\n`).join(''));
    return checkRecord(directory);
  };
  return {directory, file, lines, check};
}

const changed = (line = '', changes: object): string => JSON.stringify({...JSON.parse(line), ...changes});

test('whose lines follow from each other holds', () => {
  const {lines, check} = makeFive();
  expect(check(...lines)).toMatchObject({broken: null, torn: false});
  expect(check()).toEqual({lines: [], broken: null, torn: false, data: Buffer.alloc(0)});
});

test('that is not there is empty', () => {
  expect(checkRecord(temporaryDirectory())).toEqual({lines: [], broken: null, torn: false, data: null});
});

test.each<[string, (lines: string[]) => (string | undefined)[], string]>([
  [
    'changed',
    ([a, b, ...rest]) => [a, changed(b, {operator: 'ben'}), ...rest],
    'line 3 does not follow from line 2: one was changed, put in or taken out',
  ],
  [
    'taken out',
    ([a, , ...rest]) => [a, ...rest],
    'line 2 does not follow from line 1: one was changed, put in or taken out',
  ],
  ['taken out at the beginning', ([, ...rest]) => rest, 'its beginning is missing'],
  [
    'put in',
    ([a, ...rest]) => [a, a, ...rest],
    'line 2 does not follow from line 1: one was changed, put in or taken out',
  ],
  [
    'numbered anew',
    (lines) => [...lines.slice(0, 4), changed(lines[4], {sequence: 9})],
    'line 5 has the number 9 instead of 5',
  ],
  ['no line at all', ([a, b, ...rest]) => [a, b, 'hello', ...rest], 'line 3 is not a line of a record'],
  ['empty', ([a, ...rest]) => [a, '', ...rest], 'line 2 is not a line of a record'],
  [
    'of a million characters where there is a name',
    (lines) => [...lines, changed(lines[4], {operator: 'x'.repeat(1e6)})],
    'line 6 is not a line of a record',
  ],
  [
    'nested a hundred thousand levels deep',
    ([a, b = '', ...rest]) => [a, b.replace('"prepare"}', `${'['.repeat(1e5)}${']'.repeat(1e5)}}`), ...rest],
    'line 2 is not a line of a record',
  ],
])('a line that was %s is said', (_, change, broken) => {
  const {lines, check} = makeFive();
  expect(check(...change(lines)).broken).toBe(broken);
});

test('it is still told, and what is written after it is not to blame', () => {
  const {directory, lines, check} = makeFive();
  const [a, , ...rest] = lines;
  expect(check(a, ...rest).lines.map(({type}) => type)).toEqual(['opened', 'switched', 'step', 'finished']);
  const record = new SessionRecord(directory, 'ben');
  writeAny(record, 'step');
  record.close();
  const {lines: now, broken} = checkRecord(directory);
  expect(now.at(-1)).toMatchObject({sequence: 6, operator: 'ben'});
  expect(broken).toMatch(/^line 2 /);
});

test('a last line that was cut short is torn, not broken', () => {
  const {directory, file} = makeFive();
  fs.appendFileSync(file, '{"sequence":6,');
  expect(checkRecord(directory)).toMatchObject({broken: null, torn: true, lines: {length: 5}});
});

test('what is no file, or far too large, is not read', () => {
  const make = (how: (file: string) => void): string | null => {
    const directory = temporaryDirectory();
    how(`${directory}/${recordFile}`);
    return checkRecord(directory).broken;
  };
  expect(make((file) => fs.symlinkSync('/etc/passwd', file))).toBe('session.jsonl is a link, not a file');
  expect(make((file) => fs.mkdirSync(file))).toBe('session.jsonl is a directory, not a file');
  expect(make((file) => execFileSync('mkfifo', [file]))).toBe('session.jsonl is a pipe (FIFO), not a file');
  const hole = (file: string): void => {
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 1e12);
  };
  expect(make(hole)).toMatch(/^session\.jsonl is 1000000000000 bytes long/);
});

test('whatever byte before the last line is changed, it is noticed, and nothing is thrown', () => {
  const {directory, file} = makeFive();
  const good = fs.readFileSync(file);
  const last = good.lastIndexOf(0x0a, good.length - 2) + 1;
  fc.assert(
    fc.property(fc.nat({max: last - 1}), fc.nat({max: 255}), (at, byte) => {
      const data = Buffer.from(good);
      data[at] = byte;
      fs.writeFileSync(file, data);
      expect(checkRecord(directory).broken === null).toBe(good[at] === byte);
    }),
    {numRuns: 300},
  );
});

test('whatever it holds, it can be told and gone on with', () => {
  const {directory, file, lines} = makeFive();
  const piece = fc.oneof(
    fc.constantFrom(...lines, '\n', '{"sequence":', '[]', 'null', '\u0000'),
    fc.string({unit: 'binary'}),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      fs.writeFileSync(file, pieces.join('\n'));
      const before = checkRecord(directory);
      const record = new SessionRecord(directory, 'ben');
      writeAny(record, 'step');
      record.close();
      const after = checkRecord(directory);
      expect(after.torn).toBe(false);
      expect(after.broken).toBe(before.broken);
      const added = before.torn ? ['repaired', 'step'] : ['step'];
      expect(after.lines.slice(before.lines.length).map(({type}) => type)).toEqual(added);
    }),
    {numRuns: 100},
  );
});

test('a long line, as a plan of thousands of files is, says the same whenever it is read', () => {
  const directory = temporaryDirectory();
  const record = new SessionRecord(directory, 'ann\u00e4 "the \\ one"');
  const data = {b: 1, actions: Array.from({length: 5000}, (_, n) => ({target: `/srv/${n}`})), a: '\u2028'};
  writeAny(record, 'opened');
  writeAny(record, 'plan', data);
  writeAny(record, 'finished', {outcome: 'done'});
  record.close();
  const file = `${directory}/${recordFile}`;
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const checked = checkRecord(directory, true);
  expect(checked).toMatchObject({broken: null, torn: false});
  expect(checkRecord(directory)).toEqual(checked);
  expect(checked.lines).toEqual(lines.map((line) => JSON.parse(line)));
  expect(JSON.stringify(checked.lines[1])).toBe(JSON.stringify(JSON.parse(lines[1] ?? '')));
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('/srv/4000"', '/srv/4001"'));
  expect(checkRecord(directory, true).broken).toMatch(/^line 3 does not follow from line 2/);
});
