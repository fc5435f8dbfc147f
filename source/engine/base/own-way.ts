import fs from 'node:fs';
import path from 'node:path';
import {userNameOf} from './owner.ts';

const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * Who could put something else where a path leads: all who may rename a directory on its way. What opens files by their
 * names, as SQLite does, is led there by them.
 * @param real a directory, by a path without links
 * @returns why it is not for us alone, in words; null where only root and we can change what the path leads to
 */
export function whoMaySwap(real: string): string | null {
  const me = process.getuid?.() ?? 0;
  for (let at = real; ; at = path.dirname(at)) {
    const {uid, mode} = fs.lstatSync(at);
    if (uid !== 0 && uid !== me) return `${at} belongs to ${userNameOf(uid)}`;
    // In a sticky directory no user renames what is another's, as what lies below is by then.
    if ((mode & othersMayWrite) !== 0 && (mode & sticky) === 0) return `others may write to ${at}`;
    if (at === path.dirname(at)) return null;
  }
}

/** Whether the files in a directory are only ever put there, or swapped, by root and us. */
export function isOurs(real: string): boolean {
  try {
    return whoMaySwap(real) === null && (fs.lstatSync(real).mode & othersMayWrite) === 0;
  } catch {
    // It was moved away: that could be done.
    return false;
  }
}

/** The nearest directory above a path that is for us alone, and that we may write to; null where there is none. */
export function nearestOwn(real: string): string | null {
  for (let at = path.dirname(real); ; at = path.dirname(at)) {
    try {
      if (whoMaySwap(at) === null) {
        fs.accessSync(at, fs.constants.W_OK | fs.constants.X_OK);
        return at;
      }
    } catch {
      // Not for us; one above it may be.
    }
    if (at === path.dirname(at)) return null;
  }
}
