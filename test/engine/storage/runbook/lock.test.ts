import type {ChildProcess} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import type {Directory} from '../../../../source/engine/base/directory.ts';
import {exitCode, Problem} from '../../../../source/engine/base/problem.ts';
import {
  type LockRequest,
  lockOwner,
  startOf,
  takeLock,
} from '../../../../source/engine/storage/runbook/lock.ts';
import {openState} from '../../../../source/engine/storage/runbook/state-directory.ts';

import {makeBackup, makeRoot} from '../../../support/backups.ts';
import {node} from '../../../support/program.ts';
import {execute, jsonLines, magds, type Outcome} from '../../../support/run.ts';
import {makePipe} from '../../../support/temporary.ts';

const host = os.hostname();
const user = os.userInfo().username;
const doing = 'backup run';
const id = '20260101_000000';
const runbook = path.resolve(import.meta.dirname, '../../../../source/engine/storage/runbook');

function makePlace() {
  const {root, backups} = makeRoot();
  const state = openState(root);
  const file = `${root}/storage/runbook/lock`;
  return {root, backups, state, file};
}

type Holder = {child: ChildProcess; ended: Promise<Outcome>};

/** Another process that takes the lock and keeps it until it is killed. */
function holdLock(root: string): Promise<Holder> {
  const script = `
    import {takeLock} from ${JSON.stringify(`${runbook}/lock.ts`)};
    import {openState} from ${JSON.stringify(`${runbook}/state-directory.ts`)};
    takeLock(openState(${JSON.stringify(root)}), {doing: ${JSON.stringify(doing)}});
    console.log('held');
    setInterval(() => {}, 60_000);`;
  return new Promise((resolve, reject) => {
    const ended: Promise<Outcome> = execute(node, ['--input-type=module', '-e', script], {
      onStdout: (_, child) => resolve({child, ended}),
    });
    ended.then(({stderr}) => reject(new Error(`the lock could not be taken: ${stderr}`)), reject);
  });
}

function refusal(state: Directory, request: Partial<LockRequest> = {}): {exit: number; message: string} {
  try {
    takeLock(state, {doing, ...request});
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return {exit: error.exit, message: error.message};
  }
  throw new Error('the lock was taken');
}

/** What is said of a lock whose owner began a moment ago. */
const lockedBy = (pid: number | undefined, since: string) =>
  `Locked by "backup run", process ${pid} of ${user} on ${host}, since ${since} (just now). Wait until it is done. Nothing was changed. Listing and verifying do not wait for it.`;

/** A process that is dead, and that nobody has buried: who started it has become another program. */
async function makeZombie(): Promise<number> {
  let zombie = 0;
  // It ends once bash, which would bury it, is gone.
  const script = '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 60';
  void execute('bash', ['-c', script], {
    onStdout: (text) => {
      zombie = Number(text);
    },
  });
  await vi.waitFor(() => expect(fs.readFileSync(`/proc/${zombie}/stat`, 'latin1')).toContain(') Z '), 20_000);
  return zombie;
}

test('a lock that is another file too is not written to', () => {
  const {state, file} = makePlace();
  const other = `${path.dirname(file)}/../other`;
  fs.writeFileSync(other, 'stays');
  fs.linkSync(other, file);
  expect(refusal(state)).toEqual({
    exit: exitCode.failed,
    message: `${state.name}/lock: it has another name: move it away. Nothing was changed.`,
  });
  expect(fs.readFileSync(other, 'utf8')).toBe('stays');
});

test('a lock whose maker was killed before he removed its first name is taken', () => {
  const {state, file} = makePlace();
  fs.writeFileSync(file, '');
  const first = `${path.dirname(file)}/.lock.4711.new`;
  fs.linkSync(file, first);
  const {release} = takeLock(state, {doing});
  expect(fs.existsSync(first)).toBe(false);
  expect(lockOwner(state)?.pid).toBe(process.pid);
  release();
});

test.runIf(process.getuid?.() === 0)('a file of root’s in the place of the lock is not given away', () => {
  for (const [uid, size, why] of [
    [0, 5, ' is not a lock'],
    [1234, 0, ': it belongs to uid 1234, not to you or nobody'],
  ] as const) {
    const {root, state, file} = makePlace();
    fs.chownSync(`${root}/storage/runbook`, 65534, 65534);
    fs.writeFileSync(file, 's'.repeat(size), {mode: 0o600});
    fs.chownSync(file, uid, uid);
    expect(refusal(state)).toEqual({
      exit: exitCode.failed,
      message: `${file}${why}: move it away. Nothing was changed.`,
    });
    expect(fs.statSync(file)).toMatchObject({uid, size});
  }
});

test('a process that is dead, but not buried, is gone', async () => {
  expect(startOf(process.pid)).toMatch(/^[0-9a-f-]{36} \d+$/);
  expect(startOf(await makeZombie())).toBeNull();
});

const recorded = (file: string) => JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, string>;

const foreign = {
  pid: 4711,
  started: 'boot 1',
  host: 'db2.example',
  user: 'www-data',
  since: '2026-01-01T00:00:00Z',
  doing: 'backup prune',
};

describe('a free lock', () => {
  test('is taken, names its owner, and is nobody’s after its release', () => {
    const {state, file} = makePlace();
    const {owner, release} = takeLock(state, {doing});
    expect(owner).toEqual({
      pid: process.pid,
      started: expect.stringMatching(/^[0-9a-f-]{36} \d+$/) as string,
      host,
      user,
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      doing,
    });
    expect(recorded(file)).toEqual(owner);
    expect(lockOwner(state)).toEqual(owner);
    release();
    expect(fs.readFileSync(file, 'utf8').trim()).toBe('');
    expect(lockOwner(state)).toBeNull();
    takeLock(state, {doing}).release();
  });

  test('keeps its length, so that its block is there when the disk is full', () => {
    const {state, file} = makePlace();
    const {release} = takeLock(state, {doing});
    const {size, blocks, ino} = fs.statSync(file);
    release();
    expect(fs.statSync(file)).toMatchObject({size, blocks, ino});
    expect(size).toBe(1024);
  });

  test('can be taken by the next who may write to its directory, and read by no other', () => {
    const {root, state, file} = makePlace();
    if (process.getuid?.() === 0) fs.chownSync(`${root}/storage/runbook`, 65534, 100);
    fs.chmodSync(`${root}/storage/runbook`, 0o2775);
    takeLock(state, {doing}).release();
    const {uid, gid, mode} = fs.statSync(file);
    const directory = fs.statSync(`${root}/storage/runbook`);
    expect([uid, gid, (mode & 0o7777).toString(8)]).toEqual([directory.uid, directory.gid, '660']);
  });

  test('keeps a second writer of the same process out', () => {
    const {state} = makePlace();
    const {owner, release} = takeLock(state, {doing});
    expect(refusal(state)).toEqual({exit: exitCode.locked, message: lockedBy(process.pid, owner.since)});
    // Being refused took nothing from who holds it.
    expect(lockOwner(state)).toEqual(owner);
    release();
  });
});

describe('while a process holds it', () => {
  test('every command that writes is exit 11, and says who holds it', async () => {
    const {root, backups, file} = makePlace();
    makeBackup({backups, id});
    const {child} = await holdLock(root);
    const message = lockedBy(child.pid, recorded(file)['since'] ?? '');
    const writing = [['run'], ['run', '--json'], ['prune'], ['pin', id, '--reason=x'], ['unpin', id]];
    const commands = [...writing, ['run', `--break-lock=${host}`], ['run', '--break-lock=other']];
    const outcomes = commands.map((words) => magds(['backup', ...words, '--root', root]));
    const ends = `${JSON.stringify({message_type: 'exit_error', code: 11, message})}\n`;
    for (const [index, outcome] of (await Promise.all(outcomes)).entries()) {
      const stdout = commands[index]?.includes('--json') ? ends : '';
      expect(outcome).toMatchObject({code: 11, stdout, stderr: `magds: ${message}\n`});
    }
    expect(fs.readdirSync(backups)).toEqual([id]);
    expect(child.exitCode).toBeNull();
  });

  test('what only looks, and verifying, does not wait', async () => {
    const {root, backups} = makePlace();
    makeBackup({backups, id});
    const {child} = await holdLock(root);
    fs.mkdirSync(`${root}/storage/state`);
    fs.writeFileSync(`${root}/storage/state/system.json`, '{}');
    const looking = [
      ['list'],
      ['show', id],
      ['verify', '--all'],
      ['prune', '--dry-run'],
      ['run', '--dry-run'],
    ];
    const outcomes = looking.map((words) => magds(['backup', ...words, '--root', root]));
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({code: 0, stderr: ''});
    expect(child.exitCode).toBeNull();
  });

  test('of two runs at once one gets it', async () => {
    const {root, file} = makePlace();
    const source = `${root}/storage/state/system.json`;
    fs.mkdirSync(path.dirname(source));
    fs.writeFileSync(source, '');
    fs.truncateSync(source, 200 * 1024 ** 3);
    const run = ['backup', 'run', '--root', root];
    let second: Promise<{pid: number | undefined; since: string; outcome: Outcome}> | undefined;
    const first = await magds([...run, '--json'], {
      onStdout: (_, child) => {
        second ??= magds(run)
          .then((outcome) => ({pid: child.pid, since: recorded(file)['since'] ?? '', outcome}))
          .finally(() => child.kill('SIGINT'));
      },
    });
    const {pid, since, outcome} = (await second) ?? {};
    expect(outcome).toMatchObject({code: 11, stdout: '', stderr: `magds: ${lockedBy(pid, since ?? '')}\n`});
    expect(first.code).toBe(130);
    expect(jsonLines(first.stdout).at(-1)).toMatchObject({result: 'cancelled'});
    expect(fs.readFileSync(file, 'utf8').trim()).toBe('');
  });
});

describe('taken over is the lock', () => {
  test('of a process that was killed', async () => {
    const {root, state, file} = makePlace();
    const {child, ended} = await holdLock(root);
    child.kill('SIGKILL');
    await ended;
    expect(recorded(file)).toMatchObject({pid: child.pid});
    expect(lockOwner(state)).toBeNull();
    const {owner, release} = takeLock(state, {doing: 'backup prune'});
    expect(recorded(file)).toEqual(owner);
    expect(owner).toMatchObject({pid: process.pid, doing: 'backup prune'});
    release();
  });

  test.each([
    ['torn', `{"pid":${process.pid},"sta`],
    ['of something else', '["a"]'],
    ['longer than any', 'x'.repeat(100_000)],
  ])('whose record is %s', (_, text) => {
    const {state, file} = makePlace();
    fs.writeFileSync(file, text);
    expect(lockOwner(state)).toBeNull();
    const {owner, release} = takeLock(state, {doing});
    expect(recorded(file)).toEqual(owner);
    release();
  });

  test('of a process whose number another one has by now', () => {
    const {state, file} = makePlace();
    fs.writeFileSync(file, JSON.stringify({...foreign, host, pid: process.ppid, started: 'boot 1'}));
    expect(lockOwner(state)).toBeNull();
    takeLock(state, {doing}).release();
  });
});

test('a recorded owner that lives is believed, also where the kernel knows of no lock', async () => {
  const {state, file} = makePlace();
  const elsewhere = makePlace();
  const {child} = await holdLock(elsewhere.root);
  fs.copyFileSync(elsewhere.file, file);
  const {since} = recorded(file);
  expect(refusal(state)).toEqual({exit: exitCode.locked, message: lockedBy(child.pid, since ?? '')});
  expect(recorded(file)).toMatchObject({pid: child.pid});
});

describe("another host's lock", () => {
  const who =
    /^Locked by "backup prune", process 4711 of www-data on db2\.example, since 2026-01-01T00:00:00Z \(\S+ ago\), which cannot be asked from here\./;
  const advice =
    ' Only if that process is certainly gone: --break-lock=db2.example. Nothing was changed. Listing and verifying do not wait for it.';

  test.each([
    [undefined, ''],
    ['db1.example', ' --break-lock=db1.example names another host.'],
    [host, ` --break-lock=${host} names another host.`],
  ])('stays with --break-lock=%s', (breakHost, remark) => {
    const {state, file} = makePlace();
    fs.writeFileSync(file, JSON.stringify(foreign));
    const {exit, message} = refusal(state, {breakHost});
    expect(exit).toBe(exitCode.locked);
    expect(message).toMatch(who);
    expect(message.replace(who, '')).toBe(remark + advice);
    expect(recorded(file)).toEqual(foreign);
    expect(lockOwner(state)).toEqual(foreign);
  });

  test('is taken by --break-lock with its name', async () => {
    const {root, state, file} = makePlace();
    fs.writeFileSync(file, JSON.stringify(foreign));
    expect(await magds(['backup', 'prune', '--root', root])).toMatchObject({code: 11, stdout: ''});
    expect(await magds(['backup', 'prune', '--break-lock=db2.example', '--root', root])).toMatchObject({
      code: 0,
    });
    expect(fs.readFileSync(file, 'utf8').trim()).toBe('');
    takeLock(state, {doing}).release();
  });
});

describe('refused, without hanging, is a lock that is', () => {
  test('a pipe', () => {
    const {state, file} = makePlace();
    makePipe(file);
    expect(refusal(state)).toEqual({
      exit: exitCode.failed,
      message: `${file}: it is a pipe (FIFO), not a file: move it away. Nothing was changed.`,
    });
  });

  test.each(['a file', 'nothing'])('a link to %s', (what) => {
    const {root, state, file} = makePlace();
    const target = `${root}/target`;
    if (what === 'a file') fs.writeFileSync(target, 'precious');
    fs.symlinkSync(target, file);
    expect(lockOwner(state)).toBeNull();
    expect(() => takeLock(state, {doing})).toThrow();
    expect(fs.existsSync(target) && fs.readFileSync(target, 'utf8')).toBe(what === 'a file' && 'precious');
  });
});
