import fs from 'node:fs';
import path from 'node:path';
import {closing, inodeOf, safeRead, seenAt} from '../base/files.ts';
import {openFile} from '../base/open-inside.ts';
import {ownsCopy} from '../base/owner.ts';
import {describeError} from '../base/problem.ts';
import {openOnWay} from '../base/readers.ts';
import {removeFile} from '../base/remove-file.ts';
import {attributesOf, setModified} from '../hashing/attributes.ts';
import type {CopyResult} from '../hashing/copy-files.ts';
import {isSqlite, sqliteHeader} from '../storage/content.ts';
import type {DatabaseStats} from './sqlite-files.ts';
import {stepsOf} from './sqlite-place.ts';
import {takeDatabase} from './take-database.ts';
import type {Produced, ProduceTask} from './type.ts';

/**
 * Times that a database is taken that somebody opened while its file was copied, and the milliseconds within which more
 * are made: who opens and closes it for each commit, as PHP does for each request, is soon met having it open.
 */
const fewestAttempts = 3;
const patience = 10_000;

/** Whether an open file begins as a database does. */
export function beginsAsDatabase(fd: number): boolean {
  const head = Buffer.alloc(sqliteHeader.length);
  return isSqlite(head.subarray(0, fs.readSync(fd, head, 0, head.length, 0)));
}

function begins(file: string): boolean {
  try {
    const fd = fs.openSync(file, safeRead);
    using _ = closing(fd);
    return beginsAsDatabase(fd);
  } catch {
    // That it cannot be read is found out, and said, when it is copied.
    return false;
  }
}

/** Bytes of commits that its copy will hold although they are not in its file yet. */
const bytesBeside = (file: string): number => seenAt(`${file}-wal`)?.size ?? 0;

/** Takes a database whole: what its last writers left beside it is in the copy too. */
async function produce(task: ProduceTask): Promise<Produced> {
  const {file, source, to, as, signal, copy, onProgress} = task;
  const target = `${to}/${as}`;
  const until = performance.now() + patience;
  for (let attempt = 1; ; attempt++) {
    const taken = await takeDatabase(source, target, signal, (part) => onProgress(part * file.bytes));
    if (taken.how === 'cancelled') return {result: {status: 'cancelled', reason: 'cancelled'}, doubt: null};
    if (taken.how === 'unwritable') return {result: {status: 'failed', reason: taken.reason}, doubt: null};
    if (taken.how === 'copied') {
      onProgress(file.bytes);
      return {result: await finish(taken.of, task), doubt: null};
    }
    // What was made until then is made again.
    onProgress(0);
    let result: CopyResult;
    try {
      result = await copy();
    } finally {
      if (taken.how === 'locked') taken.release();
    }
    const isCopied = result.status === 'copied';
    const doubt =
      taken.how === 'failed' && isCopied ? `copied as it lies there, because ${taken.reason}` : null;
    const isTorn = taken.how === 'plain' && result.status === 'copied' && result.changed;
    const isLast = attempt >= fewestAttempts && performance.now() > until;
    if (!isTorn || isLast) return {result, doubt};
    removeFile(target);
    await taken.untilOpen();
  }
}

/** The hash and attributes of a copy that SQLite made. */
async function finish({stats, modified, directory}: DatabaseStats, task: ProduceTask): Promise<CopyResult> {
  const {source, to, as, algorithm, owner, common, pool, signal} = task;
  // The path is a link of /proc's: what it leads to is meant.
  const hashed = await pool.hash({directory: `${to}/.`, segments: [as], algorithm}, signal).result;
  if (hashed.status === 'cancelled') return hashed;
  if (hashed.status !== 'read') return {status: 'failed', reason: hashed.reason};
  try {
    const opened = openFile(`${to}/${as}`);
    if ('status' in opened) return {status: 'failed', reason: opened.reason};
    using _ = closing(opened.fd);
    const {mode, uid, gid} = stats;
    const parent = openOnWay('/', stepsOf(path.dirname(source)), 'the source', common);
    const isSame = !('status' in parent) && inodeOf(fs.fstatSync(parent.fd)) === directory;
    if (!('status' in parent)) fs.closeSync(parent.fd);
    if ('status' in parent || !isSame) {
      // Who may read it is not known.
      removeFile(`${to}/${as}`);
      return {status: 'unreadable', reason: 'its directory was swapped while it was copied'};
    }
    ownsCopy(opened.fd, {mode: Number(mode), uid: Number(uid), gid: Number(gid)}, owner, parent.way);
    setModified(opened.fd, modified);
    fs.fsyncSync(opened.fd);
    return {
      status: 'copied',
      hash: hashed.hash,
      bytes: hashed.bytes,
      attributes: attributesOf(stats, modified),
      changed: false,
    };
  } catch (error) {
    return {status: 'failed', reason: describeError(error)};
  }
}

/** An SQLite database: nothing that is configured, but a file that begins as one, whatever dataset it is of. */
export const sqlite = {
  /** Whether a file begins as a database does. Never throws. */
  begins,
  bytesBeside,
  /** Ends of the names of what it keeps beside itself. */
  sidecars: ['-wal', '-shm', '-journal'],
  /** Those that may hold commits which the file has not. An empty one is made by a reader. */
  commits: ['-wal', '-journal'],
  /** The one that SQLite makes again from the others. */
  index: '-shm',
  produce,
} as const;
