import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {started, whyNotStarted} from '../../../source/engine/base/start.ts';
import {Checker} from '../../../source/engine/content/checker.ts';
import {startRestore} from '../../../source/engine/restore/start.ts';
import {makeSession} from '../../../source/engine/session/sessions.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRoot} from '../../support/backups.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

test.each([
  ['EAGAIN', /^no more processes or threads may be made: "ulimit -u" shows/],
  ['ENOMEM', /^there is too little memory: stop/],
  ['EMFILE', /^too many open files/],
])('the words for %s', (code, words) => {
  expect(whyNotStarted(Object.assign(new Error(`spawn true ${code}`), {code}))).toMatch(words);
  const thread = {code: 'ERR_WORKER_INIT_FAILED'};
  expect(whyNotStarted(Object.assign(new Error(code), thread))).toMatch(words);
  expect(whyNotStarted(Object.assign(new Error(`Worker initialization failure: ${code}`), thread))).toMatch(
    words,
  );
});

test('a program that is not there is said to be missing', async () => {
  await expect(started('tool', () => spawn('/nonexistent/tool'))).rejects.toThrow('tool is not installed');
});

describe('a process of ours that never comes up', () => {
  const {execPath} = process;
  afterEach(() => {
    process.execPath = execPath;
  });

  /** Puts a program in the place of the runtime that does nothing, and says by its file who it is. */
  function neverUp(): () => number {
    const directory = temporaryDirectory();
    const file = path.join(directory, 'node');
    fs.writeFileSync(file, '#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n', {mode: 0o755});
    process.execPath = file;
    return () => Number(fs.readFileSync(`${file}.pid`, 'utf8'));
  }

  const isGone = (pid: number) => expect(() => process.kill(pid, 0)).toThrow('ESRCH');

  test('ends the check of what is inside, and is not tried for each copy', async () => {
    neverUp();
    const checker = new Checker(100);
    const job = {directory: '/', segments: ['a'], bytes: 1, mtimeMs: 1, into: null};
    const failure = /cannot be started: it said nothing for 0.1 seconds: there may be too many processes/;
    await expect(checker.ask(job)).rejects.toThrow(failure);
    process.execPath = '/nonexistent/node';
    await expect(checker.ask(job)).rejects.toThrow(failure);
  });

  test('ends the restore, and its log says why', async () => {
    const pid = neverUp();
    const state = openState(makeRoot().root);
    const {directory} = makeSession(state);
    const log = `${directory.name}/restore.log`;
    // It has to have said who it is before it is ended.
    const {isGone: hasEnded} = await startRestore({} as never, directory, 1000);
    directory.close();
    state.close();
    await vi.waitFor(() => expect(hasEnded()).toBe(true), {timeout: 20_000});
    expect(fs.readFileSync(log, 'utf8')).toMatch(/node cannot be started: it said nothing for 1 seconds/);
    isGone(pid());
  });
});
