import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {expect, test} from 'vitest';
import {
  describeError,
  describeSystemError,
  errorCode,
  exitCode,
  isFull,
  Problem,
  reasonOf,
  withAdvice,
} from '../../../source/engine/base/problem.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test('a system call that fails is told in words', () => {
  try {
    fs.readFileSync(path.join(temporaryDirectory(), 'absent'));
    expect.unreachable();
  } catch (error) {
    expect(errorCode(error)).toBe('ENOENT');
    expect(describeError(error)).toBe('not there');
  }
});

test('an error that Node has no name for is told in words too', () => {
  const quota = Object.assign(new Error('UNKNOWN: unknown error, write'), {code: 'UNKNOWN', errno: -122});
  expect(describeError(quota)).toBe('the disk quota is used up');
});

test('where a file could not be closed either, it is what went wrong first that is told', () => {
  const full = Object.assign(new Error('x'), {code: 'ENOSPC'});
  const both = (first: unknown) =>
    Object.assign(new Error('An error was suppressed'), {
      name: 'SuppressedError',
      error: new Error('close'),
      suppressed: first,
    });
  expect([errorCode(both(full)), isFull(both(full)), describeError(both(both(full)))]).toEqual([
    'ENOSPC',
    true,
    'the disk is full',
  ]);
  expect(reasonOf(both(new Problem(exitCode.failed, 'as it stands')))).toBe('as it stands');
});

test('an unknown error keeps its text, made safe for the terminal', () => {
  expect(describeError(new Error('odd \x1b[31m'))).toBe('odd \\u{1b}[31m');
  expect(describeError('thrown text')).toBe('thrown text');
});

test('a code that is no text is no code', () => {
  expect(errorCode(Object.assign(new Error('x'), {code: 5}))).toBe('');
  expect(errorCode({code: 'ENOENT'})).toBe('');
});

test.each([
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', /too large.*ulimit -f/],
  ['EIO', 'the disk failed (I/O error)'],
])('%s has words, also where Node has no code for it', (name, words) => {
  const errno = os.constants.errno[name as keyof typeof os.constants.errno];
  const error = Object.assign(new Error('x'), {errno: -errno, code: `Unknown system error -${errno}`});
  expect(errorCode(error)).toBe(name);
  expect(describeError(error)).toMatch(words);
});

test('advice follows from what is wrong', () => {
  const of = (code: string) => withAdvice(Object.assign(new Error(code), {code}));
  expect(of('EACCES')).toBe('permission denied: run as its owner, or as root');
  expect(of('ENOSPC')).toMatch(/^the disk is full: make room: .*prune --dry-run/);
  expect(of('ENOTDIR')).toBe('not a directory');
});

test('a disk that is full is known also as the cause of a problem', () => {
  const full = Object.assign(new Error('x'), {code: 'EDQUOT'});
  expect(isFull(new Problem(exitCode.failed, 'x', {cause: full}))).toBe(true);
  expect(isFull(new Problem(exitCode.failed, 'x'))).toBe(false);
});

test.each(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENAMETOOLONG', 'EROFS', 'EIO', 'ETXTBSY'])(
  '%s says what to do, and of which file, also where nobody foresaw it',
  (code) => {
    const error = Object.assign(new Error(`${code}: system text`), {code, path: '/srv/a file'});
    expect(withAdvice(error)).toMatch(/^[a-z].+: [a-z].{10,}$/);
    expect(describeSystemError(error)).toBe(`/srv/a file: ${withAdvice(error)}`);
    expect(describeSystemError(error)).not.toMatch(/system text|E[A-Z]{3}/);
  },
);

test('a file that was opened through its directory has the name that the operator knows', () => {
  const directory = temporaryDirectory();
  const fd = fs.openSync(directory, 'r');
  const error = Object.assign(new Error('x'), {code: 'EIO', path: `/proc/self/fd/${fd}/below`});
  expect(describeSystemError(error)).toMatch(`${directory}/below: `);
  fs.closeSync(fd);
  expect(describeSystemError(error)).toMatch(/^below: /);
});

test('what is no error of the system is none', () => {
  expect(describeSystemError(new TypeError('x is undefined'))).toBeNull();
  expect(describeSystemError('ENOSPC')).toBeNull();
});
