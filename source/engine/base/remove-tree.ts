import fs, {constants} from 'node:fs';
import {seenAt} from './files.ts';
import {errorCode, withAdvice} from './problem.ts';
import {entryOf, throughTree} from './through-tree.ts';

/**
 * Removes what has this name in an open directory, with everything below it, however deep, never through a link.
 * @param parent a path that stays what it is (`Directory.path`)
 */
export function removeTree(parent: string, name: string | Buffer): void {
  throughTree(parent, name, {
    look(path) {
      const below: Buffer[] = [];
      // Names are bytes: one that is not UTF-8 goes too.
      for (const entry of fs.readdirSync(path, {withFileTypes: true, encoding: 'buffer'})) {
        if (entry.isDirectory()) below.push(entry.name);
        else fs.unlinkSync(entryOf(path, entry.name));
      }
      return below;
    },
    leave: (path) => fs.rmdirSync(path),
    refused(path, error) {
      if (errorCode(error) === 'ENOENT') return;
      // ELOOP and ENOTDIR: a link, or anything else that is no directory, goes itself.
      if (errorCode(error) !== 'ELOOP' && errorCode(error) !== 'ENOTDIR') throw error;
      fs.unlinkSync(path);
    },
  });
}

/**
 * Removes a directory that is there and empty, and says whether it did. That nothing is in it is for the kernel to find:
 * nothing can be put into it meanwhile.
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
export function checkRemovable(parent: string, name: string): void {
  const stop = (names: Buffer[], error: unknown): never => {
    throw new Error(`${names.map(String).join('/')}: ${withAdvice(error)}`);
  };
  throughTree(parent, name, {
    look(path, names) {
      const check = (what: Buffer, how: number, shown: () => Buffer[], codes: string[]): void => {
        try {
          fs.accessSync(what, how);
        } catch (error) {
          if (codes.includes(errorCode(error))) stop(shown(), error);
        }
      };
      check(path, constants.W_OK | constants.X_OK, names, ['EACCES', 'EPERM', 'EROFS']);
      const below: Buffer[] = [];
      for (const entry of fs.readdirSync(path, {withFileTypes: true, encoding: 'buffer'})) {
        if (entry.isDirectory()) below.push(entry.name);
        // Whether one may write to a file is no matter where it is to be removed; that it is immutable is.
        else if (entry.isFile())
          check(entryOf(path, entry.name), constants.W_OK, () => [...names(), entry.name], [
            'EPERM',
            'EROFS',
          ]);
      }
      return below;
    },
    refused: (_, error, names) => stop(names(), error),
  });
}

/**
 * Moves something to where it is not looked for, under its own name or, where that is taken, another one: what has it may
 * be another user's.
 * @returns the name
 */
export function moveAside(from: string, to: string, name: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}.${number}`;
    if (seenAt(`${to}/${free}`)) continue;
    try {
      fs.renameSync(`${from}/${name}`, `${to}/${free}`);
      return free;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error))) throw error;
    }
  }
}

/**
 * Removes a backup by way of a directory that is not looked into. Where a rename does not get it there (overlayfs: a
 * directory of the lower layer) it goes in its place, its manifest first, so that what a kill leaves is no backup.
 * @param settle is called once it is a backup no longer
 */
export function removeBackup(from: string, to: string, id: string, settle: () => void): void {
  let aside: string;
  try {
    aside = moveAside(from, to, id);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    removeTree(`${from}/${id}`, 'manifest.json');
    settle();
    removeTree(from, id);
    return;
  }
  settle();
  removeTree(to, aside);
}
