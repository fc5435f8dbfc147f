import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {beforeEach, describe, expect, test, vi} from 'vitest';
import {
  appendRecord,
  copiesDigest,
  type FullRecord,
  lastVerification,
  parseRecord,
  recentVerifications,
} from '../../../source/engine/storage/verifications.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = temporaryDirectory();
  file = path.join(directory, 'verifications.jsonl');
});

const record = (at: string, extra: Partial<FullRecord> = {}): FullRecord => ({
  version: 1,
  at,
  result: 'passed',
  reason: null,
  manifest: 'digest',
  copies: 'digest',
  failed: [],
  datasets: [],
  seconds: 1,
  host: 'h',
  user: 'u',
  program: 'p',
  ...extra,
});
const line = (at: string, extra?: Partial<FullRecord>) => `${JSON.stringify(record(at, extra))}\n`;

describe('the last record', () => {
  test.each([
    ['of two', line('1') + line('2'), '2'],
    ['before a line torn off', line('1') + line('2').slice(0, -20), '1'],
    ['before a line that lacks only its end', line('1') + line('2').trimEnd(), '1'],
    ['before empty lines', `${line('1')}\n\n`, '1'],
    ['before lines of others', `${line('1')}{"a":1}\n[]\nnull\n\0\0\0\n${'['.repeat(100_000)}\n`, '1'],
    ['before a later version', line('1') + line('2').replace('"version":1', '"version":2'), '1'],
    ['before an unknown result', line('1') + line('2').replace('"passed"', '"fine"'), '1'],
    ['with fields of a later program', line('1').replace('{', '{"__proto__":{"at":"x"},"colour":1,'), '1'],
    ['after bytes that are not text', `\xff\xfe\n${line('1')}`, '1'],
  ])('%s', (_, text, at) => {
    fs.writeFileSync(file, text, 'latin1');
    expect(lastVerification(directory)?.at).toBe(at);
  });

  test.each([
    ['an empty file', ''],
    ['one unfinished line', line('1').trimEnd()],
    ['zeros, as a power cut leaves', '\0'.repeat(4096)],
  ])('is none in %s', (_, text) => {
    fs.writeFileSync(file, text);
    expect(lastVerification(directory)).toBeNull();
  });

  test.each([60_000, 64 * 1024, 70_000, 600_000, 5_000_000])(
    'is found when its line has %i bytes',
    (length) => {
      fs.writeFileSync(file, line('1') + line('2', {reason: 'x'.repeat(length)}) + '{torn'.repeat(10));
      expect(lastVerification(directory)?.at).toBe('2');
    },
  );

  const notFiles: [string, () => void][] = [
    ['missing', () => {}],
    ['a pipe', () => makePipe(file)],
    ['a directory', () => fs.mkdirSync(file)],
    [
      'a link',
      () => {
        fs.writeFileSync(path.join(directory, 'elsewhere'), line('1'));
        fs.symlinkSync('elsewhere', file);
      },
    ],
  ];
  test.each(notFiles)('is none where the file is %s', (_, make) => {
    make();
    expect(lastVerification(directory)).toBeNull();
  });

  test('is what was appended last, whatever text it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.string({unit: 'binary'}), {minLength: 1, maxLength: 3}), (reasons) => {
        for (const reason of reasons) appendRecord(directory, record('1', {reason, failed: [reason]}));
        expect(lastVerification(directory)).toMatchObject({reason: reasons.at(-1), failed: [reasons.at(-1)]});
      }),
      {numRuns: 20},
    );
  });
});

describe('parseRecord', () => {
  test.each([
    '',
    '{',
    'null',
    '[]',
    '1',
    '{}',
    line('1').replace('[]', '[1]'),
    line('1').replace('"1"', '1'),
  ])('%j is no record', (text) => {
    expect(parseRecord(text)).toBeNull();
  });
});

describe('appending', () => {
  test('adds one line and keeps the others', () => {
    fs.writeFileSync(file, 'of somebody else\n');
    appendRecord(directory, record('1'));
    expect(fs.readFileSync(file, 'utf8')).toBe(`of somebody else\n${line('1')}`);
  });

  test.each([false, true])(
    'on a full disk leaves no half a line, and what others append meanwhile stays (first: %s)',
    (first) => {
      if (!first) appendRecord(directory, record('1'));
      const {writeSync} = fs;
      const write = vi.spyOn(fs, 'writeSync').mockImplementationOnce(((fd: number, data: Buffer) => {
        const written = writeSync(fd, data, 0, 100);
        // It sees half a line, and ends it.
        fs.appendFileSync(file, `\n${line('2')}`);
        write.mockImplementationOnce(() => {
          throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC', errno: -28});
        });
        return written;
      }) as typeof fs.writeSync);
      try {
        expect(() => appendRecord(directory, record('3', {reason: 'long'.repeat(100)}))).toThrow('ENOSPC');
      } finally {
        write.mockRestore();
      }
      const lines = fs
        .readFileSync(file, 'utf8')
        .split('\n')
        .filter((each) => each.trim() !== '');
      expect(lines.map((each) => `${each}\n`)).toEqual([...(first ? [] : [line('1')]), line('2')]);
      expect(recentVerifications(directory, 3).map(({at}) => at)).toEqual(first ? ['2'] : ['2', '1']);
      appendRecord(directory, record('4'));
      expect(lastVerification(directory)?.at).toBe('4');
    },
  );

  test('after a torn line begins a new one', () => {
    fs.writeFileSync(file, line('1') + line('2').slice(0, 30));
    appendRecord(directory, record('3'));
    expect(fs.readFileSync(file, 'utf8')).toBe(`${line('1')}${line('2').slice(0, 30)}\n${line('3')}`);
    expect(lastVerification(directory)?.at).toBe('3');
  });

  test.each([
    [0o755, 0o644],
    [0o2770, 0o660],
    [0o700, 0o600],
  ])('makes the file as its directory: %o gives %o', (directoryMode, mode) => {
    fs.chmodSync(directory, directoryMode);
    // Only root may give a file away; anyone else keeps their own.
    if (process.getuid?.() === 0) fs.chownSync(directory, 12345, 23456);
    const {uid, gid} = fs.statSync(directory);
    const umask = process.umask(0o077);
    try {
      appendRecord(directory, record('1'));
    } finally {
      process.umask(umask);
    }
    const stats = fs.statSync(file);
    expect({mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid}).toEqual({mode, uid, gid});
  });

  test('keeps the mode of a file that is there', () => {
    fs.writeFileSync(file, '', {mode: 0o600});
    appendRecord(directory, record('1'));
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  const notFiles: [string, () => void][] = [
    ['a pipe (FIFO)', () => makePipe(file)],
    ['a directory', () => fs.mkdirSync(file)],
    ['a link', () => fs.symlinkSync('victim', file)],
  ];
  test.each(notFiles)('to %s is refused', (kind, make) => {
    make();
    expect(() => appendRecord(directory, record('1'))).toThrow(`it is ${kind}, not a file`);
    expect(fs.existsSync(path.join(directory, 'victim'))).toBe(false);
  });
});

describe('copiesDigest', () => {
  const copy = {name: 'a', bytes: 1, mtimeMs: 2.5};

  test.each([
    ['name', {...copy, name: 'b'}],
    ['size', {...copy, bytes: 2}],
    ['time', {...copy, mtimeMs: 2.25}],
    ['absence', {...copy, bytes: null, mtimeMs: null}],
  ])('tells another %s', (_, other) => {
    expect(copiesDigest([other])).not.toBe(copiesDigest([copy]));
  });

  test('tells one more', () => {
    expect(copiesDigest([copy, copy])).not.toBe(copiesDigest([copy]));
  });
});
