import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import {expect, test} from 'vitest';
import {metricsFile} from '../../../source/engine/config/metrics-file.ts';
import {openWriter} from '../../../source/engine/retention/writer.ts';
import {JournalFile} from '../../../source/engine/session/journal.ts';
import {
  lockSession,
  makeSession,
  readSession,
  stoppedSession,
  thisProcess,
  whyRecover,
} from '../../../source/engine/session/sessions.ts';
import {lockState} from '../../../source/engine/storage/runbook/lock.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeRoot} from '../../support/backups.ts';
import {aJournal} from '../../support/journals.ts';

/** Holds the kernel's lock on a file or directory, as a process does that cannot be seen. @returns ends it */
async function holdFlock(file: string): Promise<() => Promise<void>> {
  const child = spawn('flock', ['-x', file, 'sh', '-c', 'echo held; read -r line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  return () => {
    child.stdin.end();
    return ended;
  };
}

/** A process that is not there, as one looks that cannot be seen. */
const unseen = {...thisProcess(), pid: 2 ** 22 - 1, started: 'another boot 1'};

test('a restore whose process cannot be seen is at work while it holds its lock', async () => {
  const {root, backups} = makeRoot();
  const state = openState(root);
  const {directory} = makeSession(state);
  new JournalFile(directory.path, aJournal({state: state.real, phase: 'commit', process: unseen})).write();
  lockSession(directory)();
  directory.close();
  expect(fs.statSync(`${state.path}/sessions/1/lock`).mode & 0o777).toBe(0o600);
  const release = await holdFlock(`${state.real}/sessions/1/lock`);
  expect(readSession(state, 1)?.running).toBe(true);
  expect(stoppedSession(state)).toBeNull();
  // The lock of the root can be deleted under it.
  expect(stoppedSession(state, true)).toBeNull();
  const configuration = {metrics: {value: metricsFile(root), from: 'a test', problem: null}};
  const write = () => openWriter({root, backups, configuration, doing: 'backup run'});
  expect(write).toThrow(`The restore of session 1 is running, and ${state.name}/lock was deleted under it`);
  await release();
  expect(write).toThrow('The restore of session 1 stopped halfway');
  expect(readSession(state, 1)?.running).toBe(false);
  expect(stoppedSession(state)?.number).toBe(1);
  expect(stoppedSession(state, true)?.number).toBe(1);
});

test.each([
  ['prepare', 'before it changed anything. Clean up: "magds restore --rollback".'],
  ['back', 'while it was rolled back. Finish that: "magds restore --rollback".'],
] as const)('one that stopped in %s is offered no --resume', (phase, expected) => {
  const {root} = makeRoot();
  const state = openState(root);
  const {directory} = makeSession(state);
  new JournalFile(directory.path, aJournal({state: state.real, phase, process: unseen})).write();
  directory.close();
  expect(whyRecover(state)).toBe(`The restore of session 1 stopped ${expected}`);
});

test('so is a writer', async () => {
  const {root} = makeRoot();
  const state = openState(root);
  const file = `${state.real}/lock`;
  const record = {
    user: 'www-data',
    since: '2026-01-01T00:00:00Z',
    doing: 'backup run',
    ...unseen,
    host: os.hostname(),
  };
  fs.writeFileSync(file, JSON.stringify(record));
  const release = await holdFlock(file);
  expect(lockState(state)).toMatchObject({state: 'held', owner: {doing: 'backup run'}});
  await release();
  expect(lockState(state)).toMatchObject({state: 'gone'});
});
