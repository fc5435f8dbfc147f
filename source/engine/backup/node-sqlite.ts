import fs from 'node:fs';
import {describeError, errorCode} from '../problem.ts';
import {removeFile} from '../remove-file.ts';

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

export const sqlite = (): Promise<Sqlite> => {
  loaded ??= load();
  return loaded;
};

/** The extended result code; the primary one is its lowest byte. */
const sqliteCode = (error: unknown): number =>
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
