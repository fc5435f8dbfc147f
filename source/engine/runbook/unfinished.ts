import fs from 'node:fs';
import {asciiJson} from '../escape.ts';
import {owns} from '../owner.ts';
import {errorCode} from '../problem.ts';
import {inodeOf} from '../record-verification.ts';
import {removeTree} from '../remove-tree.ts';
import {syncDirectory} from '../replace-file.ts';
import {Directory} from './state-directory.ts';
import {noteName, readNote} from './unfinished-note.ts';

/** Where a backup is built, and where one goes that is being deleted: out of the catalog, so never half of one in it. */
export const buildingName = 'building';
export const removingName = 'removing';

/** Written before such a directory is filled or emptied. */
export function noteUnfinished(state: Directory, backups: Directory, id: string): void {
  const inode = inodeOf(fs.lstatSync(`${backups.path}/${id}`));
  writeWhole(state, noteName, `${asciiJson({version: 1, backups: backups.name, id, inode})}\n`);
}

export const forgetUnfinished = (state: Directory): void =>
  fs.rmSync(`${state.path}/${noteName}`, {force: true});

/** A small file of our state, replaced whole. */
export function writeWhole(state: Directory, name: string, text: string): void {
  const temporary = `${state.path}/.${name}.new`;
  fs.rmSync(temporary, {force: true});
  const fd = fs.openSync(temporary, 'wx', 0o600);
  try {
    const data = Buffer.from(text);
    for (let written = 0; written < data.length; ) written += fs.writeSync(fd, data, written);
    owns(fd, state.stats, state.stats.mode & 0o644);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(temporary, `${state.path}/${name}`);
  syncDirectory(state.path);
}

function finishNoted(state: Directory): string | null {
  const note = readNote(state.path);
  let finished: string | null = null;
  if (note) {
    const {backups, id, inode} = note;
    const directory = openIfThere(backups);
    try {
      const stats = directory && fs.lstatSync(`${directory.path}/${id}`, {throwIfNoEntry: false});
      const has = (name: string) =>
        directory && fs.lstatSync(`${directory.path}/${id}/${name}`, {throwIfNoEntry: false}) !== undefined;
      if (directory && stats && inodeOf(stats) === inode && !id.includes('/') && !has('manifest.json')) {
        removeTree(directory.path, id);
        finished = id;
      }
    } finally {
      directory?.close();
    }
  }
  forgetUnfinished(state);
  return finished;
}

function openIfThere(directory: string): Directory | null {
  try {
    return Directory.open(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Tidies up what a writer that was killed has left; to be called by whoever holds the lock, so that nobody is at work.
 * @returns names of what was removed
 */
export function finishUnfinished(state: Directory): string[] {
  const finished: string[] = [];
  const noted = finishNoted(state);
  if (noted !== null) finished.push(noted);
  for (const name of [buildingName, removingName]) {
    const directory = state.find(name);
    if (!directory) continue;
    try {
      for (const entry of fs.readdirSync(directory.path)) {
        removeTree(directory.path, entry);
        finished.push(entry);
      }
    } finally {
      directory.close();
    }
  }
  return finished;
}
