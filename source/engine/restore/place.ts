import fs, {type Stats} from 'node:fs';
import {Directory} from '../base/directory.ts';
import {exactly} from '../base/files.ts';
import {hasProc, type OpenDirectory, openDirectoryInside, type Walk} from '../base/open-inside.ts';
import {owns} from '../base/owner.ts';
import {errorCode} from '../base/problem.ts';
import {syncDirectory} from '../base/replace-file.ts';
import type {Directories} from '../session/journal.ts';
import {Stopped} from '../session/stopped.ts';
import {setAttributes} from '../storage/directory-attributes.ts';
import {type FileStamp, stampOf, type TargetPlace} from './target.ts';

/** A directory that a walk keeps open. */
class Kept extends Directory {
  override close(): void {}

  static readonly #of = new WeakMap<OpenDirectory, Kept>();

  static at(reached: OpenDirectory, name: string): Kept {
    const known = Kept.#of.get(reached);
    if (known?.name === name) return known;
    const kept = new Kept(reached.fd, name);
    Kept.#of.set(reached, kept);
    return kept;
  }
}

/** Its own name, in the directory that it lies in. */
export const nameOf = ({place}: {place: Pick<TargetPlace, 'segments'>}): string =>
  place.segments.at(-1) as string;

/**
 * The directory that a target lies in, walked without following a link; null where it is not there.
 * @param walk for one pass over many targets: what is returned is then good until the next one
 * @throws Stopped where something else is in its place
 */
export function findParent({base, segments, path}: TargetPlace, walk?: Walk): Directory | null {
  const directories = segments.slice(0, -1);
  // It was resolved once: a link that was put on the way since leads nowhere.
  const checkBase = (at: string): void => {
    if (hasProc && fs.readlinkSync(at) !== base) throw new Error(`${base} leads elsewhere by now`);
  };
  let isBase = true;
  const opened = walk
    ? walk.to(base, directories, 'the target', checkBase)
    : openDirectoryInside(base, directories, 'the target', (_, at) => {
        if (isBase) checkBase(at);
        isBase = false;
      });
  const name = path.slice(0, path.lastIndexOf('/')) || '/';
  if (!('status' in opened)) return walk ? Kept.at(opened, name) : new Directory(opened.fd, name);
  if (opened.status === 'missing') return null;
  throw new Stopped(`${path}: ${opened.reason}`);
}

/** A directory that several hold open: it is closed when the last one closes it. */
export class Shared extends Directory {
  #users = 1;

  share(): this {
    this.#users++;
    return this;
  }

  override close(): void {
    this.#users--;
    if (this.#users === 0) super.close();
  }
}

/** The same, where it has to be there. */
export function openParent(place: TargetPlace, walk?: Walk): Directory {
  const parent = findParent(place, walk);
  if (parent) return parent;
  throw new Stopped(`${place.path}: its directory is gone`);
}

/**
 * Makes the directories that a target needs: of a directory dataset as they were, of others each with the owner, group
 * and mode of the one that it lies in.
 * @param note is told what a directory could not be given
 */
export function makeParents(
  place: TargetPlace,
  directories: Directories,
  note: (directory: string, what: string) => void,
): void {
  for (let depth = 1; depth < place.segments.length; depth++) {
    const segments = place.segments.slice(0, depth);
    using parent = openParent({...place, segments});
    const name = segments.at(-1) as string;
    try {
      fs.mkdirSync(`${parent.path}/${name}`, 0o700);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      throw error;
    }
    const made = parent.find(name);
    if (!made) throw new Stopped(`${place.path}: its directory vanished as soon as it was made`);
    try {
      if (!made.isNew) throw new Stopped(`${place.path}: its directory was swapped as soon as it was made`);
      const at = directoryAt(place, depth);
      const why = settle(made, parent.stats, directories, at);
      if (why !== null) note(at, why);
    } finally {
      made.close();
    }
    syncDirectory(parent.path);
  }
}

/** The path of a directory on the way to a target, for the operator and the record. @param depth below the base */
const directoryAt = ({path, segments}: TargetPlace, depth: number): string =>
  path
    .split('/')
    .slice(0, depth - segments.length)
    .join('/');

/** @returns what it could not be given; null where it has all */
function settle(made: Directory, parent: Stats, {by, records}: Directories, at: string): string | null {
  const known = Object.hasOwn(records, at);
  const record = known ? records[at] : undefined;
  // Where nobody knows what it was, nobody but its owner gets in.
  if (!record) {
    owns(made.fd, parent, known ? 0o700 : parent.mode & 0o7777);
    return null;
  }
  // Whoever could write the record may say that something was his, or whose it is where it lies; no more.
  const uid = by === null || record.uid === by.uid ? record.uid : parent.uid;
  const gid = by === null || record.gid === by.gid ? record.gid : parent.gid;
  owns(made.fd, {uid, gid}, 0o700);
  const given = made.stats;
  // Rights of a group are for that group; its files are still to be put into it.
  const rights = record.mode & (given.gid === record.gid ? 0o3777 : 0o1707);
  fs.fchmodSync(made.fd, process.getuid?.() === 0 ? rights : rights | 0o700);
  const whyNot = setAttributes(made.fd, record.attributes);
  if (whyNot !== null) return `its ACL or extended attributes could not be given to it: ${whyNot}`;
  return given.uid === record.uid && given.gid === record.gid
    ? null
    : `it was ${record.uid}:${record.gid}, and is ${given.uid}:${given.gid} now: only root, by a record that nobody else could have written, gives it away`;
}

/** Removes directories that were made for a target, innermost first; those that hold something by now stay. */
export function removeParents(place: TargetPlace, made: string[]): void {
  for (let count = 0; count < made.length; count++) {
    const segments = place.segments.slice(0, place.segments.length - 1 - count);
    const parent = segments.length === 0 ? null : findParent({...place, segments});
    if (!parent) continue;
    try {
      fs.rmdirSync(`${parent.path}/${segments.at(-1)}`);
      syncDirectory(parent.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') continue;
      if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return;
      throw error;
    } finally {
      parent.close();
    }
  }
}

/** Which file has a name in an open directory; null where none has. Links are not followed. */
export function stampAt(directory: Directory, name: string): FileStamp | null {
  const stats = exactly(`${directory.path}/${name}`);
  return stats ? stampOf(stats, directory) : null;
}

/** The names in a directory; null where they cannot be told. */
export function namesIn(directory: string): Set<string> | null {
  try {
    return new Set(fs.readdirSync(directory));
  } catch {
    // It is found out, and said, by whoever opens what lies in it.
    return null;
  }
}
