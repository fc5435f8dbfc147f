import fs from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {closing, safeRead, seenAt, stampOf} from '../base/files.ts';
import type {LiveDatabase} from './sqlite-place.ts';

/** Byte 18 of the header: 2 where the database is in WAL mode (sqlite.org/fileformat2.html). */
function saysWal(file: string): boolean {
  const fd = fs.openSync(file, safeRead);
  using _ = closing(fd);
  const head = Buffer.alloc(20);
  fs.readSync(fd, head, 0, head.length, 0);
  return head[18] === 2;
}

/** How a database lies there, as far as its files tell. */
type DatabaseState =
  /** With a rollback journal, or none. */
  | 'journal'
  /** In WAL mode: somebody has it open, or was killed. An empty WAL means only that he has emptied it. */
  | 'wal'
  /** In WAL mode, with commits that nobody has indexed. */
  | 'wal alone'
  /** In WAL mode, and nobody has it open: the file is all there is. */
  | 'closed';

export function stateOf(database: string): DatabaseState {
  // In this order: who opens it makes the -wal first, and who closes it removes that last.
  const shm = seenAt(`${database}-shm`);
  const wal = seenAt(`${database}-wal`);
  const commits = (wal?.size ?? 0) > 0;
  if (!commits && !saysWal(database)) return 'journal';
  // Opening one without a WAL would make one.
  if (shm && wal) return 'wal';
  return commits ? 'wal alone' : 'closed';
}

/** A journal stands beside a database for as long as somebody commits; one that stays was abandoned. */
export async function hasAbandonedJournal(database: string): Promise<boolean> {
  const stamp = () => {
    const journal = seenAt(`${database}-journal`);
    return journal && journal.size > 0 ? `${journal.ino}:${journal.size}:${journal.mtimeMs}` : null;
  };
  const before = stamp();
  if (before === null) return false;
  await wait(500);
  return before === stamp();
}

/** How a record at the end of a rollback journal ends that names a super-journal (sqlite.org/fileformat2.html, "The Rollback Journal"). */
const superJournalEnd = Buffer.from('d9d505f920a163d7', 'hex');

/**
 * Whether a rollback journal names a super-journal: a file anywhere, which SQLite reads, and removes once it has rolled
 * back. Who may write beside a database could have any file of ours removed so.
 */
export function namesAnotherFile(journal: string): boolean {
  const stats = seenAt(journal);
  if (!stats) return false;
  const end = Buffer.alloc(Math.min(superJournalEnd.length, stats.size));
  const fd = fs.openSync(journal, safeRead);
  using _ = closing(fd);
  fs.readSync(fd, end, 0, end.length, stats.size - end.length);
  return end.equals(superJournalEnd);
}

/**
 * Waits until somebody has it open in WAL mode. One that is opened and closed for each commit is written to at each
 * close; while he has it open it can be copied through SQLite.
 */
export async function untilOpen(database: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + milliseconds;
  while (!signal.aborted && performance.now() < until && !seenAt(`${database}-shm`)) await wait(1);
}

/** Changes whenever the database or what is beside it is written to. */
export const databaseStamp = (database: string): string =>
  [database, `${database}-wal`, `${database}-journal`].map(stampOf).join(' ');

/** What became of a database that SQLite was asked to copy. */
export type Taken =
  /** The copy is made, with all that was committed; `of` is the very file that it was made from. */
  | {how: 'copied'; of: DatabaseStats}
  /** While `release` has not been called no writer can commit: the file can be copied as it is. */
  | {how: 'locked'; release: () => void}
  /**
   * The file is all there is, because nobody has it open. Where it is written to while it is copied, somebody has
   * opened it: `untilOpen` waits until it is worth asking again.
   */
  | {how: 'plain'; untilOpen: () => Promise<void>}
  | {how: 'cancelled'}
  /** The source's fault: SQLite cannot read it. */
  | {how: 'failed'; reason: string}
  /** The target's fault: no other copy would fare better. */
  | {how: 'unwritable'; reason: string};

/** `modified` is when it was written to last, in nanoseconds: in the WAL, mostly. */
export type DatabaseStats = {stats: fs.BigIntStats; modified: bigint; directory: string};

export function statsOf(
  {directory}: LiveDatabase,
  stats: fs.BigIntStats,
  wal: fs.BigIntStats | undefined,
): DatabaseStats {
  return {stats, directory, modified: wal && wal.mtimeNs > stats.mtimeNs ? wal.mtimeNs : stats.mtimeNs};
}
