import fs, {constants} from 'node:fs';
import {checkRegular, closing, inodeOf, seenAt} from '../../base/files.ts';
import {owns, userNameOf} from '../../base/owner.ts';
import {errorCode} from '../../base/problem.ts';
import {type LogPlace, placeOf} from './log-place.ts';

/** As a file of the directory's owner, so that PHP can go on with it. */
function makeLog({directory, name}: LogPlace): void {
  const file = `${directory.path}/${name}`;
  const fd = fs.openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  using _ = closing(fd);
  const {stats} = directory;
  owns(fd, stats, (stats.mode & 0o664) | 0o600);
  directory.sync();
}

/**
 * What root appends to, no other user may have chosen: a link, another name of a file of root's, a file that the
 * configuration of the web user's names (RESTORE.md, "Where a restore may write, and whom it obeys").
 */
function checkFile(fd: number, {inside, storage}: LogPlace): void {
  const stats = fs.fstatSync(fd);
  checkRegular(stats);
  if (process.getuid?.() !== 0) return;
  if (stats.nlink > 1) throw new Error('it has another name, so root does not write to it');
  if (!inside && storage.uid !== 0 && stats.uid !== storage.uid)
    throw new Error(
      `it lies outside of storage/ and belongs to ${userNameOf(stats.uid)}, not to ${userNameOf(storage.uid)} as storage/ does: root does not write to it`,
    );
}

/** Null where it was rotated away since it was looked at. */
function openFor(file: string): number | null {
  const flags = constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  // An operator who may only add to it does not see how it ends.
  for (const access of [constants.O_RDWR, constants.O_WRONLY]) {
    try {
      return fs.openSync(file, access | flags);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      if (errorCode(error) !== 'EACCES' || access === constants.O_WRONLY) throw error;
    }
  }
  return null;
}

/** @property id tells it from whatever has its name later */
export type OpenLog = {fd: number; id: string; readable: boolean};

/**
 * Opens a log to append to it. One that is not there is made, with the owner of its directory, where that is in
 * `storage/`.
 * @param make false changes nothing
 * @returns null where it is not there, and could be made
 * @throws where it cannot be opened, or must not be written to
 */
export function openLog(root: string, file: string, make = true): OpenLog | null {
  const place = placeOf(root, file, make);
  using directory = place.directory;
  const at = `${directory.path}/${place.name}`;
  const there = seenAt(at);
  // A device may act on being opened.
  if (there) checkRegular(there);
  if (!there) {
    if (!place.inside) throw new Error('it is not there, and is made only in storage/');
    if (!make) {
      fs.accessSync(directory.path, constants.W_OK);
      return null;
    }
    try {
      makeLog(place);
    } catch (error) {
      // PHP may have been faster.
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
  const fd = openFor(at);
  if (fd === null) return null;
  try {
    checkFile(fd, place);
    return {fd, id: inodeOf(fs.fstatSync(fd)), readable: isReadable(fd)};
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function isReadable(fd: number): boolean {
  try {
    fs.readSync(fd, Buffer.alloc(1), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
