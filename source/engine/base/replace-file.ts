import fs, {constants, type Stats} from 'node:fs';
import path from 'node:path';
import {closing, seenAt} from './files.ts';
import {owns} from './owner.ts';
import {errorCode} from './problem.ts';
import {isAlive} from './process.ts';
import {removeFile} from './remove-file.ts';
import {writeWhole} from './write-all.ts';

/** The file is not the one that was read. */
export class Changed extends Error {
  constructor() {
    super('somebody else changed it meanwhile');
  }
}

/**
 * Replaces the content of a file whole or not at all: a temporary in the same directory, written, given the owner
 * and mode of the original, synced, renamed over it, the directory synced. The temporary goes if anything fails.
 * @param original as it was when it was read; another inode, size or mtime by now is refused
 * @throws the system call's error, or an Error that says what changed; the original is then untouched
 */
export function replaceFile(file: string, data: Uint8Array, original: Stats): void {
  const directory = path.dirname(file);
  const prefix = `.${path.basename(file)}.magds-`;
  removeLeftovers(directory, prefix);
  const temporary = path.join(directory, `${prefix}${process.pid}`);
  writeWhole(temporary, data, (fd) => {
    const stats = fs.fstatSync(fd);
    if (stats.uid !== original.uid || stats.gid !== original.gid)
      fs.fchownSync(fd, original.uid, original.gid);
    // After chown, which clears set-id bits.
    fs.fchmodSync(fd, original.mode & 0o7777);
  });
  try {
    const now = fs.lstatSync(file);
    if (now.ino !== original.ino || now.size !== original.size || now.mtimeMs !== original.mtimeMs) {
      throw new Changed();
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
  syncDirectory(directory);
}

/**
 * Puts a file where there is none of its name, whole or not at all, durably. Several may do so at once.
 * @param owner to whom it belongs
 * @throws the system call's error: EEXIST where something has that name; an Error where there are no hard links
 */
export function createFile(
  directory: string,
  name: string,
  data: Uint8Array | string,
  owner: Pick<Stats, 'uid' | 'gid'>,
  mode: number,
): void {
  const prefix = `.${name}.magds-`;
  removeLeftovers(directory, prefix);
  // Its own name for each process: else one takes away, or links, what another is writing.
  const temporary = `${directory}/${prefix}${process.pid}`;
  try {
    writeWhole(temporary, data, (fd) => owns(fd, owner, mode));
    // Unlike a rename, a link never takes the place of what appeared meanwhile.
    link(temporary, `${directory}/${name}`);
  } finally {
    removeFile(temporary);
  }
  syncDirectory(directory);
}

function link(file: string, name: string): void {
  try {
    fs.linkSync(file, name);
  } catch (error) {
    // The file itself was just written there, so it is not that nothing may be.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error))) throw error;
    const why = 'the file system has no hard links, without which a file could be written over';
    throw new Error(why, {cause: error});
  }
}

/** Milliseconds after which a temporary file must be the leftover of a process that was killed, on whatever host. */
const leftoverAge = 60_000;

/**
 * Removes what processes that were killed have left.
 * @param prefix of temporary files, before the number of the process
 */
function removeLeftovers(directory: string, prefix: string): void {
  for (const name of fs.readdirSync(directory)) {
    if (!name.startsWith(prefix)) continue;
    const leftover = path.join(directory, name);
    const stats = seenAt(leftover);
    const pid = Number(name.slice(prefix.length));
    const old = stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) > leftoverAge;
    if (stats && pid !== process.pid && !old && isAlive(pid)) continue;
    removeFile(leftover);
  }
}

export const syncDirectory = (directory: string): void => syncFile(directory, constants.O_DIRECTORY);

/** @param flags beside those for reading */
export function syncFile(file: string, flags = constants.O_NOFOLLOW): void {
  const fd = fs.openSync(file, constants.O_RDONLY | flags);
  using _ = closing(fd);
  fs.fsyncSync(fd);
}
