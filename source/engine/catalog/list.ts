import fs from 'node:fs';
import {looksLikeBackupId} from '../backup-id.ts';
import {describeError, errorCode, exitCode, Problem} from '../problem.ts';
import {whyNoBackup} from './row.ts';

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

/** Entries up to which looking at each costs nothing that one would notice. */
const quickly = 1000;

/**
 * For the first frame: the listing where there are few entries, else what the names alone say, with the first `count`
 * looked at. Asking the kind of 10,000 entries takes 8 ms that a first frame does not have; the full listing follows.
 */
export function glance(directory: string, count: number): Listing {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    // listBackups finds out why, and says it.
    return listBackups(directory);
  }
  if (names.length <= quickly) return listBackups(directory);
  const ids = names
    .filter((name) => name[8] === '_' && looksLikeBackupId(name))
    .sort()
    .reverse();
  const isDirectory = (id: string) =>
    fs.lstatSync(`${directory}/${id}`, {throwIfNoEntry: false})?.isDirectory() ?? false;
  const first = ids.splice(0, count).filter(isDirectory);
  return {ids: [...first, ...ids], strays: [], exists: true};
}
