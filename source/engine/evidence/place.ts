import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {type ReadResult, readSmallFile} from '../base/files.ts';
import {parseAs} from '../base/parse-as.ts';
import {describeError, errorCode, exitCode, Problem} from '../base/problem.ts';
import {isAlive} from '../base/process.ts';
import {removeFile} from '../base/remove-file.ts';
import {syncDirectory} from '../base/replace-file.ts';
import {writeWhole} from '../base/write-all.ts';
import {appendLines} from '../storage/runbook/kept-lines.ts';

/** Where evidence files of a root lie unless another place is named, and the list of all that were written. */
export const evidenceName = 'evidence';
const indexName = 'index.jsonl';
const largestIndex = 16 * 1024 * 1024;

/** A name of a file, or an absolute path: what else a list or a record may say leads anywhere. */
export const isSafeName = (named: string): boolean => {
  const name = path.basename(named);
  const isPlain = named === name || path.isAbsolute(named);
  return isPlain && !['', '.', '..'].includes(name) && !named.includes('\0') && named.length <= 4096;
};

const entrySchema = z.object({
  at: z.string(),
  /** Name, where it lies in the evidence directory; else an absolute path. */
  file: z.string().check(z.refine(isSafeName)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  record: z.string(),
  kind: z.string(),
  session: z.nullable(z.int()),
});

/** An evidence file that was written: so that one which is deleted is missed. */
export type IndexEntry = z.infer<typeof entrySchema>;

/** Null where it is none. */
export const readEntry = (value: unknown): IndexEntry | null => entrySchema.safeParse(value).data ?? null;

// Torn by a kill, or edited: the file itself is what counts, and its chain tells.
const entryOf = (line: string): IndexEntry | null => parseAs(entrySchema, line);

/**
 * The evidence files that a root knows of, oldest first; what is no line of the list is passed over.
 * @throws Problem where there is a list that cannot be read: without it, what was written before is not known
 */
export function readIndex(state: Directory | null): IndexEntry[] {
  const directory = state?.find(evidenceName);
  if (!directory) return [];
  try {
    const read = readSmallFile(`${directory.path}/${indexName}`, largestIndex);
    if ('missing' in read) return [];
    if ('reason' in read)
      throw new Problem(
        exitCode.failed,
        `${directory.name}/${indexName}, the list of this root's evidence, ${read.reason}. Nothing was written: move it away if it has no business there.`,
      );
    return read.data
      .toString('utf8')
      .split('\n')
      .flatMap((line) => entryOf(line) ?? []);
  } finally {
    directory.close();
  }
}

/** Adds to the list, durable. The caller holds the lock. @throws the system call's error */
export function addToIndex(state: Directory, entry: IndexEntry): void {
  const directory = state.make(evidenceName);
  try {
    // Who may put a file there may add it to the list.
    appendLines(directory, indexName, [asciiJson(entry)], (directory.stats.mode & 0o660) | 0o600);
  } finally {
    directory.close();
  }
}

/** Bytes, or pieces of them that are made anew each time they are gone through. */
export type Bytes = Uint8Array | Iterable<Uint8Array>;

export const piecesOf = (bytes: Bytes): Iterable<Uint8Array> =>
  bytes instanceof Uint8Array ? [bytes] : bytes;

/** Characters of a text that are written at once. */
const piece = 256 * 1024;

/** A text in pieces, which is never held as one. @param parts makes it, as often as it is gone through */
export const inPieces = (parts: () => Iterable<string>): Iterable<Uint8Array> => ({
  *[Symbol.iterator]() {
    let text = '';
    for (const part of parts()) {
      text += part;
      if (text.length < piece) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  },
});

export function sha256Of(data: Bytes | string): string {
  const hash = createHash('sha256');
  for (const each of typeof data === 'string' ? [data] : piecesOf(data)) hash.update(each);
  return hash.digest('hex');
}

/** Whether a file is one that could not be read, rather than something else in its place. */
export const isUnreadable = (read: ReadResult): boolean =>
  'reason' in read && read.reason.startsWith('cannot be read');

/** `20261124_031000_session-1.md`: sorts by time, and says what it is about. */
export function evidenceFileName(at: Date, about: string): string {
  const stamp = at.toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15);
  return `${stamp}_${about.replace(/[^\w.-]/g, '_').slice(0, 120)}.md`;
}

const isUnlinkable = (error: unknown): boolean =>
  ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? '');

/** Of a file that is being written, with the process that does it and since when, in milliseconds. */
const temporaryName = /^\.magds-(\d{1,9})-(\d{13})$/;
/** Milliseconds after which none is written any more, on any machine. */
const longest = 10 * 60 * 1000;

/**
 * Removes what a kill left of files that were being written. What cannot be removed stays.
 * @param directory as a path that stays what it is
 * @param now milliseconds since the epoch
 */
export function tidyTemporaries(directory: string, now: number): void {
  try {
    for (const entry of fs.readdirSync(directory, {withFileTypes: true})) {
      const [, pid, since] = temporaryName.exec(entry.name) ?? [];
      if (pid === undefined || !entry.isFile() || now - Number(since) < longest) continue;
      if (!isAlive(Number(pid))) fs.unlinkSync(`${directory}/${entry.name}`);
    }
  } catch {
    // Another user's, in a directory where we may add but not take away: it is in nothing's way.
  }
}

/**
 * Writes a file that was not there, whole or not at all, mode 0600, never over an existing file or through a link
 * (EVIDENCE.md, "The file"). It has its name only once it is durable, where the file system knows links.
 * @param directory as a path that stays what it is
 * @param shown the directory's name for the operator
 * @throws Problem where it cannot be written; nothing of it is left then
 */
export function writeNew(directory: string, name: string, data: Bytes, shown: string): void {
  const file = `${directory}/${name}`;
  const temporary = `${directory}/.magds-${process.pid}-${Date.now()}`;
  try {
    writeWhole(temporary, data);
    try {
      // Unlike a rename, a link never takes the place of what is there.
      fs.linkSync(temporary, file);
    } catch (error) {
      // A stick that is carried to the auditor knows no links.
      if (!isUnlinkable(error)) throw error;
      writeWhole(file, data);
    } finally {
      removeFile(temporary);
    }
    syncDirectory(directory);
  } catch (error) {
    throw notWritten(name, shown, error);
  }
}

/** A failed system call in the operator's words. @param shown the directory */
export function notWritten(name: string, shown: string, error: unknown): Problem {
  const why =
    errorCode(error) === 'EEXIST'
      ? 'something of that name exists already, and is left as it is'
      : errorCode(error) === 'ENOENT'
        ? `there is no directory ${shown}`
        : describeError(error);
  return new Problem(exitCode.failed, `${shown}/${name} was not written: ${why}.`, {cause: error});
}
