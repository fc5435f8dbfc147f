import fs from 'node:fs';
import os from 'node:os';
import type {Directory} from '../../base/directory.ts';
import {seenAt} from '../../base/files.ts';
import {removeTree} from '../../base/remove-tree.ts';
import {startOf} from './lock.ts';

/** Where private copies lie in our own state, each in a directory of its own. */
export const checkingName = 'checking';
/** What the directory of a private copy is called: it says whose it is, so that what a kill leaves can be removed. */
const prefix = 'magds-content-';
/** The boot and the time that a process began are told by /proc; what is no part of a file's name becomes `-`. */
const ownerOf = (pid: number): string | null => startOf(pid)?.replace(/[^a-z0-9]/g, '-') ?? null;

/** Processes are counted anew on each machine, and a disk may be shared. */
const host = os
  .hostname()
  .toLowerCase()
  .replace(/[^a-z0-9-]/g, '-');

/** The beginning of the name of a directory of ours. */
export const ownName = (): string => `${prefix}${process.pid}.${ownerOf(process.pid) ?? 'unknown'}.${host}.`;

/** Whether such a directory was left by a process of this machine that is gone. */
function isLeft(name: string): boolean {
  const [, pid, owner, where] = /^magds-content-(\d+)\.([a-z0-9-]+)\.([a-z0-9-]*)\./.exec(name) ?? [];
  return where === host && ownerOf(Number(pid)) !== owner;
}

/** Hours after which what another machine left belongs to no process any more. */
const longestCheck = 48;

/** What checks that were killed have left in a directory, and we may remove. */
export function findLeft(directory: Directory): string[] {
  const me = process.getuid?.() ?? 0;
  return fs.readdirSync(directory.path).filter((name) => {
    if (!name.startsWith(prefix)) return false;
    const stats = seenAt(`${directory.path}/${name}`);
    if (!stats || (me !== 0 && stats.uid !== me)) return false;
    return isLeft(name) || Date.now() - stats.mtimeMs > longestCheck * 3_600_000;
  });
}

/**
 * Removes them.
 * @returns names of what was removed
 */
export function removeLeft(directory: Directory): string[] {
  const removed: string[] = [];
  for (const name of findLeft(directory)) {
    try {
      removeTree(directory.path, name);
      removed.push(name);
    } catch {
      // Another process was faster, or it is not ours: it takes room, and the next one tries again.
    }
  }
  return removed;
}
