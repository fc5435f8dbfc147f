import fs, {constants} from 'node:fs';
import {hasProc} from './open-inside.ts';
import {errorCode} from './problem.ts';

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
