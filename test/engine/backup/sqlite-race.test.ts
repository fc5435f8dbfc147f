import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {afterEach, describe, expect, test} from 'vitest';
import {takeDatabase} from '../../../source/engine/datasets/take-database.ts';
import {copyFiles} from '../../../source/engine/hashing/copy-files.ts';
import {createHasher} from '../../../source/engine/hashing/wasm-hasher.ts';
import {environment, node} from '../../support/program.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const webUser = 33;
const times = 200;
const ends = ['', '-wal', '-shm', '-journal'];

const running = new Set<ChildProcess>();
const open = new Set<DatabaseSync>();
afterEach(async () => {
  for (const database of open) database.close();
  open.clear();
  await Promise.all(
    [...running].map((child) => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      return ended;
    }),
  );
  running.clear();
});

/** A database that says whose it is, left open. */
function make(file: string, said: string, mode: string): void {
  const database = new DatabaseSync(file);
  open.add(database);
  database.exec(`PRAGMA journal_mode=${mode}; CREATE TABLE t (said TEXT); INSERT INTO t VALUES ('${said}')`);
}

/** What another user does again and again, by a script's text, until the test is over. */
async function meanwhile(script: string, ...args: string[]): Promise<void> {
  const loop = `
    const fs = require('node:fs');
    const attempt = (action) => { try { action(); } catch {} };
    const [one, other] = process.argv.slice(1);
    const pause = () => { for (const until = performance.now() + Math.random() * 2; performance.now() < until; ); };
    fs.writeSync(1, 'ready');
    for (;;) { ${script} }`;
  const child = spawn(node, ['-e', loop, ...args], {
    env: environment,
    uid: webUser,
    gid: webUser,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('close', () => reject(new Error('the other user ended at once')));
  });
}

/** A directory of the web user's that he reaches, below one that is only root's. */
function directoryOf(uid: number): string {
  const top = temporaryDirectory();
  fs.chmodSync(top, 0o711);
  const directory = path.join(top, 'data');
  fs.mkdirSync(directory, {mode: 0o755});
  fs.chownSync(directory, uid, uid);
  return directory;
}

/** Opens and hashes as a run does; gives what the copy says. */
async function copyOnce(source: string, target: string): Promise<string | null> {
  const taken = await takeDatabase(source, target, new AbortController().signal, () => {});
  if (taken.how === 'failed' || taken.how === 'unwritable' || taken.how === 'cancelled') return null;
  if (taken.how !== 'copied') {
    const [directory, name] = [path.dirname(source), path.basename(source)];
    const job = {
      kind: 'copy' as const,
      directory: '/',
      segments: directory.split('/').filter(Boolean),
      files: [{name, as: path.basename(target)}],
      to: path.dirname(target),
      algorithm: 'sha256',
      owner: {uid: webUser, gid: webUser, mode: 0o40755},
      common: [],
      sync: false,
      ahead: false,
      noSharing: true,
    };
    const [result] = await copyFiles(job, createHasher, () => true);
    if (taken.how === 'locked') taken.release();
    if (result?.status !== 'copied') return null;
  }
  const bytes = fs.readFileSync(target, 'latin1');
  return /secret of root/.test(bytes) ? 'root' : /entry of the web user/.test(bytes) ? 'web user' : 'neither';
}

const swapFiles = `
  for (const end of ['', '-wal', '-shm', '-journal']) {
    attempt(() => fs.renameSync(one + end, one + end + '.away'));
    attempt(() => fs.symlinkSync(other + end, one + end));
  }
  for (const end of ['', '-wal', '-shm', '-journal']) {
    attempt(() => fs.unlinkSync(one + end));
    attempt(() => fs.renameSync(one + end + '.away', one + end));
  }
  pause();`;

const swapDirectory = `
  attempt(() => fs.renameSync(one, one + '.away'));
  attempt(() => fs.symlinkSync(other, one));
  attempt(() => fs.unlinkSync(one));
  attempt(() => fs.renameSync(one + '.away', one));
  pause();`;

describe.runIf(process.getuid?.() === 0)('while another user swaps what root copies', () => {
  test.each([
    ['the database', 'WAL', swapFiles],
    ['the database', 'DELETE', swapFiles],
    ['its directory', 'WAL', swapDirectory],
    ['its directory', 'DELETE', swapDirectory],
  ])(
    '%s, in %s mode: nothing that only root may read is in a copy',
    {timeout: 300_000},
    async (what, mode, script) => {
      const home = directoryOf(webUser);
      const data = path.join(home, 'inner');
      fs.mkdirSync(data);
      fs.chownSync(data, webUser, webUser);
      const secrets = temporaryDirectory();
      const [source, secret] = [path.join(data, 'ledger.sqlite'), path.join(secrets, 'ledger.sqlite')];
      make(source, 'entry of the web user', mode);
      make(secret, 'secret of root', mode);
      for (const end of ends) if (fs.existsSync(source + end)) fs.chownSync(source + end, webUser, webUser);
      const before = fs
        .readdirSync(secrets)
        .map((name) => [name, fs.statSync(path.join(secrets, name)).mtimeMs]);
      const made = temporaryDirectory();
      await meanwhile(script, ...(what === 'the database' ? [source, secret] : [data, secrets]));
      const said: Record<string, number> = {};
      // On until he has left it alone for a moment, too: else the test would prove nothing.
      const until = performance.now() + 120_000;
      const isMore = (time: number) => time < times || (!said['web user'] && performance.now() < until);
      for (let time = 0; isMore(time); time++) {
        const target = path.join(made, `copy-${time}`);
        const one = (await copyOnce(source, target)) ?? 'nothing';
        said[one] = (said[one] ?? 0) + 1;
        fs.rmSync(target, {force: true});
      }
      expect(said).not.toHaveProperty('root');
      expect(said['web user'] ?? 0).toBeGreaterThan(0);
      expect(Object.values(said).reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(times);
      // Nothing was opened there for writing, and no lock's index made anew.
      expect(
        fs.readdirSync(secrets).map((name) => [name, fs.statSync(path.join(secrets, name)).mtimeMs]),
      ).toEqual(before);
    },
  );

  test.each(['WAL', 'DELETE'])(
    'on a file system that is all his, where no second name can be given: a %s database is copied with all its rows',
    async (mode) => {
      const disk = temporaryDirectory();
      execFileSync('mount', ['-t', 'tmpfs', '-o', `uid=${webUser},mode=755,size=8m`, 'none', disk]);
      try {
        const source = path.join(disk, 'ledger.sqlite');
        make(source, 'entry of the web user', mode);
        const target = path.join(temporaryDirectory(), 'copy');
        expect(await copyOnce(source, target)).toBe('web user');
        expect(fs.existsSync(`${source}-wal`)).toBe(mode === 'WAL');
      } finally {
        for (const database of open) database.close();
        open.clear();
        execFileSync('umount', [disk]);
      }
    },
  );

  test.each([
    ['WAL', 'through SQLite'],
    ['left by a kill', 'recovered'],
  ])('the directory of the copy, %s: nothing is written elsewhere', {timeout: 300_000}, async (mode) => {
    const data = directoryOf(webUser);
    const source = path.join(data, 'ledger.sqlite');
    make(source, 'entry of the web user', 'WAL');
    if (mode !== 'WAL') {
      const left = ['', '-wal'].map((end) => [end, fs.readFileSync(source + end)] as const);
      for (const database of open) database.close();
      open.clear();
      for (const [end, bytes] of left) fs.writeFileSync(source + end, bytes);
    }
    const building = directoryOf(webUser);
    const own = path.join(building, 'own');
    fs.mkdirSync(own, {mode: 0o700});
    const elsewhere = temporaryDirectory();
    fs.writeFileSync(path.join(elsewhere, 'copy'), '');
    await meanwhile(swapDirectory, own, elsewhere);
    let fd: number | undefined;
    while (fd === undefined) {
      try {
        fd = fs.openSync(own, fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
      } catch {
        // Away at that moment.
      }
    }
    try {
      for (let time = 0; time < times; time++) {
        const target = `/proc/self/fd/${fd}/copy`;
        expect(await copyOnce(source, target)).toBe('web user');
        fs.unlinkSync(target);
        expect(fs.readdirSync(`/proc/self/fd/${fd}`)).toEqual([]);
      }
    } finally {
      fs.closeSync(fd);
    }
    expect(fs.readdirSync(elsewhere)).toEqual(['copy']);
    expect(fs.statSync(path.join(elsewhere, 'copy')).size).toBe(0);
  });
});
