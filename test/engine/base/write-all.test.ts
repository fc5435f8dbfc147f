import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, expect, test, vi} from 'vitest';
import {isTorn} from '../../../source/engine/base/lines.ts';
import {writeAll, writeWhole} from '../../../source/engine/base/write-all.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Takes no more than this at once, as a disk does that is nearly full. */
function takesOnly(most: number): void {
  const write = fs.writeSync.bind(fs) as (...args: unknown[]) => number;
  vi.spyOn(fs, 'writeSync').mockImplementation(((
    fd: number,
    data: Uint8Array,
    offset: number,
    length: number,
    at: number | null,
  ) => write(fd, data, offset, Math.min(length, most), at)) as typeof fs.writeSync);
}

test('all of it is written where the system takes a part at a time, at its place', () => {
  const file = path.join(temporaryDirectory(), 'file');
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 40}), fc.integer({min: 1, max: 9}), fc.nat(5), (data, most, at) => {
      fs.writeFileSync(file, 'abcdef');
      const fd = fs.openSync(file, 'r+');
      takesOnly(most);
      const told: number[] = [];
      writeAll(fd, data, at, (bytes) => told.push(bytes));
      vi.restoreAllMocks();
      fs.closeSync(fd);
      expect(fs.readFileSync(file).subarray(at, at + data.length)).toEqual(Buffer.from(data));
      expect(told).toEqual(
        Array.from({length: Math.ceil(data.length / most)}, (_, index) =>
          Math.min(data.length, (index + 1) * most),
        ),
      );
    }),
  );
});

test.each([
  ['', false],
  ['a\n', false],
  ['a\nb', true],
])('whether the last line of %j was cut short', (text, torn) => {
  const file = path.join(temporaryDirectory(), 'file');
  fs.writeFileSync(file, text);
  const fd = fs.openSync(file, 'r');
  expect(isTorn(fd, text.length)).toBe(torn);
  fs.closeSync(fd);
});

test('a new file is there whole or not at all, and none is written over', () => {
  const file = path.join(temporaryDirectory(), 'file');
  takesOnly(2);
  writeWhole(file, 'words', (fd) => fs.fchmodSync(fd, 0o640));
  expect([fs.readFileSync(file, 'utf8'), fs.statSync(file).mode & 0o777]).toEqual(['words', 0o640]);
  expect(() => writeWhole(file, 'others')).toThrow('EEXIST');
  expect(fs.readFileSync(file, 'utf8')).toBe('words');
  vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
    throw new Error('the disk failed');
  });
  expect(() => writeWhole(`${file}-2`, 'words')).toThrow('the disk failed');
  expect(fs.existsSync(`${file}-2`)).toBe(false);
});
