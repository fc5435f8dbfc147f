import fs from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {pathToFileURL} from 'node:url';
import {describeError} from '../problem.ts';
import {isOneOf, sqlite, TargetError, targetFault} from './node-sqlite.ts';
import {recover} from './recover-database.ts';
import {discard, hasAbandonedJournal, stateOf, tidy, untilOpen} from './sqlite-files.ts';

/** What became of a database that SQLite was asked to copy. */
export type Taken =
  /** The copy is made, with all that was committed. */
  | {how: 'copied'}
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

/** Milliseconds to wait for a writer, and between two attempts. */
const patience = 10_000;
const pause = 50;
/** Pages a step; between two steps the progress is told and a cancel is heard. */
const pagesAtOnce = 2000;
/** Result codes of SQLite: busy, locked. */
const busyCodes = new Set([5, 6]);
/** Read-only, cannot open: what is beside the database was being made or removed at that moment. */
const passingCodes = new Set([8, 14]);
/** Times that is tried. */
const mostAttempts = 5;

/** Tries again while a writer is at work, without holding up anything else. */
async function whileBusy<T>(action: () => T, signal: AbortSignal): Promise<T | null> {
  const until = performance.now() + patience;
  for (;;) {
    if (signal.aborted) return null;
    try {
      return action();
    } catch (error) {
      if (!isOneOf(busyCodes, error) || performance.now() > until) throw error;
    }
    await wait(pause);
  }
}

type Task = {source: string; target: string; signal: AbortSignal; onProgress: (part: number) => void};

/**
 * Prepares or makes a copy of a database with every committed row in it: a plain copy of one that has a WAL loses what is
 * only there (634 of 2,000 rows when tried; DESIGN.md, "Backup and retention"). Nothing is written beside the database.
 * @param source the real path of the database
 * @param target where the copy goes, if SQLite has to make it; in a directory of our own
 * @param onProgress is given the part that is done, 0 to 1
 */
export async function takeDatabase(
  source: string,
  target: string,
  signal: AbortSignal,
  onProgress: (part: number) => void,
): Promise<Taken> {
  const task = {source, target, signal, onProgress};
  for (let attempt = 1; ; attempt++) {
    try {
      return await takeAsItLies(task);
    } catch (error) {
      if (signal.aborted) return {how: 'cancelled'};
      if (error instanceof TargetError) return {how: 'unwritable', reason: error.message};
      if (isOneOf(busyCodes, error))
        return {how: 'failed', reason: `a writer has kept it locked for ${patience / 1000} seconds`};
      if (!isOneOf(passingCodes, error) || attempt === mostAttempts) return recoverInstead(task, error);
    }
    await wait(attempt);
  }
}

async function takeAsItLies(task: Task): Promise<Taken> {
  const {source, signal} = task;
  switch (stateOf(source)) {
    case 'closed':
      return {how: 'plain', untilOpen: () => untilOpen(source, patience, signal)};
    case 'wal':
      return copyThrough(task);
    case 'wal alone':
      // Whoever had it open is gone without having tidied up: that is worked in on a copy, never on the live file.
      return recover(task);
    case 'journal':
      return (await hasAbandonedJournal(source)) ? recover(task) : lock(task);
  }
}

/** Opens it and begins to read: what is committed from then on is not seen. Null where it was cancelled. */
async function open({source, signal}: Task) {
  const {DatabaseSync} = await sqlite();
  const url = pathToFileURL(source);
  // SQLite would else write to the -shm, as readers do: anew from the WAL where a writer was killed.
  url.searchParams.set('readonly_shm', '1');
  const database = new DatabaseSync(url, {readOnly: true, timeout: 0});
  try {
    const begun = await whileBusy(() => {
      if (!database.isTransaction) database.exec('BEGIN');
      // The lock is taken by the first read.
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      return true;
    }, signal);
    if (begun) return database;
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return null;
}

async function lock(task: Task): Promise<Taken> {
  const database = await open(task);
  return database ? {how: 'locked', release: () => database.close()} : {how: 'cancelled'};
}

async function copyThrough(task: Task): Promise<Taken> {
  const {target, signal, onProgress} = task;
  const {backup} = await sqlite();
  const database = await open(task);
  if (!database) return {how: 'cancelled'};
  try {
    makeNew(target);
    await backup(database, target, {
      rate: pagesAtOnce,
      progress({totalPages, remainingPages}) {
        if (signal.aborted) throw new Error('cancelled');
        onProgress(totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
      },
    }).catch((error: unknown) => {
      const fault = targetFault(error, target);
      discard(target);
      throw fault;
    });
  } finally {
    database.close();
  }
  tidy(target);
  return {how: 'copied'};
}

/** SQLite would write over what is there already, and let everybody read what it makes. */
function makeNew(file: string): void {
  try {
    fs.closeSync(fs.openSync(file, 'wx', 0o600));
  } catch (error) {
    throw new TargetError(describeError(error));
  }
}

/** Where it may not be opened in its place: what is beside a database in WAL mode may belong to somebody else. */
async function recoverInstead(task: Task, error: unknown): Promise<Taken> {
  try {
    return await recover(task);
  } catch (failure) {
    if (failure instanceof TargetError) return {how: 'unwritable', reason: failure.message};
    // The first reason is the one that helps.
    return {how: 'failed', reason: `SQLite cannot read it: ${describeError(error)}`};
  }
}
