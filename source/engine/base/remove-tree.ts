import fs, {constants} from 'node:fs';
import {hasProc} from './open-inside.ts';
import {errorCode, withAdvice} from './problem.ts';

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Removes what has this name in an open directory, with everything below it, never through a link: each level is
 * emptied through the directory that was opened, so that swapping one for a link meanwhile leads nowhere.
 * @param parent a path that stays what it is (`Directory.path`)
 */
export function removeTree(parent: string, name: string | Buffer): void {
  const path = Buffer.concat([Buffer.from(`${parent}/`), Buffer.from(name)]);
  let fd: number;
  try {
    fd = fs.openSync(path, directoryFlags);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    // ELOOP and ENOTDIR: a link, or anything else that is no directory, goes itself.
    if (errorCode(error) !== 'ELOOP' && errorCode(error) !== 'ENOTDIR') throw error;
    fs.unlinkSync(path);
    return;
  }
  try {
    const inside = hasProc ? `/proc/self/fd/${fd}` : path.toString();
    for (const entry of fs.readdirSync(inside, {withFileTypes: true, encoding: 'buffer'})) {
      // Names are bytes: one that is not UTF-8 goes too.
      const below = Buffer.concat([Buffer.from(`${inside}/`), entry.name]);
      if (entry.isDirectory()) removeTree(inside, entry.name);
      else fs.unlinkSync(below);
    }
  } finally {
    fs.closeSync(fd);
  }
  fs.rmdirSync(path);
}

/**
 * Removes a directory that is there and empty, and says whether it did. That nothing is in it is for the kernel to find:
 * nobody can put anything into it meanwhile.
 */
export function removeEmpty(path: string): boolean {
  try {
    fs.rmdirSync(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) return false;
    throw error;
  }
}

/**
 * Looks for what `removeTree` would stop at, as far as that can be told without trying: a directory that may not be
 * written to, an immutable file.
 * @throws Error that names the first such thing
 */
export function checkRemovable(parent: string, name: string, shown = name): void {
  const inside = `${parent}/${name}`;
  const check = (path: string, how: number, what: string, codes: string[]): void => {
    try {
      fs.accessSync(path, how);
    } catch (error) {
      if (codes.includes(errorCode(error))) throw new Error(`${what}: ${withAdvice(error)}`);
    }
  };
  check(inside, constants.W_OK | constants.X_OK, shown, ['EACCES', 'EPERM', 'EROFS']);
  for (const entry of fs.readdirSync(inside, {withFileTypes: true})) {
    const below = `${shown}/${entry.name}`;
    if (entry.isDirectory()) checkRemovable(inside, entry.name, below);
    // Whether one may write to a file is no matter where it is to be removed; that it is immutable is.
    else if (entry.isFile()) check(`${inside}/${entry.name}`, constants.W_OK, below, ['EPERM', 'EROFS']);
  }
}

/**
 * Removes a backup by way of a directory that nobody looks into. Where a rename does not get it there (overlayfs: a
 * directory of the lower layer) it goes in its place, its manifest first, so that what a kill leaves is no backup.
 * @param settle is called once it is a backup no longer
 */
export function removeBackup(from: string, to: string, id: string, settle: () => void): void {
  removeTree(to, id);
  try {
    fs.renameSync(`${from}/${id}`, `${to}/${id}`);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    removeTree(`${from}/${id}`, 'manifest.json');
    settle();
    removeTree(from, id);
    return;
  }
  settle();
  removeTree(to, id);
}
