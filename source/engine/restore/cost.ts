import fs from 'node:fs';
import path from 'node:path';
import {dumpEstimate, freeSpace} from '../datasets/space.ts';
import type {RestoreAction, Space} from './action.ts';

/** Bytes a second that a disk is taken to do where nothing was measured. */
const guessedRate = 300e6;
/** Bytes kept free beside what is written: for the journal and the record. */
const margin = 1024 * 1024;
/** The nearest directory that is there. */
function existing(directory: string): string {
  let at = directory;
  while (!fs.existsSync(at) && at !== path.dirname(at)) at = path.dirname(at);
  return at;
}

/**
 * What will be written on each file system: what is staged in the targets' directories, and the safety backup.
 * @param safe where safety backups lie; null where there is to be none
 */
export function spaceFor(
  actions: Pick<RestoreAction, 'action' | 'place' | 'bytes' | 'allocated' | 'live' | 'database'>[],
  safe: string | null,
): Space[] {
  const spaces = new Map<number, Space>();
  const found = new Map<string, {where: string; dev: number; blksize: number}>();
  const find = (directory: string) => {
    const where = existing(directory);
    const {dev, blksize} = fs.statSync(where);
    return {where, dev, blksize};
  };
  const add = (directory: string, bytes: number): void => {
    const at = found.get(directory) ?? find(directory);
    found.set(directory, at);
    const {where, dev, blksize} = at;
    const space = spaces.get(dev) ?? {where, needed: margin, free: freeSpace(where)};
    spaces.set(dev, {...space, needed: space.needed + Math.ceil(bytes / blksize) * blksize});
  };
  for (const {action, place, bytes, allocated = bytes, live, database} of actions) {
    if (action === 'unchanged' || action === 'refused') continue;
    if (safe !== null && database?.live) add(safe, dumpEstimate(database.live.bytes ?? 0));
    if (!place) continue;
    if (action !== 'remove') add([place.base, ...place.segments.slice(0, -1)].join('/'), allocated);
    if (safe !== null && live?.kind === 'file') add(safe, live.allocated ?? live.stamp.size);
  }
  return [...spaces.values()];
}

/** Bytes of a dump a second that pg_dump is taken to write, where the manifest does not say how long that took. */
const guessedDump = 10e6;
/** What a load takes of the time of its dump: indexes are built, and rows are counted. */
const loadPart = 1;

/** Seconds that are taken by dumping and loading a database. */
function databaseSeconds({bytes, database, dump: drilled}: RestoreAction, safety: boolean): number {
  if (drilled?.scratch) return (drilled.seconds ?? bytes / guessedDump) * loadPart;
  if (database?.comes?.how !== 'load') return 0;
  const dump = database.comes.seconds ?? bytes / guessedDump;
  return dump * loadPart + (safety && database.live ? dump : 0);
}

/** Seconds that a restore will take, from the rate at which its plan was hashed. */
export function estimate(actions: RestoreAction[], safety: boolean, rate: number | null): number {
  const put = actions.filter(({action}) => action === 'create' || action === 'overwrite');
  const databases = put.reduce((sum, each) => sum + databaseSeconds(each, safety), 0);
  const bytes = put.reduce((sum, each) => sum + (each.database ? 0 : each.bytes), 0);
  const old = put.reduce((sum, {live}) => sum + (live?.kind === 'file' ? live.stamp.size : 0), 0);
  // Read, written and read again; what is saved is read and written.
  return (bytes * 3 + (safety ? old * 2 : 0)) / (rate ?? guessedRate) + databases + 0.5;
}
