import fs from 'node:fs';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {Directory} from '../../../../source/engine/base/directory.ts';
import {appendLines, cutLines} from '../../../../source/engine/storage/runbook/kept-lines.ts';
import {temporaryDirectory} from '../../../support/temporary.ts';

let state: Directory;
let file = '';
beforeEach(() => {
  const path = temporaryDirectory();
  state = Directory.open(path);
  file = `${path}/it`;
});
afterEach(() => {
  vi.restoreAllMocks();
  state.close();
});

const append = (...lines: string[]) => appendLines(state, 'it', lines, 0o640);
const lines = () => fs.readFileSync(file, 'utf8').trimEnd().split('\n');
const cut = (inShort: () => string[], above = 0) => cutLines(state, 'it', {above, inShort, mode: 0o640});

test('lines are on the disk, and so is that there is such a file', () => {
  const done: string[] = [];
  const {writeSync, fsyncSync} = fs;
  vi.spyOn(fs, 'writeSync').mockImplementation((...given: Parameters<typeof writeSync>) => {
    done.push('written');
    return writeSync(...given);
  });
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    done.push(fs.fstatSync(fd).isDirectory() ? 'directory synced' : 'file synced');
    fsyncSync(fd);
  });
  append('a', 'b');
  expect(done).toEqual(['written', 'file synced', 'directory synced']);
  expect(fs.statSync(file).mode & 0o777).toBe(0o640);
});

test('are behind a line that a kill has torn', () => {
  append('a');
  fs.appendFileSync(file, 'tor');
  append('b');
  expect(lines()).toEqual(['a', 'tor', 'b']);
});

test('are in the file that another one has put there meanwhile', () => {
  append('a');
  const {fsyncSync} = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementationOnce((fd) => {
    fsyncSync(fd);
    fs.writeFileSync(`${file}.new`, 'cut\n');
    fs.renameSync(`${file}.new`, file);
  });
  append('b');
  expect(lines()).toEqual(['cut', 'b']);
});

test('that are appended while it is cut are carried over', () => {
  append('a', 'b');
  cut(() => {
    append('late');
    return ['b'];
  });
  expect(lines()).toEqual(['b', 'late']);
  expect(fs.statSync(file).mode & 0o777).toBe(0o640);
});

test('what is as short as it has to be is left alone', () => {
  append('a');
  cut(() => [], 2);
  expect(lines()).toEqual(['a']);
  cut(() => [], 1);
  expect(fs.readFileSync(file, 'utf8')).toBe('');
});
