import fs from 'node:fs';
import {looksLikeBackupId} from '../backup-id.ts';
import {asciiJson} from '../escape.ts';
import {describeError} from '../problem.ts';
import {inodeOf} from '../record-verification.ts';
import {removeTree} from '../remove-tree.ts';
import type {Directory} from './directory.ts';
import {stateName} from './state-directory.ts';
import {noteName, readNote} from './unfinished-note.ts';

/** Where a backup is built, and where one goes that is being deleted: out of the catalog, so never half of one in it. */
export const buildingName = 'building';
export const removingName = 'removing';

/** Written before such a directory is filled or emptied. */
export function noteUnfinished(state: Directory, backups: Directory, id: string): void {
  const inode = inodeOf(fs.lstatSync(`${backups.path}/${id}`));
  state.write(noteName, `${asciiJson({version: 1, backups: backups.name, id, inode})}\n`);
  state.sync();
}

export const forgetUnfinished = (state: Directory): void =>
  fs.rmSync(`${state.path}/${noteName}`, {force: true});

/**
 * Whoever may write our state may have forged the note: it can name nothing but a directory in the backups directory
 * that is no backup.
 */
function finishNoted(state: Directory, backups: Directory): string | null {
  const note = readNote(state.path);
  if (!note) return null;
  const {id, inode} = note;
  const path = `${backups.path}/${id}`;
  const stats =
    note.backups === backups.name && looksLikeBackupId(id) && !id.includes('/')
      ? fs.lstatSync(path, {throwIfNoEntry: false})
      : undefined;
  const isOurs = stats?.isDirectory() && inodeOf(stats) === inode;
  const hasManifest = isOurs && fs.lstatSync(`${path}/manifest.json`, {throwIfNoEntry: false});
  if (isOurs && !hasManifest) removeTree(backups.path, id);
  forgetUnfinished(state);
  return isOurs && !hasManifest ? id : null;
}

/** What a writer that was killed had left: what was removed, and what could not be, with why. */
export type Tidied = {names: string[]; left: {name: string; reason: string}[]};

/**
 * Tidies up what a writer that was killed has left; to be called by whoever holds the lock, so that nobody is at work.
 * What belongs to somebody else stays, and keeps nobody from working.
 */
export function finishUnfinished(state: Directory, backups: Directory): Tidied {
  const tidied: Tidied = {names: [], left: []};
  const attempt = (name: string, action: () => string | null): void => {
    try {
      const done = action();
      if (done !== null) tidied.names.push(done);
    } catch (error) {
      tidied.left.push({name, reason: describeError(error)});
    }
  };
  attempt(noteName, () => finishNoted(state, backups));
  for (const place of [buildingName, removingName]) {
    const directory = state.find(place);
    if (!directory) continue;
    try {
      for (const entry of fs.readdirSync(directory.path, {encoding: 'buffer'})) {
        const name = entry.toString('utf8');
        attempt(`${stateName}/${place}/${name}`, () => {
          removeTree(directory.path, entry);
          return name;
        });
      }
    } finally {
      directory.close();
    }
  }
  return tidied;
}
