import fs, {type BigIntStats, constants, type Stats} from 'node:fs';
import os from 'node:os';
import {describeError, errorCode, isOurLack, withAdvice} from './problem.ts';

/** A path as it is typed where no shell reads its `~`. */
export const typedPath = (text: string): string => text.replace(/^~(?=\/)/, os.homedir());

/** Never through a link, never waiting for the other end of a pipe. */
export const safeRead = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** In nanoseconds. */
const second = 1_000_000_000n;

/** To open a directory, never through a link. */
export const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** The time of the last write in milliseconds, to the last bit as it is in `Stats`. */
export function mtimeMsOf({mtimeNs}: BigIntStats): number {
  const part = ((mtimeNs % second) + second) % second;
  return Number((mtimeNs - part) / second) * 1e3 + Number(part) / 1e6;
}

/** Tells a file or a directory from any other on this machine. */
export const inodeOf = ({dev, ino}: Pick<Stats, 'dev' | 'ino'>): string => `${dev}:${ino}`;

/** Differs when what has this name was written to, or is another file; `-` where there is none. */
export function stampOf(path: string): string {
  const stats = fs.lstatSync(path, {throwIfNoEntry: false});
  return stats ? `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}` : '-';
}

/** Reads at most a buffer's length, from there on; may be less. */
export const readAt = (fd: number, buffer: Buffer, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, position, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });

/** Closes a file at the end of the block that says `using` with it. */
export const closing = (fd: number): Disposable => ({[Symbol.dispose]: () => fs.closeSync(fd)});

/** What kind of thing this is, for the operator; null for a regular file. */
export function notRegular(stats: Stats | BigIntStats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a link';
  if (stats.isFIFO()) return 'a pipe (FIFO)';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

/** @throws an error that says what it is, without its name */
export function checkRegular(stats: Stats): void {
  const kind = notRegular(stats);
  if (kind) throw new Error(`it is ${kind}, not a file`);
}

/** What statfs says of overlayfs. */
const overlayType = 0x794c7630;

/** An open directory, by its path for system calls. */
export type At = {readonly path: string};

/** Open directories that were asked about: one never moves to another file system. */
const overlays = new WeakMap<At, boolean>();

/**
 * Whether a directory lies on overlayfs, where the number of a file says little: a second name of one that came from the
 * lower layer has another, and so may its first name after a while.
 */
export function isOverlay(directory: At): boolean {
  const known = overlays.get(directory);
  if (known !== undefined) return known;
  let is = false;
  try {
    is = fs.statfsSync(directory.path).type === overlayType;
  } catch {
    // What is wrong with it is told where something is done there.
  }
  overlays.set(directory, is);
  return is;
}

/** What has a name; undefined where nothing has. Links are not followed. */
export const seenAt = (file: string): Stats | undefined => fs.lstatSync(file, {throwIfNoEntry: false});

export const isThere = (file: string): boolean => seenAt(file) !== undefined;

/** The same as `seenAt`, to the last bit of each time. */
export const exactly = (file: string): BigIntStats | undefined =>
  fs.lstatSync(file, {bigint: true, throwIfNoEntry: false});

/** Whether two names in open directories are one file's, as far as that can be told; never through a link. */
export const isOneFile = (
  directory: string,
  one: string,
  other: string,
  otherDirectory = directory,
): boolean =>
  areOneFile(exactly(`${directory}/${one}`), exactly(`${otherDirectory}/${other}`), {path: directory});

/** The same of what was seen under them. @param directory in which the first one lies */
export function areOneFile(a: BigIntStats | undefined, b: BigIntStats | undefined, directory: At): boolean {
  if (!a || !b) return false;
  if (a.dev === b.dev && a.ino === b.ino) return true;
  // Whatever is done to a file by the one name sets the time that is seen by the other.
  return isOverlay(directory) && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

/** Bytes of a path that the system takes. */
export const longestPath = 4095;

/** Bytes that a file takes on the disk where it has holes; else its size. */
export const allocatedOf = ({size, blocks}: Pick<Stats, 'size' | 'blocks'>): number =>
  Math.min(size, blocks * 512);

/** `isOurs`: it is this machine that had too little of something. */
export type ReadResult = {data: Buffer; stats: Stats} | {missing: true} | {reason: string; isOurs?: boolean};

/**
 * A whole regular file of at most `limit` bytes, opened without following a link.
 * Gives a reason (without the file's name) instead of throwing.
 */
export function readSmallFile(path: string, limit: number): ReadResult {
  try {
    // A device may act on being opened: look before, and look again at what was opened.
    const before = fs.lstatSync(path);
    const kind = notRegular(before);
    if (kind) return {reason: `is ${kind}, not a file`};
    const fd = fs.openSync(path, safeRead);
    using _ = closing(fd);
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) return {reason: 'was replaced by something else while it was opened'};
    if (stats.size > limit) return {reason: `is ${stats.size} bytes long; more than ${limit} is not read`};
    const data = Buffer.allocUnsafe(stats.size);
    let filled = 0;
    while (filled < data.length) {
      const count = fs.readSync(fd, data, filled, data.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return {data: data.subarray(0, filled), stats};
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {missing: true};
    if (isOurLack(error)) return {reason: `cannot be read: ${withAdvice(error)}`, isOurs: true};
    return {reason: `cannot be read: ${describeError(error)}`};
  }
}
