import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {checkRemovable, removeTree} from '../../../source/engine/base/remove-tree.ts';

let directory: string;
beforeEach(() => {
  // Thousands of directories are slow to remove where a disk is behind them.
  const place = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  directory = fs.mkdtempSync(`${place}/magds-tree-`);
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(directory, {recursive: true, force: true});
});

/** Directories in one another, deeper than any path could say, each with a file beside it. */
function dig(depth: number): void {
  const home = process.cwd();
  try {
    process.chdir(directory);
    fs.mkdirSync('top');
    process.chdir('top');
    for (let level = 0; level < depth; level++) {
      fs.writeFileSync('file', '');
      fs.mkdirSync('d');
      process.chdir('d');
    }
  } finally {
    process.chdir(home);
  }
}

const descriptors = (): number => fs.readdirSync('/proc/self/fd').length;

test('5,000 directories in one another are looked at, and removed', () => {
  dig(5000);
  const before = descriptors();
  let most = 0;
  const list = fs.readdirSync;
  const listed = vi.spyOn(fs, 'readdirSync').mockImplementation(((...given: Parameters<typeof list>) => {
    most = Math.max(most, list('/proc/self/fd').length);
    return list(...given);
  }) as typeof list);
  checkRemovable(directory, 'top');
  expect(fs.existsSync(`${directory}/top/d/d/file`)).toBe(true);
  removeTree(directory, 'top');
  expect(fs.readdirSync(directory)).toEqual([]);
  expect(listed.mock.calls.length).toBeLessThan(2 * 5001 + 10);
  expect(most - before).toBeLessThan(40);
  expect(descriptors()).toBe(before);
});

test('a link in it goes itself, and what it leads to stays', () => {
  fs.mkdirSync(`${directory}/top/a/b`, {recursive: true});
  fs.mkdirSync(`${directory}/elsewhere`);
  fs.writeFileSync(`${directory}/elsewhere/kept`, '');
  fs.symlinkSync(`${directory}/elsewhere`, `${directory}/top/a/b/link`);
  removeTree(directory, 'top');
  expect(fs.readdirSync(directory)).toEqual(['elsewhere']);
  expect(fs.readdirSync(`${directory}/elsewhere`)).toEqual(['kept']);
});

test('where a directory far below is moved away meanwhile, nothing beside its new place goes', () => {
  const deep = Array.from({length: 40}, () => 'd');
  fs.mkdirSync(path.join(directory, 'top', ...deep), {recursive: true});
  fs.mkdirSync(`${directory}/elsewhere/d`, {recursive: true});
  const list = fs.readdirSync;
  let level = 0;
  vi.spyOn(fs, 'readdirSync').mockImplementation(((...given: Parameters<typeof list>) => {
    if (++level === 41)
      fs.renameSync(path.join(directory, 'top', ...deep.slice(0, 20)), `${directory}/elsewhere/moved`);
    return list(...given);
  }) as typeof list);
  expect(() => removeTree(directory, 'top')).toThrow('was moved meanwhile');
  vi.restoreAllMocks();
  expect(fs.readdirSync(`${directory}/elsewhere`)).toEqual(['d', 'moved']);
});
