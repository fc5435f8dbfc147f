import fs, {type Stats} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {describeError} from '../problem.ts';

/** What became of a database that SQLite was asked to copy. */
export type Taken =
  /** The copy is made, with all that was committed. */
  | {how: 'copied'}
  /** While `release` has not been called no writer can commit: the file can be copied as it is. */
  | {how: 'locked'; release: () => void}
  /** The file is all there is: nobody has it open. */
  | {how: 'plain'}
  | {how: 'cancelled'}
  | {how: 'failed'; reason: string};

/** Milliseconds to wait for a writer, and between two attempts. */
const patience = 10_000;
const pause = 50;
/** Pages a step; between two steps the progress is told and a cancel is heard. */
const pagesAtOnce = 2000;
/** Result codes of SQLite: busy, locked. */
const busyCodes = new Set([5, 6]);

type Sqlite = typeof import('node:sqlite');

let loaded: Promise<Sqlite> | undefined;

/** Node 22 and 24 call it experimental, on stderr, in the middle of whatever is shown. */
async function load(): Promise<Sqlite> {
  const {emitWarning} = process;
  process.emitWarning = () => {};
  try {
    return await import('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

const sqlite = (): Promise<Sqlite> => {
  loaded ??= load();
  return loaded;
};

const look = (file: string): Stats | undefined => fs.lstatSync(file, {throwIfNoEntry: false});

/** Byte 18 of the header: 2 where the database is in WAL mode (sqlite.org/fileformat2.html). */
function inWalMode(file: string): boolean {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    const head = Buffer.alloc(20);
    fs.readSync(fd, head, 0, head.length, 0);
    return head[18] === 2;
  } finally {
    fs.closeSync(fd);
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && busyCodes.has(Number(error.errcode) & 0xff);

/** Tries again while a writer is at work, without holding up anything else. */
async function whileBusy<T>(action: () => T, signal: AbortSignal): Promise<T | null> {
  const until = performance.now() + patience;
  for (;;) {
    if (signal.aborted) return null;
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
    }
    await wait(pause);
  }
}

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
  try {
    const {DatabaseSync, backup} = await sqlite();
    const wal = look(`${source}-wal`);
    const journal = look(`${source}-journal`);
    const isWal = inWalMode(source);
    // Opening it would leave files beside it, and there is nothing in them to be had.
    if (isWal && (wal?.size ?? 0) === 0) return {how: 'plain'};
    // Whoever had it open is gone without having tidied up: what he left is worked in on a copy, never on the live file.
    const abandoned = isWal ? !look(`${source}-shm`) : (journal?.size ?? 0) > 0;
    if (!isWal && abandoned && (await isSettled(source))) return await recover(source, target, signal);
    if (isWal && abandoned) return await recover(source, target, signal);
    const database = new DatabaseSync(source, {readOnly: true, timeout: 0});
    let held = false;
    try {
      const begun = await whileBusy(() => {
        if (!database.isTransaction) database.exec('BEGIN');
        // The lock is taken by the first read.
        database.prepare('SELECT count(*) FROM sqlite_schema').get();
        return true;
      }, signal);
      if (begun === null) return {how: 'cancelled'};
      if (!isWal) {
        held = true;
        return {how: 'locked', release: () => database.close()};
      }
      await backup(database, target, {
        rate: pagesAtOnce,
        progress({totalPages, remainingPages}) {
          if (signal.aborted) throw new Error('cancelled');
          onProgress(totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
        },
      });
      tidy(target);
      return {how: 'copied'};
    } finally {
      if (!held) database.close();
    }
  } catch (error) {
    if (signal.aborted) return {how: 'cancelled'};
    if (isBusy(error))
      return {how: 'failed', reason: `a writer has kept it locked for ${patience / 1000} seconds`};
    return recoverInstead(source, target, signal, error);
  }
}

/** Where it may not be opened in its place: what is beside a database in WAL mode may belong to somebody else. */
async function recoverInstead(
  source: string,
  target: string,
  signal: AbortSignal,
  error: unknown,
): Promise<Taken> {
  try {
    return await recover(source, target, signal);
  } catch {
    // The first reason is the one that helps.
    tidy(target);
    fs.rmSync(target, {force: true});
    return {how: 'failed', reason: `SQLite cannot read it: ${describeError(error)}`};
  }
}

/** A journal stands beside a database for as long as somebody commits; one that stays was abandoned. */
async function isSettled(source: string): Promise<boolean> {
  const stamp = () => {
    const journal = look(`${source}-journal`);
    return journal && `${journal.ino}:${journal.size}:${journal.mtimeMs}`;
  };
  const before = stamp();
  await wait(500);
  return before !== undefined && before === stamp();
}

/** What SQLite may leave beside a copy that it made. */
function tidy(target: string): void {
  for (const end of ['-wal', '-shm', '-journal']) fs.rmSync(target + end, {force: true});
}

const stampOf = (files: string[]): string =>
  files
    .map((file) => look(file))
    .map((stats) => (stats ? `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}` : '-'))
    .join(' ');

/** Copies a database with what its last writer left beside it, and lets SQLite recover the copy. */
async function recover(source: string, target: string, signal: AbortSignal): Promise<Taken> {
  const {DatabaseSync} = await sqlite();
  const files = [source, `${source}-wal`, `${source}-journal`];
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return {how: 'cancelled'};
    const before = stampOf(files);
    for (const end of ['', '-wal', '-journal']) {
      fs.rmSync(target + end, {force: true});
      const stats = look(source + end);
      if (stats?.isFile()) await fs.promises.copyFile(source + end, target + end, fs.constants.COPYFILE_EXCL);
    }
    if (stampOf(files) === before) break;
    if (attempt === 3) return {how: 'failed', reason: 'it changed each time that it was copied'};
  }
  fs.chmodSync(target, 0o600);
  const database = new DatabaseSync(target, {timeout: 0});
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
  tidy(target);
  return {how: 'copied'};
}
