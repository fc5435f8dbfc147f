import fs, {type Stats} from 'node:fs';
import type {Directory} from '../../base/directory.ts';
import {asciiJson} from '../../base/escape.ts';
import {isThere, seenAt} from '../../base/files.ts';
import {withAdvice} from '../../base/problem.ts';
import {removeFile} from '../../base/remove-file.ts';
import {removeEmpty, removeTree} from '../../base/remove-tree.ts';
import {areHooksDue} from './hooks-due.ts';
import {checkingName, findLeft, removeLeft} from './left.ts';
import {isFlocked, tryFlock} from './lock-file.ts';
import {stateName} from './state-directory.ts';
import {directoryIdentity, noteName, noteText, readNote, type Unfinished} from './unfinished-note.ts';

/** Where a backup is built, and where one goes that is being deleted: out of the catalog, so never half of one in it. */
export const buildingName = 'building';
export const removingName = 'removing';

function hasProcess(directory: Directory, name: string): boolean {
  using built = isDirectoryIn(directory, name) ? directory.find(name) : null;
  return built !== null && isFlocked(built.fd);
}

/** @throws where a process is at work in it: the lock of the root may have been deleted under it */
function checkFree(directory: Directory, name: string): void {
  if (hasProcess(directory, name)) throw new Error('a process is at work in it');
}

/**
 * Records of restores are root's, and the owner of `storage/` cannot remove them: he does not get us to do it.
 * @throws where one was moved here
 */
function checkNoSession({path}: Directory, name: string): void {
  for (const file of ['journal.json', 'session.jsonl'])
    if (seenAt(`${path}/${name}/${file}`))
      throw new Error('it is the record of a restore: move it back to sessions/');
}

const isDirectoryIn = ({path}: Directory, name: string): boolean =>
  seenAt(`${path}/${name}`)?.isDirectory() ?? false;

/**
 * What a process is building, or fills in the catalog itself, while this one holds the lock of the root: that was
 * deleted under it. Null where there is none.
 */
export function whatIsBuilt(state: Directory, backups: Directory): string | null {
  using building = state.find(buildingName);
  const built = (building ? fs.readdirSync(building.path) : []).map((name) => ({parent: building, name}));
  const noted = readNote(state.path).map(({id}) => ({parent: backups, name: id}));
  for (const {parent, name} of [...built, ...noted])
    if (parent && hasProcess(parent, name)) return `${parent.name}/${name}`;
  return null;
}

/**
 * Begins to build something below `building/`, in place of what was left there. It is locked by itself for as long as it
 * is open: the lock of the root can be deleted.
 */
export function beginBuilding(building: Directory, id: string): Directory {
  checkFree(building, id);
  removeTree(building.path, id);
  return makeLocked(building, id);
}

/** A new directory that others leave alone while it is open here. */
export function makeLocked(parent: Directory, name: string): Directory {
  const made = parent.makeNew(name);
  tryFlock(made.fd);
  return made;
}

/** Removes what was built, and nothing that was put in its place. */
export function removeBuilt(built: Directory, from: Directory, id: string): void {
  for (const name of fs.readdirSync(built.path, {encoding: 'buffer'})) removeTree(built.path, name);
  removeEmpty(`${from.path}/${id}`);
}

/**
 * Moves what was built to its place.
 * @throws where something else had been put in its place: that is moved back, as far as it can be
 */
export function publishBuilt(
  built: Directory,
  from: Directory,
  id: string,
  to: Directory,
  name: string,
): void {
  fs.renameSync(`${from.path}/${id}`, `${to.path}/${name}`);
  if (built.isAt(to, name)) return;
  try {
    fs.renameSync(`${to.path}/${name}`, `${from.path}/${id}`);
  } catch {
    // It was taken away again.
  }
  throw new Error(`${from.name}/${id} was replaced by something else meanwhile: find out by whom`);
}

function writeNote(state: Directory, directories: Unfinished[]): void {
  if (directories.length === 0) removeFile(`${state.path}/${noteName}`);
  else state.write(noteName, `${asciiJson(noteText(directories))}\n`);
  state.sync();
}

const others = (state: Directory, backups: Directory, id: string): Unfinished[] =>
  readNote(state.path).filter((each) => each.backups !== backups.name || each.id !== id);

/** Written before such a directory is made (its stats null), and before it is filled or emptied. */
export function noteUnfinished(state: Directory, backups: Directory, id: string, stats: Stats | null): void {
  const place = directoryIdentity(backups.stats);
  const directory = stats && directoryIdentity(stats);
  writeNote(state, [...others(state, backups, id), {backups: backups.name, place, id, directory}]);
}

export function forgetUnfinished(state: Directory, backups: Directory, id: string): void {
  try {
    writeNote(state, others(state, backups, id));
  } catch {
    // It has no effect on what has a manifest, nor on what is gone: the next writer finds that out.
  }
}

/**
 * A user who may write our state may have forged the note: what it names is a directory in the backups directory that
 * is no backup, else nothing happens.
 * @returns whether something was removed
 * @throws Error where it has to stay noted
 */
function finishNoted(backups: Directory, {id, ...noted}: Unfinished): boolean {
  if (noted.backups !== backups.name || noted.place !== directoryIdentity(backups.stats))
    throw new Error(
      `the backups directory is another one now (is a disk not mounted?). If that one is gone for good, delete ${stateName}/${noteName}`,
    );
  const path = `${backups.path}/${id}`;
  const stats = seenAt(path);
  if (!stats?.isDirectory()) return false;
  checkFree(backups, id);
  if (noted.directory === null) return removeEmpty(path);
  if (noted.directory !== directoryIdentity(stats)) return false;
  if (seenAt(`${path}/manifest.json`)) return false;
  removeTree(backups.path, id);
  backups.sync();
  return true;
}

/**
 * What was left unfinished: what was removed, and what could not be, with why; and whether hooks after a backup are
 * still due, which only the next backup runs.
 */
export type Tidied = {names: string[]; left: {name: string; reason: string}[]; hooksDue?: boolean};

/**
 * What writers that were killed have left, and the next one tidies up: names below `storage/runbook`, and of backups
 * that were begun or removed in place. To be believed only while no process is at work. Nothing is changed.
 */
export function findLeftovers(state: Directory): string[] {
  const inside = (place: string, names: (directory: Directory) => string[]): string[] => {
    using directory = state.find(place);
    return directory ? names(directory).map((name) => `${place}/${name}`) : [];
  };
  return [
    ...readNote(state.path).map(({id}) => id),
    ...inside(checkingName, findLeft),
    ...[buildingName, removingName].flatMap((place) => inside(place, ({path}) => fs.readdirSync(path))),
  ];
}

/** What `Directory.write` and `make` had begun; nothing waits for it, so it is no matter if it stays. */
function removeTemporaries(directory: Directory): void {
  for (const entry of fs.readdirSync(directory.path, {withFileTypes: true})) {
    if (!/^\..+\.new$/.test(entry.name)) continue;
    try {
      const path = `${directory.path}/${entry.name}`;
      // Only an empty directory can be one of ours.
      if (entry.isDirectory()) fs.rmdirSync(path);
      else fs.unlinkSync(path);
    } catch {
      // Another user's, then.
    }
  }
}

/**
 * Tidies up what a writer that was killed has left; to be called with the lock held, so that no process is at work.
 * What belongs to another user stays, and keeps no process from working.
 */
export function finishUnfinished(state: Directory, backups: Directory): Tidied {
  const tidied: Tidied = {names: [], left: [], ...(areHooksDue(state) && {hooksDue: true})};
  const attempt = (name: string, action: () => string | null): void => {
    try {
      const done = action();
      if (done !== null) tidied.names.push(done);
    } catch (error) {
      tidied.left.push({name, reason: withAdvice(error)});
    }
  };
  const noted = readNote(state.path);
  const stay = noted.filter((entry) => {
    const before = tidied.left.length;
    attempt(`${entry.backups}/${entry.id}`, () => (finishNoted(backups, entry) ? entry.id : null));
    return tidied.left.length > before;
  });
  if (isThere(`${state.path}/${noteName}`) && (stay.length === 0 || stay.length < noted.length))
    attempt(`${stateName}/${noteName}`, () => {
      writeNote(state, stay);
      return null;
    });
  removeTemporaries(state);
  attempt(`${stateName}/${checkingName}`, () => {
    using checking = state.find(checkingName);
    // Checks take no lock: only what is left of one that is gone.
    if (checking) tidied.names.push(...removeLeft(checking));
    return null;
  });
  for (const place of [buildingName, removingName]) {
    using directory = state.find(place);
    if (!directory) continue;
    for (const entry of fs.readdirSync(directory.path, {encoding: 'buffer'})) {
      const name = entry.toString('utf8');
      attempt(`${stateName}/${place}/${name}`, () => {
        if (place === buildingName) checkFree(directory, name);
        checkNoSession(directory, name);
        removeTree(directory.path, entry);
        return name;
      });
    }
  }
  return tidied;
}
