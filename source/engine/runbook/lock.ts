import {spawnSync} from 'node:child_process';
import fs, {constants} from 'node:fs';
import os from 'node:os';
import * as z from 'zod/mini';
import {asciiJson} from '../escape.ts';
import {formatAge} from '../format.ts';
import {owns, userName, userNameOf} from '../owner.ts';
import {describeError, errorCode, exitCode, Problem} from '../problem.ts';
import type {Directory} from './directory.ts';

/** Who writes to a root just now. */
const ownerSchema = z.object({
  pid: z.int(),
  /** Start time of the process, as /proc counts it, with the boot it belongs to: a number is given to many processes. */
  started: z.string(),
  host: z.string(),
  user: z.string(),
  /** UTC, ISO 8601. */
  since: z.string(),
  /** The command, in the operator's words: `backup run`. */
  doing: z.string(),
});

export type LockOwner = z.infer<typeof ownerSchema>;

export type Lock = {owner: LockOwner; release(): void};

export type LockRequest = {
  doing: string;
  /** The host whose lock is taken although nobody here can tell whether its owner lives (`--break-lock`). */
  breakHost?: string | undefined;
};

const largest = 4096;

/** When a process began, so that another one with the same number is not taken for it; null where it is gone. */
export function startOf(pid: number): string | null {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id').toString('latin1').trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`).toString('latin1');
    // The name in parentheses may hold anything; the 22nd field is the 20th behind it.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return null;
  }
}

/**
 * Takes the kernel's lock on the open file; it ends with this process, however that ends. Node has no flock of its own,
 * and the command's lock stays with the descriptor that it was given.
 */
function tryFlock(fd: number): boolean {
  const {status, error} = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  if (status === 0) return true;
  if (error || status !== 1) {
    throw new Problem(
      exitCode.failed,
      `flock (package util-linux) ${errorCode(error) === 'ENOENT' ? 'is not installed' : `failed with ${status ?? error?.message}`}: without it two writers cannot be kept apart. Nothing was changed.`,
    );
  }
  return false;
}

function readOwner(fd: number): LockOwner | 'nobody' | 'unreadable' {
  const data = Buffer.alloc(largest);
  const text = data.toString('utf8', 0, fs.readSync(fd, data, 0, largest, 0)).trim();
  if (text === '') return 'nobody';
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** Who holds a lock, for the operator. */
export function describeOwner({doing, pid, user, host, since}: LockOwner, now: number): string {
  const age = (now - Date.parse(since)) / 1000;
  const ago = Number.isNaN(age) ? '' : ` (${age < 60 ? 'just now' : `${formatAge(age)} ago`})`;
  return `"${doing}", process ${pid} of ${user} on ${host}, since ${since}${ago}`;
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
      `Locked by ${who}, which cannot be asked from here.${other} Only if that process is surely gone: --break-lock=${owner.host}.`,
    );
  }
  if (owner.pid !== process.pid && startOf(owner.pid) === owner.started)
    locked(`Locked by ${who}. Wait until it is done.`);
}

function write(fd: number, text: string): void {
  const data = Buffer.from(text);
  fs.ftruncateSync(fd, 0);
  for (let written = 0; written < data.length; )
    written += fs.writeSync(fd, data, written, data.length - written, written);
  fs.fsyncSync(fd);
}

function openLock(file: string, flags: number, name: string): number {
  try {
    return fs.openSync(file, flags, 0o600);
  } catch (error) {
    const denied = errorCode(error) === 'EACCES';
    const owner = denied ? fs.lstatSync(file, {throwIfNoEntry: false}) : undefined;
    const advice = owner
      ? `it belongs to ${userNameOf(owner.uid)}: run as that user, or as root`
      : 'move it away';
    throw new Problem(exitCode.failed, `${name}: ${describeError(error)}; ${advice}. Nothing was changed.`);
  }
}

/**
 * Becomes the one writer of a root. A dead owner's lock is taken over, a foreign host's only if it is named.
 * @throws Problem (exit 11) that says who holds it
 */
export function takeLock(state: Directory, {doing, breakHost}: LockRequest): Lock {
  const file = `${state.path}/lock`;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const fd = openLock(file, flags, `${state.name}/lock`);
  try {
    if (!fs.fstatSync(fd).isFile())
      throw new Problem(exitCode.failed, `${state.name}/lock is no file: move it away. Nothing was changed.`);
    if (!tryFlock(fd)) {
      const owner = readOwner(fd);
      locked(
        typeof owner === 'string'
          ? 'Locked by a process that has only just begun.'
          : `Locked by ${describeOwner(owner, Date.now())}. Wait until it is done.`,
      );
    }
    checkOwner(fd, breakHost);
    const owner: LockOwner = {
      pid: process.pid,
      started: startOf(process.pid) ?? '',
      host: os.hostname(),
      user: userName(),
      since: `${new Date().toISOString().slice(0, 19)}Z`,
      doing,
    };
    // Whoever may write to the directory may take the lock after us, also where we are root.
    owns(fd, state.stats, (state.stats.mode & 0o060) | 0o600);
    write(fd, `${asciiJson(owner)}\n`);
    return {
      owner,
      release() {
        fs.ftruncateSync(fd, 0);
        fs.closeSync(fd);
      },
    };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** Who holds a root's lock, without asking for it; null when nobody does, or it is no lock. */
export function lockOwner(state: Directory): LockOwner | null {
  const file = `${state.path}/lock`;
  if (!fs.lstatSync(file, {throwIfNoEntry: false})?.isFile()) return null;
  let fd: number;
  try {
    fd = fs.openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // It may not be read: whoever writes is told so.
    return null;
  }
  try {
    if (!fs.fstatSync(fd).isFile()) return null;
    const owner = readOwner(fd);
    if (typeof owner === 'string') return null;
    const here = owner.host === os.hostname();
    return here && startOf(owner.pid) !== owner.started ? null : owner;
  } finally {
    fs.closeSync(fd);
  }
}
