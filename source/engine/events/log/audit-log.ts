import fs from 'node:fs';
import {closing, inodeOf} from '../../base/files.ts';
import {isTorn} from '../../base/lines.ts';
import {describeError, withAdvice} from '../../base/problem.ts';
import {writeAll} from '../../base/write-all.ts';
import {takeLogLock} from './flock.ts';
import {type LockHolder, readersHolding} from './lock-holders.ts';
import {type OpenLog, openLog} from './open-log.ts';

/** Times that a log may be rotated away while we wait for its lock. */
const mostRotations = 50;

function isStill(file: string, {id}: OpenLog): boolean {
  const stats = fs.statSync(file, {throwIfNoEntry: false});
  return stats !== undefined && inodeOf(stats) === id;
}

/** Opened and locked; one that was rotated away meanwhile is let go, and the new one taken. */
async function openLocked(root: string, file: string): Promise<OpenLog> {
  for (let tries = 0; tries < mostRotations; tries++) {
    const log = openLog(root, file);
    if (!log) continue;
    try {
      await takeLogLock(log.fd);
      if (isStill(file, log)) return log;
    } catch (error) {
      fs.closeSync(log.fd);
      throw error;
    }
    fs.closeSync(log.fd);
  }
  throw new Error('it keeps being replaced');
}

const endsTorn = ({fd, readable}: OpenLog, size: number): boolean => readable && isTorn(fd, size);

/**
 * Appends whole lines to the root's audit log, under the lock that PHP takes (FORMAT.md, "Audit log line").
 * @param text lines, each with its line break
 * @param durable waits until they are on the disk
 * @throws an error that says why, without the file's name; then nothing was appended
 */
export async function appendToLog(root: string, file: string, text: string, durable: boolean): Promise<void> {
  const log = await openLocked(root, file);
  const {fd} = log;
  using _ = closing(fd);
  const {size} = fs.fstatSync(fd);
  const bytes = Buffer.from(endsTorn(log, size) ? `\n${text}` : text);
  let written = 0;
  try {
    writeAll(fd, bytes, null, (count) => {
      written = count;
    });
    if (durable) fs.fsyncSync(fd);
  } catch (error) {
    takeBack(fd, size, written);
    throw error;
  }
}

/**
 * A line that did not fit is no line. Where a program that takes no lock has appended meanwhile, or has cut the log short,
 * it stays: what is not ours is never taken away.
 * @param size that the log had before; @param written bytes that came after
 */
function takeBack(fd: number, size: number, written: number): void {
  try {
    if (written > 0 && fs.fstatSync(fd).size === size + written) fs.ftruncateSync(fd, size);
  } catch {
    // Where it may only be added to, the next line begins with a line break.
  }
}

/**
 * What there is of the audit log: its size in bytes, whether its last line was cut short, and who holds its lock although
 * he may not write it; null where there is none.
 */
export function lookAtLog(
  root: string,
  file: string,
): {bytes: number; torn: boolean; passedOver: LockHolder[] | null} | null {
  const log = openLog(root, file, false);
  if (!log) return null;
  using _ = closing(log.fd);
  const {size} = fs.fstatSync(log.fd);
  return {bytes: size, torn: endsTorn(log, size), passedOver: readersHolding(log.fd)};
}

/** Why the audit log cannot be written; null where it can. Changes nothing. */
export async function whyNoAudit(root: string, file: string): Promise<string | null> {
  try {
    const log = openLog(root, file, false);
    if (!log) return null;
    using _ = closing(log.fd);
    await takeLogLock(log.fd);
    return null;
  } catch (error) {
    return `the audit log ${file} cannot be written: ${withAdvice(error)}`;
  }
}

/** The same, of an attempt to append to it. */
export const notAppended = (file: string, error: unknown): string =>
  `the audit log ${file} was not written: ${describeError(error)}`;
