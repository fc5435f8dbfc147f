import fs from 'node:fs';
import path from 'node:path';
import {seenAt} from '../base/files.ts';
import {describeError, errorCode, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {looksLikeBackupId} from '../storage/backup-id.ts';
import {type Hold, isUsable, listHeld} from '../storage/held.ts';
import {readNote} from '../storage/runbook/unfinished-note.ts';

/** Why a directory in the backups directory is no backup but a stray; null for a backup, whole or not. */
function whyNoBackup(backupsDirectory: string, name: string): string | null {
  if (looksLikeBackupId(name)) return null;
  try {
    const isBackup = ['manifest.json', 'datasets'].some((inside) =>
      seenAt(`${backupsDirectory}/${name}/${inside}`),
    );
    return isBackup ? null : 'a directory that is not a backup';
  } catch (error) {
    return `a directory that cannot be looked into: ${describeError(error)}`;
  }
}

export type Stray = {
  name: string;
  reason: string;
  /** What PHP takes for a directory, links to one included: it deletes those. */
  isDirectory: boolean;
  /** Of a link to a directory: its real path. PHP empties that. */
  leadsTo?: string | null;
};
export type HeldEntry = Hold & {
  /** What lies at its usual place cannot be used, if anything does. */
  only: boolean;
  /** Something of its name lies in the backups directory, so that PHP counts it. */
  counted: boolean;
};
export type Listing = {
  /** Names of backups, newest first: by id, as PHP sorts. */
  ids: string[];
  strays: Stray[];
  /** Backups that are held where no retention reaches them, and whether they lie only there by now. */
  held: HeldEntry[];
  /** False while the backups directory does not exist yet. */
  exists: boolean;
};

const ascii = /^[\x00-\x7f]*$/;

/** Byte order, newest first: the order PHP's retention sees (FORMAT.md). For ASCII, the order of strings is the same. */
const newestFirst = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

const newestFirstByBytes = (a: string, b: string) => Buffer.compare(Buffer.from(b), Buffer.from(a));

const sorted = (ids: string[]): string[] =>
  ids.sort(ids.every((id) => ascii.test(id)) ? newestFirst : newestFirstByBytes);

/** A backup that PHP has deleted and that is held is still one. */
function withHeld(listing: Omit<Listing, 'held'>, directory: string, heldIn: string | null): Listing {
  const holds = listHeld(heldIn);
  const present = new Set(holds.length > 0 ? listing.ids : []);
  const held = holds.map((each) => ({
    ...each,
    only: !isUsable(directory, heldIn as string, each.id),
    counted: present.has(each.id),
  }));
  const only = held.filter((each) => each.only && !each.counted).map(({id}) => id);
  const {strays, exists} = listing;
  const ids = only.length > 0 ? sorted([...listing.ids, ...only]) : listing.ids;
  return {ids, strays, held, exists};
}

/**
 * What lies in the backups directory, and what is held. A link is a stray: it is not followed.
 * @param held where held backups lie; null where there is no such place
 * @throws Problem when the directory cannot be read
 */
export const listBackups = (directory: string, held: string | null = null): Listing =>
  withHeld(withoutUnfinished(listUsual(directory), directory, held), directory, held);

/** Where held backups are all there is, nothing says how the others fare: a disk that is not mounted looks like that. */
export function whyOnlyHeld({ids, held, exists}: Listing, directory: string): string | null {
  const only = held.filter((each) => each.only && !each.counted);
  if (only.length === 0 || ids.length > only.length) return null;
  return `${directory} ${exists ? 'holds no backups' : 'does not exist'}: only what is held could be looked at`;
}

/** The directory that a link leads to; null where it leads to none, as links in a circle do. */
export function leadsTo(link: string): string | null {
  try {
    return fs.statSync(link, {throwIfNoEntry: false})?.isDirectory() ? fs.realpathSync(link) : null;
  } catch {
    // It leads nowhere, or to what may not be seen: PHP finds no directory there either.
    return null;
  }
}

/** Why one that is being built or removed in place is no backup. */
export const underWay = 'being built or removed; if that was cut off, the next writing command finishes it';

/** Where backups are built in place, one that is being built or removed is none; nor is one where that was cut off. */
function withoutUnfinished(
  listing: Omit<Listing, 'held'>,
  directory: string,
  held: string | null,
): Omit<Listing, 'held'> {
  const noted = new Set(
    (held === null ? [] : readNote(path.dirname(held)))
      .filter(({backups, id}) => backups === directory && listing.ids.includes(id))
      .filter(({id}) => !seenAt(`${directory}/${id}/manifest.json`))
      .map(({id}) => id),
  );
  if (noted.size === 0) return listing;
  const more = [...noted].map((name) => ({name, reason: underWay, isDirectory: true}));
  return {
    ...listing,
    ids: listing.ids.filter((id) => !noted.has(id)),
    strays: [...listing.strays, ...more],
  };
}

/** Which directory each backup of a listing lies in. */
export function parents(listing: Listing, directory: string, held: string | null): (id: string) => string {
  const only = new Set(listing.held.filter((each) => each.only).map(({id}) => id));
  return (id) => (held !== null && only.has(id) ? held : directory);
}

function listUsual(directory: string): Omit<Listing, 'held'> {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(directory, {withFileTypes: true});
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {ids: [], strays: [], exists: false};
    throw new Problem(exitCode.failed, `${directory} cannot be listed: ${withAdvice(error)}.`);
  }
  const ids: string[] = [];
  const strays: Stray[] = [];
  for (const entry of entries) {
    const {name} = entry;
    if (name.includes('\ufffd'))
      strays.push({name, reason: 'its name is not UTF-8', isDirectory: entry.isDirectory()});
    else if (entry.isSymbolicLink()) {
      const target = leadsTo(`${directory}/${name}`);
      const reason = 'a link; links are not followed';
      strays.push({name, reason, isDirectory: target !== null, ...(target !== null && {leadsTo: target})});
    } else if (!entry.isDirectory()) strays.push({name, reason: 'not a directory', isDirectory: false});
    else {
      const reason = whyNoBackup(directory, name);
      if (reason === null) ids.push(name);
      else strays.push({name, reason, isDirectory: true});
    }
  }
  sorted(ids);
  strays.sort((a, b) => newestFirst(b.name, a.name));
  return {ids, strays, exists: true};
}

/** Entries up to which looking at each costs nothing that one would notice. */
const quickly = 1000;

/**
 * For the first frame: the listing where there are few entries, else what the names alone say, with the first `count`
 * looked at. Asking the kind of 10,000 entries takes 8 ms that a first frame does not have; the full listing follows.
 */
export function glance(directory: string, count: number, held: string | null = null): Listing {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    // listBackups finds out why, and says it.
    return listBackups(directory, held);
  }
  if (names.length <= quickly) return listBackups(directory, held);
  const ids = names
    .filter((name) => name[8] === '_' && looksLikeBackupId(name))
    .sort()
    .reverse();
  const isDirectory = (id: string) => seenAt(`${directory}/${id}`)?.isDirectory() ?? false;
  const first = ids.splice(0, count).filter(isDirectory);
  return withHeld({ids: [...first, ...ids], strays: [], exists: true}, directory, held);
}
