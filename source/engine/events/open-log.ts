import fs, {constants, type Stats} from 'node:fs';
import path from 'node:path';
import {notRegular} from '../files.ts';
import {owns, userNameOf} from '../owner.ts';
import {errorCode} from '../problem.ts';
import {Directory} from '../runbook/directory.ts';

/** The directory that a log lies in, and whether that is reached from `storage/` without a link. */
type LogPlace = {directory: Directory; name: string; inside: boolean; storage: Stats};

const isOurs = ({uid}: Stats): boolean => uid === 0 || uid === (process.getuid?.() ?? 0);

/** `storage/` may be a link (deploy layouts), and is resolved once. */
function storageOf(root: string): {lexical: string; real: string; stats: Stats} {
  const lexical = path.join(root, 'storage');
  const real = fs.realpathSync(lexical);
  return {lexical, real, stats: fs.statSync(real)};
}

/** Where a path lies below a directory; null where it does not. */
function below(directory: string, file: string): string[] | null {
  const relative = path.relative(directory, file);
  return relative === '' || relative.startsWith('..') || path.isAbsolute(relative)
    ? null
    : relative.split(path.sep);
}

/** A link on the way, or in the file's place, is followed where root or whoever runs this has put it there. */
function firstForeignLink(file: string, from: string): string | null {
  const steps = below(from, file) ?? [];
  let at = from;
  for (const step of steps) {
    at = path.join(at, step);
    const stats = fs.lstatSync(at, {throwIfNoEntry: false});
    if (stats?.isSymbolicLink() && !isOurs(stats)) return at;
  }
  return null;
}

const hasLink = (from: string, steps: string[]): boolean =>
  steps.some((_, index) =>
    fs.lstatSync(path.join(from, ...steps.slice(0, index + 1)), {throwIfNoEntry: false})?.isSymbolicLink(),
  );

function placeOf(root: string, file: string, make: boolean): LogPlace {
  const {lexical, real, stats} = storageOf(root);
  const steps = below(lexical, file) ?? below(real, file);
  if (steps && !hasLink(real, steps)) {
    let directory = Directory.open(real, lexical);
    try {
      for (const step of steps.slice(0, -1)) {
        const next = make ? directory.make(step) : directory.find(step);
        // It would be made here, and the log in it.
        if (!next) return {directory, name: step, inside: true, storage: stats};
        directory.close();
        directory = next;
      }
    } catch (error) {
      directory.close();
      throw error;
    }
    return {directory, name: steps.at(-1) as string, inside: true, storage: stats};
  }
  const foreign = steps && firstForeignLink(path.join(real, ...steps), real);
  if (foreign)
    throw new Error(
      `${foreign} is a link of ${userNameOf(fs.lstatSync(foreign).uid)}'s, and is not followed: only one of root's or yours is`,
    );
  const target = steps ? fs.realpathSync(path.join(real, ...steps)) : file;
  const parent = fs.realpathSync(path.dirname(target));
  return {
    directory: Directory.open(parent, path.dirname(target)),
    name: path.basename(target),
    inside: false,
    storage: stats,
  };
}

/** As a file of whoever the directory belongs to, so that PHP can go on with it. */
function makeLog({directory, name}: LogPlace): void {
  const file = `${directory.path}/${name}`;
  const fd = fs.openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const {stats} = directory;
    owns(fd, stats, (stats.mode & 0o664) | 0o600);
    directory.sync();
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * What root appends to, somebody else must not have chosen: a link, another name of a file of root's, a file that the
 * configuration of the web user's names (RESTORE.md, "Where a restore may write, and whom it obeys").
 */
function checkFile(fd: number, {inside, storage}: LogPlace): void {
  const stats = fs.fstatSync(fd);
  const kind = notRegular(stats);
  if (kind) throw new Error(`it is ${kind}, not a file`);
  if (process.getuid?.() !== 0) return;
  if (stats.nlink > 1) throw new Error('it has another name, so root does not write to it');
  if (!inside && storage.uid !== 0 && stats.uid !== storage.uid)
    throw new Error(
      `it lies outside of storage/ and belongs to ${userNameOf(stats.uid)}, not to ${userNameOf(storage.uid)} as storage/ does: root does not write to it`,
    );
}

function openFor(file: string): number {
  const flags = constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return fs.openSync(file, constants.O_RDWR | flags);
  } catch (error) {
    // Whoever may only add to it does not see how it ends.
    if (errorCode(error) !== 'EACCES') throw error;
    return fs.openSync(file, constants.O_WRONLY | flags);
  }
}

export type OpenLog = {fd: number; inode: number; readable: boolean};

/**
 * Opens a log to append to it. One that is not there is made, with the owner of its directory, where that is in
 * `storage/`.
 * @param make false changes nothing: null then says that it is not there, and could be made
 * @throws where it cannot be opened, or must not be written to
 */
export function openLog(root: string, file: string, make = true): OpenLog | null {
  const place = placeOf(root, file, make);
  const {directory, name} = place;
  try {
    const at = `${directory.path}/${name}`;
    const there = fs.lstatSync(at, {throwIfNoEntry: false});
    // A device may act on being opened.
    const kind = there && notRegular(there);
    if (kind) throw new Error(`it is ${kind}, not a file`);
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
    try {
      checkFile(fd, place);
      const {ino} = fs.fstatSync(fd);
      return {fd, inode: ino, readable: isReadable(fd)};
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  } finally {
    directory.close();
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
