import fs from 'node:fs';
import type {DatabaseSync} from 'node:sqlite';
import {setTimeout as wait} from 'node:timers/promises';
import {exactly, isThere} from '../base/files.ts';
import {describeError, errorCode, firstError} from '../base/problem.ts';
import {isOneOf, nodeSqlite, openDatabase, sqliteCode, TargetError, targetFault} from './node-sqlite.ts';
import {recover} from './recover-database.ts';
import {hasAbandonedJournal, stateOf, statsOf, type Taken, untilOpen} from './sqlite-files.ts';
import {LiveDatabase, makePlace, moveCopy, type SqlitePlace} from './sqlite-place.ts';

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

type Task = {
  live: LiveDatabase;
  target: string;
  signal: AbortSignal;
  onProgress: (part: number) => void;
};

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
  const live = LiveDatabase.open(source);
  // The ordinary way finds out what is wrong, and says it.
  if (!live) return {how: 'plain', untilOpen: () => Promise.resolve()};
  const taken = await take({live, target, signal, onProgress}).catch((error: unknown) => {
    live.close();
    throw error;
  });
  if (taken.how !== 'locked') {
    live.close();
    return taken;
  }
  const release = (): void => {
    taken.release();
    live.close();
  };
  return {how: 'locked', release};
}

/** Why a copy is none although SQLite could read the database; null where it could not. */
function whyUnwritable(error: unknown, {target}: Task): string | null {
  if (error instanceof TargetError) return error.message;
  // The copy has its name already: what was to be tidied behind it failed.
  const isTidying = sqliteCode(error) === 0 && errorCode(error) !== '' && isThere(target);
  return isTidying ? describeError(error) : null;
}

async function take(task: Task): Promise<Taken> {
  const {signal} = task;
  for (let attempt = 1; ; attempt++) {
    try {
      return await takeAsItLies(task);
    } catch (thrown) {
      if (signal.aborted) return {how: 'cancelled'};
      const error = firstError(thrown);
      const reason = whyUnwritable(error, task);
      if (reason !== null) return {how: 'unwritable', reason};
      if (isOneOf(busyCodes, error))
        return {how: 'failed', reason: `a writer has kept it locked for ${patience / 1000} seconds`};
      if (!isOneOf(passingCodes, error) || attempt === mostAttempts) return recoverInstead(task, error);
    }
    await wait(attempt);
  }
}

async function takeAsItLies(task: Task): Promise<Taken> {
  const {live, signal} = task;
  switch (stateOf(live.file)) {
    case 'closed':
      return {how: 'plain', untilOpen: () => untilOpen(live.real, patience, signal)};
    case 'wal':
      return copyThrough(task);
    case 'wal alone':
      // Whoever had it open is gone without having tidied up: that is worked in on a copy, never on the live file.
      return recover(task);
    case 'journal':
      return (await hasAbandonedJournal(live.file)) ? recover(task) : lock(task);
  }
}

/** The lock is taken by the first read. */
const firstRead = 'SELECT count(*) FROM sqlite_schema';

/** Opens it and begins to read: what is committed from then on is not seen. Null where it was cancelled. */
async function begin(file: string, signal: AbortSignal): Promise<DatabaseSync | null> {
  // SQLite would else write to the -shm, as readers do: anew from the WAL where a writer was killed.
  const database = await openDatabase(file, {readOnly: true, readonly_shm: '1'});
  try {
    const begun = await whileBusy(() => {
      if (!database.isTransaction) database.exec('BEGIN');
      database.prepare(firstRead).get();
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

/**
 * The same by another name of its files, where those of its own lead wherever somebody else says. From the lock on no
 * writer commits a rollback journal, nor tidies a WAL away: what has the live names then is what is read.
 */
async function beginLinked(
  place: SqlitePlace,
  ends: string[],
  {live, signal}: Task,
): Promise<DatabaseSync | null> {
  const database = await begin(place.database, signal);
  if (!database) return null;
  try {
    place.checkLinks(live, ends);
    // SQLite has not seen a journal that was left in that moment.
    if (place.linkJournal(live)) (await begin(place.database, signal))?.close();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function lock(task: Task): Promise<Taken> {
  const {live, target, signal} = task;
  const place = live.isOurs ? null : makePlace(live, target, 0, (each) => each.link(live, ['']));
  if (!place && !live.isOurs) return recover(task);
  const close = (): void => place?.close();
  try {
    const database = await (place ? beginLinked(place, [''], task) : begin(live.real, signal));
    if (database) {
      const release = (): void => {
        database.close();
        close();
      };
      return {how: 'locked', release};
    }
  } catch (error) {
    close();
    throw error;
  }
  close();
  return {how: 'cancelled'};
}

const walEnds = ['', '-wal', '-shm'];

async function copyThrough(task: Task): Promise<Taken> {
  const {live, target, signal, onProgress} = task;
  const {backup} = await nodeSqlite();
  using place = makePlace(live, target, live.bytes, (each) => live.isOurs || each.link(live, walEnds));
  if (!place) return recover(task);
  const from = live.isOurs ? live.real : place.database;
  using database = await (live.isOurs ? begin(from, signal) : beginLinked(place, walEnds, task));
  if (!database) return {how: 'cancelled'};
  makeNew(place.copy);
  await backup(database, place.copy, {
    rate: pagesAtOnce,
    progress({totalPages, remainingPages}) {
      if (signal.aborted) throw new Error('cancelled');
      onProgress(totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
    },
  }).catch((error: unknown) => {
    throw targetFault(error, place.copy);
  });
  const wal = exactly(`${from}-wal`);
  const of = statsOf(live, fs.lstatSync(from, {bigint: true}), wal);
  moveCopy(place.copy, target);
  return {how: 'copied', of};
}

/** SQLite would let everybody read what it makes. */
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
    const reason = whyUnwritable(firstError(failure), task);
    if (reason !== null) return {how: 'unwritable', reason};
    // The first reason is the one that helps.
    return {how: 'failed', reason: `SQLite cannot read it: ${describeError(error)}`};
  }
}
