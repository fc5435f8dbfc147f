import fs, {type Stats} from 'node:fs';
import {closing, notRegular} from '../base/files.ts';
import {openInside} from '../base/open-inside.ts';
import {fileTimeOfMs} from '../base/php-date.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {beginsAsDatabase, sqlite} from '../datasets/sqlite.ts';
import type {SideRows} from './database-rows.ts';
import type {FileAt, Part} from './sides.ts';

/** One file of a comparison, as it was found. */
export type FileFacts = {
  /** `absent`: this side has none; `unknown`: that cannot be told. */
  state: 'there' | 'absent' | 'unknown';
  bytes: number | null;
  /** When it is from: of a copy when its backup was made, of a live file when it was last written. ISO, or as recorded. */
  at: string | null;
  /** Hash of what it holds now; null until it is known. */
  hash: string | null;
  /** True where a copy is not what its manifest recorded; null where that was not found out. */
  altered: boolean | null;
  /** What lies beside a live database and may hold commits that the file itself does not: nothing compares that. */
  beside: string | null;
  reason: string | null;
  /** Of a database, once they are known. */
  rows?: SideRows;
};

const without = (state: FileFacts['state'], reason: string | null): FileFacts => ({
  state,
  bytes: null,
  at: null,
  hash: null,
  altered: null,
  beside: null,
  reason,
});

/**
 * A file that could not be opened. Of a copy that the manifest lists, that it is gone is damage; a live file may be
 * missing.
 * @param reason in the words of what opens copies
 */
export function notOpened({recorded}: Part, isMissing: boolean, reason: string): FileFacts {
  if (recorded) return without('unknown', reason);
  return without(isMissing ? 'absent' : 'unknown', reason.replace('the copy', 'the live file'));
}

const statOf = ({directory, segments}: FileAt): Stats => fs.lstatSync([directory, ...segments].join('/'));

function isDatabase({directory, segments}: FileAt): boolean {
  const opened = openInside(directory, segments);
  if ('status' in opened) return false;
  using _ = closing(opened.fd);
  try {
    return beginsAsDatabase(opened.fd);
  } catch {
    // That it cannot be read is found out, and said, when it is hashed.
    return false;
  }
}

/** The write-ahead log or journal of a database, where there is one that holds something. */
export function journalBeside(file: FileAt): string | null {
  const {directory, segments} = file;
  const name = segments.at(-1) as string;
  const holds = (beside: string): boolean => {
    try {
      const stats = statOf({directory, segments: [...segments.slice(0, -1), beside]});
      // A link or a pipe in its place is nothing that could be told either.
      return !stats.isFile() || stats.size > 0;
    } catch (error) {
      return errorCode(error) !== 'ENOENT';
    }
  };
  const found = sqlite.commits.map((end) => name + end).find(holds);
  return found !== undefined && isDatabase(file) ? found : null;
}

/** Size and time of a file, without opening it: what is wrong with it or its way is found out when it is hashed. */
export function fileFacts(part: Part): FileFacts {
  const {file, recorded, madeAt, database} = part;
  if (!file && database && part.reason === null) return without('there', null);
  if (!file) return without(part.absent ? 'absent' : 'unknown', part.reason);
  try {
    const stats = statOf(file);
    const kind = notRegular(stats);
    if (kind) return notOpened(part, false, `the copy is ${kind}, not a file`);
    const at = recorded ? madeAt : fileTimeOfMs(stats.mtimeMs);
    const beside = recorded ? null : journalBeside(file);
    return {...without('there', null), bytes: stats.size, at, beside};
  } catch (error) {
    const code = errorCode(error);
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    return notOpened(
      part,
      isMissing,
      isMissing ? 'the copy is missing' : `the copy cannot be looked at: ${describeError(error)}`,
    );
  }
}
