import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import {started} from '../../base/start.ts';
import {flockName} from '../../storage/runbook/lock-file.ts';
import {describeHolders, type LockHolder, lockHolders, readersHolding} from './lock-holders.ts';

/** Seconds that another writer may take; the kernel's own takes milliseconds. */
const patience = 5;

/**
 * Takes the lock that PHP's flock() takes, on the open file itself; it ends when that is closed. Node has none of its
 * own: flock(1) takes it on the descriptor that it inherits, and it stays with the process that opened the file.
 * @param seconds that it is waited for
 * @throws LockHeld where it cannot be had within that time
 */
export async function takeFlock(fd: number, seconds = patience): Promise<void> {
  const child = await started(flockName, () =>
    spawn('flock', ['-x', '-w', String(seconds), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
      // What is typed at the terminal, such as Ctrl-C, is for us: what has happened is told all the same.
      detached: true,
    }),
  );
  const [code, signal] = await once(child, 'exit');
  if (code === 0) return;
  if (code !== 1) throw new Error(`${flockName} failed with ${code ?? signal}`);
  throw new LockHeld(lockHolders(fd), seconds);
}

/** Another process has the lock, and keeps it. */
class LockHeld extends Error {
  /** @param holders null where none is seen to hold it */
  constructor(holders: LockHolder[] | null, seconds: number) {
    const who = holders ? describeHolders(holders) : 'another process';
    const end = holders
      ? `see what it does, and stop it: kill ${holders.map(({pid}) => pid).join(' ')}`
      : '"lslocks" says which';
    super(`${who} has held its lock for ${seconds} seconds (${end})`);
  }
}

/** Milliseconds for which one that only reads is not waited for again. */
const ignoredFor = 60_000;
const ignored = new Map<string, number>();

/**
 * The same, for a log that others may read: a user who may read a file may lock it, and could keep others from writing.
 * One who may not write it is waited for once, and is then passed over: each line is added in one piece (O_APPEND), so
 * that none is lost by it.
 */
export async function takeLogLock(fd: number): Promise<void> {
  const stats = fs.fstatSync(fd);
  const key = `${stats.dev}:${stats.ino}`;
  const isIgnored = (ignored.get(key) ?? 0) > performance.now();
  try {
    await takeFlock(fd, isIgnored ? 0 : patience);
    ignored.delete(key);
  } catch (error) {
    const isReader = error instanceof LockHeld && readersHolding(fd) !== null;
    if (isReader) ignored.set(key, performance.now() + ignoredFor);
    // Another one than before has it: that is waited for.
    else if (isIgnored && ignored.delete(key)) await takeLogLock(fd);
    else throw error;
  }
}
