import fs from 'node:fs';
import {openDirectoryInside} from '../open-inside.ts';
import {owns} from '../owner.ts';
import {errorCode} from '../problem.ts';
import {syncDirectory} from '../replace-file.ts';
import {Directory} from '../runbook/directory.ts';
import {Stopped} from './stopped.ts';
import {type FileStamp, stampOf, type TargetPlace} from './target.ts';

/**
 * The directory that a target lies in, walked without following a link; null where it is not there.
 * @throws Stopped where something else is in its place
 */
export function findParent({base, segments, path}: TargetPlace): Directory | null {
  const opened = openDirectoryInside(base, segments.slice(0, -1), 'the target');
  if (!('status' in opened)) return new Directory(opened.fd, path.slice(0, path.lastIndexOf('/')) || '/');
  if (opened.status === 'missing') return null;
  throw new Stopped(`${path}: ${opened.reason}`);
}

/** The same, where it has to be there. */
export function openParent(place: TargetPlace): Directory {
  const parent = findParent(place);
  if (parent) return parent;
  throw new Stopped(`${place.path}: its directory is gone`);
}

/** Makes the directories that a target needs, each with the owner, group and mode of the one that it lies in. */
export function makeParents(place: TargetPlace): void {
  for (let depth = 1; depth < place.segments.length; depth++) {
    const segments = place.segments.slice(0, depth);
    const parent = openParent({...place, segments});
    try {
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
        owns(made.fd, parent.stats, parent.stats.mode & 0o7777);
      } finally {
        made.close();
      }
      syncDirectory(parent.path);
    } finally {
      parent.close();
    }
  }
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
  try {
    return stampOf(fs.lstatSync(`${directory.path}/${name}`, {bigint: true}));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
