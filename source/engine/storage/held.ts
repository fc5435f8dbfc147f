import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import {isThere, readSmallFile, seenAt} from '../base/files.ts';
import {parseAs} from '../base/parse-as.ts';
import {looksLikeBackupId} from './backup-id.ts';
import {locateCopy, namesOf} from './manifest/copy-path.ts';
import {readManifest} from './manifest/read.ts';

/** Where backups lie that PHP's retention must not reach: an ordinary backup each, and who holds it. */
export const heldName = 'held';
export const holdFile = 'hold.json';

const holdSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** UTC, DATE_ATOM. */
  at: z.string(),
  reason: z.string(),
  by: z.string(),
  host: z.string(),
  /** False where no operator has pinned it: then it goes with the last of its sessions. */
  pinned: z.optional(z.boolean()),
  /** Until when it is held although the sessions are over: UTC, ISO 8601. */
  until: z.optional(z.string()),
  /** Numbers of the sessions that it is held for, until each is closed. */
  sessions: z.optional(z.array(z.int())),
});

export type Hold = z.infer<typeof holdSchema>;

/** Whether an operator wants it held, whatever becomes of the sessions. */
export const isPinned = ({pinned}: Hold): boolean => pinned !== false;

/** Until when it is held beside its sessions, in milliseconds since the epoch; null where it is not, or no longer. */
export function heldUntil({until}: Hold, now: number): number | null {
  const at = Date.parse(until ?? '');
  return at > now ? at : null;
}

/** Where the held backups of a root lie; null where there is no root. */
export const heldDirectory = (root: string | null): string | null =>
  root === null ? null : `${root}/storage/runbook/${heldName}`;

/** Where backups of the live files lie that were taken just before a restore: out of the reach of PHP's retention. */
export const safetyName = 'safety';

/** @param held where held backups lie: it is beside them */
export const safetyDirectory = (held: string): string => `${path.dirname(held)}/${safetyName}`;

/** Who holds a backup and why; what cannot be read is still held. */
export function readHold(held: string, id: string): Hold {
  const read = readSmallFile(`${held}/${id}/${holdFile}`, 64 * 1024);
  const unknown = {version: 1 as const, id, at: '', reason: '', by: '', host: ''};
  // Torn, edited or renamed: that it is held is what counts, and the directory says so, and which.
  return {...(('data' in read && parseAs(holdSchema, read.data)) || unknown), id};
}

/** A backup may be called anything; what is called like one is held also where it says so no more. */
function isHold(held: string, name: string): boolean {
  try {
    return looksLikeBackupId(name) || isThere(`${held}/${name}/${holdFile}`);
  } catch {
    return false;
  }
}

/** The held backups, newest first; none where the directory is missing or cannot be read. */
export function listHeld(held: string | null): Hold[] {
  if (held === null) return [];
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(held, {withFileTypes: true});
  } catch {
    // Most roots have none. Where it may not be read, writing commands say so.
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && isHold(held, entry.name))
    .map(({name}) => readHold(held, name))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * Whether what lies at a backup's usual place is to be used, and not what is held of it: PHP may have deleted it, or some
 * of its copies, or made a husk of it.
 */
export function isUsable(backups: string, held: string, id: string): boolean {
  const usual = `${backups}/${id}`;
  if (!seenAt(usual)?.isDirectory()) return false;
  const read = readManifest(usual);
  if (read.state !== 'read') return false;
  const {datasets, id: recorded} = read.manifest;
  const ids = namesOf(id, recorded);
  const copies = datasets.flatMap(({backup}) => {
    const located = locateCopy(backup ?? '', ids);
    return 'unsafe' in located ? [] : [located.segments.join('/')];
  });
  const lacks = (directory: string, copy: string): boolean => {
    try {
      return !isThere(`${directory}/${copy}`);
    } catch {
      // A name that is too long, or not for us to see.
      return false;
    }
  };
  const lost = new Set(copies.filter((copy) => lacks(usual, copy)));
  const other = `${held}/${id}`;
  // The better of the two is the one that lacks nothing that the other has.
  return (
    copies.every((copy) => !lost.has(copy) || lacks(other, copy)) ||
    copies.some((copy) => !lost.has(copy) && lacks(other, copy))
  );
}

/** The safety backups of a root, newest first; none where the directory is missing or cannot be read. */
export function listSafety(held: string | null): string[] {
  if (held === null) return [];
  try {
    const entries = fs.readdirSync(safetyDirectory(held), {withFileTypes: true});
    const ids = entries.filter((entry) => entry.isDirectory() && looksLikeBackupId(entry.name));
    return ids.map(({name}) => name).sort((a, b) => (a < b ? 1 : -1));
  } catch {
    // No restore has made one, or they are not for us to see.
    return [];
  }
}

/** Where a backup lies: in the backups directory, else where it is held, else among what restores have saved. */
export function directoryOf(backups: string, held: string | null, id: string): string {
  const usual = `${backups}/${id}`;
  const other = `${held}/${id}`;
  if (held === null) return usual;
  if (isThere(other)) return isUsable(backups, held, id) ? usual : other;
  const safety = `${safetyDirectory(held)}/${id}`;
  return !isThere(usual) && isThere(safety) ? safety : usual;
}

/** Whether a backup lies among what restores have saved. */
export const isSafetyAt = (root: string | null, directory: string): boolean => {
  const held = heldDirectory(root);
  return held !== null && path.dirname(directory) === safetyDirectory(held);
};
