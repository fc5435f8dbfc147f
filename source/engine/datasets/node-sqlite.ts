import fs from 'node:fs';
import type {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import {describeError, errorCode} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';

/** I/O error, full, cannot open: of the target, unless it was in reading. */
const full = 13;
const targetCodes = new Set([10, full, 14]);
const readErrors = new Set([10 | (1 << 8), 10 | (2 << 8)]);
/** What `open` and `write` call that. */
const targetErrors = new Set(['EEXIST', 'ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG']);

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

export const nodeSqlite = (): Promise<Sqlite> => {
  loaded ??= load();
  return loaded;
};

/**
 * Opens a database that may be anybody's: nothing that its schema names is run but what SQLite itself holds harmless.
 * @param file by its name, on a way that nobody else can change: SQLite follows it again
 * @param how parameters of the address, as SQLite has them
 */
export async function openDatabase(
  file: string,
  {readOnly, ...how}: {readOnly: boolean; readonly_shm?: '1'; immutable?: '1'},
): Promise<DatabaseSync> {
  const {DatabaseSync} = await nodeSqlite();
  const url = pathToFileURL(file);
  for (const [name, value] of Object.entries(how)) url.searchParams.set(name, value);
  const database = new DatabaseSync(url, {readOnly, timeout: 0, allowExtension: false});
  // Node 22 does not have it.
  database.enableDefensive?.(true);
  database.exec('PRAGMA trusted_schema=OFF');
  return database;
}

/** The extended result code, 0 where the error is none of SQLite's; the primary one is its lowest byte. */
export const sqliteCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;

/** Whether it is an error of SQLite's with one of these primary codes. */
export const isOneOf = (codes: ReadonlySet<number>, error: unknown): boolean =>
  codes.has(sqliteCode(error) & 0xff);

/** The copy's fault, not the database's. */
export class TargetError extends Error {}

/** A page of SQLite's. */
const page = Buffer.alloc(4096);

/** SQLite's words for a file that it cannot make or write are few: the system call's are better. */
function whyNotMade(target: string): string | null {
  const attempt = `${target}-attempt`;
  try {
    fs.writeFileSync(attempt, page, {flag: 'wx', flush: true});
    return null;
  } catch (error) {
    return describeError(error);
  } finally {
    removeFile(attempt);
  }
}

/** Errors that can only be the copy's say so, because they end the whole run. */
export function targetFault(error: unknown, target: string): unknown {
  const code = sqliteCode(error);
  const isTargets =
    targetErrors.has(errorCode(error)) || (isOneOf(targetCodes, error) && !readErrors.has(code));
  if (!isTargets) return error;
  const known = (code & 0xff) === full ? 'the disk is full' : code === 0 ? null : whyNotMade(target);
  return new TargetError(known ?? describeError(error));
}
