import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {describeError, errorCode} from '../../source/engine/problem.ts';
import {temporaryDirectory} from '../support/temporary.ts';

test('a system call that fails is told in words', () => {
  try {
    fs.readFileSync(path.join(temporaryDirectory(), 'absent'));
    expect.unreachable();
  } catch (error) {
    expect(errorCode(error)).toBe('ENOENT');
    expect(describeError(error)).toBe('not there');
  }
});

test('an unknown error keeps its text, made safe for the terminal', () => {
  expect(describeError(new Error('odd \x1b[31m'))).toBe('odd \\u{1b}[31m');
  expect(describeError('thrown text')).toBe('thrown text');
});

test('a code that is no text is no code', () => {
  expect(errorCode(Object.assign(new Error('x'), {code: 5}))).toBe('');
  expect(errorCode({code: 'ENOENT'})).toBe('');
});
