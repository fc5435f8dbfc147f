import fs from 'node:fs';
import os from 'node:os';
import type {Directory} from '../../base/directory.ts';
import {asciiJson} from '../../base/escape.ts';
import {closing, notRegular, safeRead, seenAt} from '../../base/files.ts';
import {userName} from '../../base/owner.ts';
import {describeError, exitCode, Problem, withAdvice} from '../../base/problem.ts';
import {statOf} from '../../base/process.ts';
import {clearMade, giveAway, isFlocked, openLock, tryFlock} from './lock-file.ts';
import {describeOwner, type LockOwner, readOwner, writeRecord} from './lock-record.ts';

type Lock = {owner: LockOwner; release(): void};

export type LockRequest = {
  doing: string;
  /** The host whose lock is taken although it cannot be told here whether its owner lives (`--break-lock`). */
  breakHost?: string | undefined;
};

/** When a process began, so that another one with the same number is not taken for it; null where it is gone. */
export function startOf(pid: number): string | null {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id').toString('latin1').trim();
    const {0: state, 19: since} = statOf(pid);
    // In a container there is often no process that buries the dead.
    return since === undefined || state === 'Z' || state === 'X' ? null : `${boot} ${since}`;
  } catch {
    return null;
  }
}

const locked = (message: string): never => {
  throw new Problem(
    exitCode.locked,
    `${message} Nothing was changed. Listing and verifying do not wait for it.`,
  );
};

/** @throws Problem (exit 11) where the owner recorded in the file may still be at work */
function checkOwner(fd: number, breakHost: string | undefined): void {
  const owner = readOwner(fd);
  // A torn record is that of a process killed while it wrote it: the kernel's lock was free.
  if (owner === 'nobody' || owner === 'unreadable') return;
  const who = describeOwner(owner, Date.now());
  if (owner.host !== os.hostname()) {
    if (breakHost === owner.host) return;
    const other = breakHost === undefined ? '' : ` --break-lock=${breakHost} names another host.`;
    locked(
      `Locked by ${who}, which cannot be asked from here.${other} Only if that process is certainly gone: --break-lock=${owner.host}.`,
    );
  }
  if (owner.pid !== process.pid && startOf(owner.pid) === owner.started)
    locked(`Locked by ${who}. Wait until it is done.`);
}

/** Opened, and locked by the kernel; one that was removed meanwhile would keep no other process out. */
function openFlocked(state: Directory): number {
  for (let tries = 0; tries < 10; tries++) {
    const fd = openLock(state);
    try {
      if (!tryFlock(fd)) {
        const owner = readOwner(fd);
        locked(
          typeof owner === 'string'
            ? 'Locked by another process, which has not said yet what it is doing. Wait until it is done.'
            : `Locked by ${describeOwner(owner, Date.now())}. Wait until it is done.`,
        );
      }
      const {dev, ino} = fs.fstatSync(fd);
      const named = seenAt(`${state.path}/lock`);
      if (named?.ino === ino && named.dev === dev) return fd;
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
    fs.closeSync(fd);
  }
  return locked(`${state.name}/lock keeps being replaced: find out by whom.`);
}

/**
 * It is about to be written over, and given away: a user who may write to the directory could have put a file of root's
 * there, to read it.
 * @throws Problem where it is none of ours
 */
function checkIsLock(fd: number, state: Directory): void {
  if (fs.fstatSync(fd).uid !== state.stats.uid && readOwner(fd) === 'unreadable')
    throw new Problem(
      exitCode.failed,
      `${state.name}/lock is not a lock: move it away. Nothing was changed.`,
    );
}

/**
 * Becomes the one writer of a root. A dead owner's lock is taken over, a foreign host's only if it is named.
 * @throws Problem (exit 11) that says who holds it
 */
export function takeLock(state: Directory, {doing, breakHost}: LockRequest): Lock {
  const fd = openFlocked(state);
  try {
    clearMade(state);
    checkOwner(fd, breakHost);
    const owner: LockOwner = {
      pid: process.pid,
      started: startOf(process.pid) ?? '',
      host: os.hostname(),
      user: userName(),
      since: `${new Date().toISOString().slice(0, 19)}Z`,
      doing,
    };
    checkIsLock(fd, state);
    giveAway(fd, state.stats);
    writeRecord(fd, asciiJson(owner));
    return {owner, release: () => releaseLock(fd)};
  } catch (error) {
    fs.closeSync(fd);
    if (error instanceof Problem) throw error;
    throw new Problem(
      exitCode.failed,
      `${state.name}/lock cannot be used: ${withAdvice(error)}. Nothing was changed.`,
    );
  }
}

/** What was done is done: a record that cannot be taken out names a process that is gone soon. */
function releaseLock(fd: number): void {
  using _ = closing(fd);
  try {
    writeRecord(fd, '');
  } catch {
    // The kernel's lock ends here all the same.
  }
}

/** `gone`: its process was killed, and the next writer takes it over. */
export type LockState =
  | {state: 'free'}
  | {state: 'held' | 'gone'; owner: LockOwner}
  | {state: 'unreadable'; reason: string};

/** What there is to be seen of a root's lock, without asking for it. */
export function lockState(state: Directory): LockState {
  const file = `${state.path}/lock`;
  try {
    const stats = seenAt(file);
    if (!stats) return {state: 'free'};
    const kind = notRegular(stats);
    if (kind) return {state: 'unreadable', reason: `it is ${kind}, not a file`};
    const fd = fs.openSync(file, safeRead);
    using _ = closing(fd);
    if (!fs.fstatSync(fd).isFile()) return {state: 'unreadable', reason: 'it was swapped'};
    const owner = readOwner(fd);
    // A torn record is that of a process killed while it wrote it.
    if (typeof owner === 'string') return {state: 'free'};
    // A process that cannot be seen may be at work all the same: in another container, or another user's.
    const gone = owner.host === os.hostname() && startOf(owner.pid) !== owner.started && !isFlocked(fd);
    return {state: gone ? 'gone' : 'held', owner};
  } catch (error) {
    return {state: 'unreadable', reason: describeError(error)};
  }
}

/**
 * Who holds a root's lock, without asking for it; null when no process does, or it is no lock, or may not be read:
 * whoever writes is told so.
 */
export function lockOwner(state: Directory): LockOwner | null {
  const seen = lockState(state);
  return seen.state === 'held' ? seen.owner : null;
}
