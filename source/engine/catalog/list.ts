import fs from 'node:fs';
import {describeError, errorCode, exitCode, Problem} from '../problem.ts';
import {type Row, readRow, whyNoBackup} from './row.ts';

export type Stray = {name: string; reason: string};
export type Listing = {
  /** Names of backups, newest first: by id, as PHP sorts. */
  ids: string[];
  strays: Stray[];
  /** False while the backups directory does not exist yet. */
  exists: boolean;
};

const ascii = /^[\x00-\x7f]*$/;

/** Byte order, newest first: the order PHP's retention sees (FORMAT.md). For ASCII, the order of strings is the same. */
const newestFirst = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

const newestFirstByBytes = (a: string, b: string) => Buffer.compare(Buffer.from(b), Buffer.from(a));

/**
 * What lies in the backups directory. A link is a stray: it is not followed.
 * @throws Problem when the directory cannot be read
 */
export function listBackups(directory: string): Listing {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(directory, {withFileTypes: true});
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {ids: [], strays: [], exists: false};
    const advice = errorCode(error) === 'EACCES' ? ' Run as its owner, or as root.' : '';
    throw new Problem(exitCode.failed, `${directory} cannot be listed: ${describeError(error)}.${advice}`);
  }
  const ids: string[] = [];
  const strays: Stray[] = [];
  for (const entry of entries) {
    const {name} = entry;
    if (name.includes('\ufffd')) strays.push({name, reason: 'its name is not UTF-8'});
    else if (entry.isSymbolicLink()) strays.push({name, reason: 'a link; links are not followed'});
    else if (!entry.isDirectory()) strays.push({name, reason: 'not a directory'});
    else {
      const reason = whyNoBackup(directory, name);
      if (reason === null) ids.push(name);
      else strays.push({name, reason});
    }
  }
  ids.sort(ids.every((id) => ascii.test(id)) ? newestFirst : newestFirstByBytes);
  strays.sort((a, b) => newestFirst(b.name, a.name));
  return {ids, strays, exists: true};
}

/** Rows in the given order, each read when it is asked for. */
export function* readRows(directory: string, ids: Iterable<string>, now: number): Generator<Row> {
  for (const id of ids) yield readRow(directory, id, now);
}
