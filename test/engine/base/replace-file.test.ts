import fs from 'node:fs';
import path from 'node:path';
import {beforeEach, expect, test} from 'vitest';
import {replaceFile} from '../../../source/engine/base/replace-file.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

let file: string;
let temporary: string;
let prefix: string;
const read = () => fs.readFileSync(file, 'utf8');
const entries = () => fs.readdirSync(path.dirname(file));

beforeEach(() => {
  const directory = temporaryDirectory();
  file = path.join(directory, 'manifest.json');
  prefix = path.join(directory, '.manifest.json.magds-');
  temporary = `${prefix}${process.pid}`;
  fs.writeFileSync(file, 'old');
});

test('replaces the content and leaves nothing else', () => {
  replaceFile(file, Buffer.from('new content'), fs.lstatSync(file));
  expect(read()).toBe('new content');
  expect(entries()).toEqual(['manifest.json']);
});

test.each([0o600, 0o664, 0o444, 0o2640])('keeps the mode %o, whatever the umask', (mode) => {
  fs.chmodSync(file, mode);
  const umask = process.umask(0o077);
  try {
    replaceFile(file, Buffer.from('new'), fs.lstatSync(file));
  } finally {
    process.umask(umask);
  }
  expect(fs.statSync(file).mode & 0o7777).toBe(mode);
});

test('keeps the owner', () => {
  // Only root may give a file away; anyone else keeps their own.
  if (process.getuid?.() === 0) fs.chownSync(file, 12345, 23456);
  const {uid, gid} = fs.statSync(file);
  replaceFile(file, Buffer.from('new'), fs.lstatSync(file));
  expect(fs.statSync(file)).toMatchObject({uid, gid});
});

const changes: [string, () => void][] = [
  ['longer', () => fs.appendFileSync(file, '!')],
  ['touched', () => fs.utimesSync(file, 1, 1)],
  [
    'another file with the same size and time',
    () => {
      const {atime, mtime} = fs.statSync(file);
      fs.writeFileSync(`${file}.new`, 'odd');
      fs.utimesSync(`${file}.new`, atime, mtime);
      fs.renameSync(`${file}.new`, file);
    },
  ],
];
test.each(changes)('refuses a file that is %s meanwhile', (_, change) => {
  fs.utimesSync(file, 1_000_000, 1_000_000);
  const original = fs.lstatSync(file);
  change();
  const now = read();
  expect(() => replaceFile(file, Buffer.from('new'), original)).toThrow('somebody else changed it meanwhile');
  expect(read()).toBe(now);
  expect(entries()).toEqual(['manifest.json']);
});

test('refuses a file that is gone meanwhile, and does not bring it back', () => {
  const original = fs.lstatSync(file);
  fs.unlinkSync(file);
  expect(() => replaceFile(file, Buffer.from('new'), original)).toThrow('ENOENT');
  expect(entries()).toEqual([]);
});

test('the leftover of a killed process is taken away, however young', () => {
  // Greater than any process number the system gives.
  fs.writeFileSync(`${prefix}${2 ** 22 + 1}`, 'left over');
  replaceFile(file, Buffer.from('new'), fs.lstatSync(file));
  expect(read()).toBe('new');
  expect(entries()).toEqual(['manifest.json']);
});

test('the temporary of a process at work is left to it, unless it is old', () => {
  const other = `${prefix}${process.ppid}`;
  fs.writeFileSync(other, 'being written');
  replaceFile(file, Buffer.from('new'), fs.lstatSync(file));
  expect(read()).toBe('new');
  expect(fs.readFileSync(other, 'utf8')).toBe('being written');
  fs.utimesSync(other, 1_000_000, 1_000_000);
  replaceFile(file, Buffer.from('newer'), fs.lstatSync(file));
  expect(entries()).toEqual(['manifest.json']);
});

test('a link in place of the temporary is not written through', () => {
  const victim = path.join(path.dirname(file), 'victim');
  fs.writeFileSync(victim, 'precious');
  fs.symlinkSync(victim, temporary);
  fs.lutimesSync(temporary, 1_000_000, 1_000_000);
  replaceFile(file, Buffer.from('new'), fs.lstatSync(file));
  expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
  expect(read()).toBe('new');
});
