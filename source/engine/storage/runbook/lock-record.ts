import fs from 'node:fs';
import * as z from 'zod/mini';
import {formatAge} from '../../base/format.ts';
import {parseAs} from '../../base/parse-as.ts';
import {isFull} from '../../base/problem.ts';
import {writeAll} from '../../base/write-all.ts';

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

/** Bytes that are read of a record, and that one takes: always the same, for any owner. */
const largest = 4096;
const recordLength = 1024;

export function readOwner(fd: number): LockOwner | 'nobody' | 'unreadable' {
  const data = Buffer.alloc(largest);
  const text = data.toString('utf8', 0, fs.readSync(fd, data, 0, largest, 0)).trim();
  return text === '' ? 'nobody' : (parseAs(ownerSchema, text) ?? 'unreadable');
}

/** Who holds a lock, for the operator. */
export function describeOwner({doing, pid, user, host, since}: LockOwner, now: number): string {
  const age = (now - Date.parse(since)) / 1000;
  const ago = Number.isNaN(age) ? '' : ` (${age < 60 ? 'just now' : `${formatAge(age)} ago`})`;
  return `"${doing}", process ${pid} of ${user} on ${host}, since ${since}${ago}`;
}

/**
 * Writes a record over the one before, its length kept: a block that was had once is still there when the disk is full,
 * and pruning, which makes room, needs the lock. The kernel's lock is what counts; where no record can be had there is
 * none, rather than that of a process that is gone.
 */
export function writeRecord(fd: number, text: string): void {
  const data = Buffer.from(`${text.padEnd(recordLength - 1)}\n`);
  try {
    writeAll(fd, data, 0);
    fs.ftruncateSync(fd, data.length);
    fs.fsyncSync(fd);
  } catch (error) {
    fs.ftruncateSync(fd, 0);
    if (!isFull(error)) throw error;
  }
}
