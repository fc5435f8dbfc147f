import {spawnSync} from 'node:child_process';
import fs, {constants, type Stats} from 'node:fs';
import type {Directory} from '../../base/directory.ts';
import {exactly, seenAt} from '../../base/files.ts';
import {openOurs, owns, userNameOf} from '../../base/owner.ts';
import {describeError, errorCode, exitCode, Problem, withAdvice} from '../../base/problem.ts';
import {removeFile} from '../../base/remove-file.ts';
import {NotStarted} from '../../base/start.ts';

/** The command that takes locks, and where it comes from. */
export const flockName = 'flock (package util-linux)';

const lockFlags = constants.O_RDWR | constants.O_CREAT;

/**
 * Takes the kernel's lock on the open file; it ends with this process, however that ends. Node has no flock of its own,
 * and the command's lock stays with the descriptor that it was given.
 */
export const tryFlock = (fd: number): boolean => flock(fd, '-x', '-w', glance);

/** Seconds that a process takes that only looks whether there is a lock. */
const glance = '0.3';

/**
 * Whether a process has the kernel's lock on what is open, also where it cannot be seen from here.
 * @param fd to be closed afterwards
 */
export const isFlocked = (fd: number): boolean => !flock(fd, '-s', '-n');

function flock(fd: number, ...how: string[]): boolean {
  const {status, error} = spawnSync('flock', [...how, '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  if (status === 0) return true;
  if (error || status !== 1) {
    const why = error ? new NotStarted(flockName, error).message : `${flockName} failed with ${status}`;
    throw new Problem(
      exitCode.failed,
      `${why}. Without it two writers cannot be kept apart. Nothing was changed.`,
    );
  }
  return false;
}

/** A user who may write to the directory may take the lock after us, also where we are root. */
const lockMode = ({mode}: Stats): number => (mode & 0o060) | 0o600;

/**
 * Makes the file, which has its name only once it has its owner: a kill in between must not keep him out for good. A
 * link, not a rename: one that another process has just made and locked is not replaced.
 */
function makeLock(state: Directory): void {
  const temporary = `${state.path}/.lock.${process.pid}.new`;
  try {
    removeFile(temporary);
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      owns(fd, state.stats, lockMode(state.stats));
      fs.linkSync(temporary, `${state.path}/lock`);
    } finally {
      fs.closeSync(fd);
      removeFile(temporary);
    }
  } catch {
    // Whatever it was, opening it the ordinary way finds it out, and says it.
  }
}

const firstNames = ({path}: Directory): string[] =>
  fs
    .readdirSync(path)
    .filter((name) => /^\.lock\.\d+\.new$/.test(name))
    .map((name) => `${path}/${name}`);

/** The first name of a lock whose maker was killed before he removed it; for the holder of the lock. */
export const clearMade = (state: Directory): void => firstNames(state).forEach(removeFile);

/** The same of the lock itself, which is opened only where it has one name. Its maker may be about to remove it. */
function clearSecondName(state: Directory): void {
  const idOf = (file: string): string | undefined => {
    const stats = exactly(file);
    return stats && stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : undefined;
  };
  const lock = idOf(`${state.path}/lock`);
  if (lock === undefined) return;
  for (const name of firstNames(state)) if (idOf(name) === lock) removeFile(name);
}

/** @throws Problem where there is none that could be opened */
export function openLock(state: Directory): number {
  const file = `${state.path}/lock`;
  const stats = seenAt(file);
  if (!stats) makeLock(state);
  try {
    clearSecondName(state);
    return openOurs(file, lockFlags, state.stats);
  } catch (error) {
    const code = errorCode(error);
    const advice =
      code === 'EACCES' && stats && stats.uid !== process.geteuid?.()
        ? `: it belongs to ${userNameOf(stats.uid)}: run as that user, or as root`
        : code === 'ELOOP'
          ? ': move it away'
          : '';
    const why = advice ? describeError(error) + advice : withAdvice(error);
    throw new Problem(exitCode.failed, `${state.name}/lock: ${why}. Nothing was changed.`);
  }
}

/** One that was made before its directory was given to another user. */
export function giveAway(fd: number, stats: Stats): void {
  try {
    owns(fd, stats, lockMode(stats));
  } catch {
    // It could be opened, so this run can do without.
  }
}
