import fs, {constants, type Stats} from 'node:fs';
import {notRegular, safeRead} from './files.ts';
import {describeError, errorCode} from './problem.ts';

export type Opened =
  | {fd: number; stats: Stats}
  | {status: 'missing' | 'unsafe' | 'unreadable'; reason: string};

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
export const hasProc = process.platform === 'linux' && fs.existsSync('/proc/self/fd');

/** What is wrong with a file or its way, in the words of whoever asked for it. */
function whyNotOpened(error: unknown, what: string): Exclude<Opened, {fd: number}> {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return {status: 'missing', reason: `${what} is missing`};
  if (code === 'ELOOP') return {status: 'unsafe', reason: `${what} is a link, not a file`};
  return {status: 'unreadable', reason: `${what} cannot be opened: ${describeError(error)}`};
}

/**
 * Opens a directory below `directory`, walking one name at a time without following a link: each step goes through
 * the directory that was opened before it, so swapping a parent meanwhile leads nowhere (RESTORE.md). Where there is no
 * /proc the path is walked by name.
 * @returns the descriptor, for the caller to close, and the path for system calls
 */
export function openDirectoryInside(
  directory: string,
  segments: string[],
  what = 'the copy',
): {fd: number; path: string} | Exclude<Opened, {fd: number}> {
  let fd: number | undefined;
  try {
    fd = fs.openSync(directory, directoryFlags);
    let path = hasProc ? `/proc/self/fd/${fd}` : directory;
    for (const segment of segments) {
      const below = `${path}/${segment}`;
      const isLink = fs.lstatSync(below).isSymbolicLink();
      if (isLink) {
        fs.closeSync(fd);
        return {status: 'unsafe', reason: `${segment} on the way to ${what} is a link`};
      }
      const next = fs.openSync(below, directoryFlags);
      fs.closeSync(fd);
      fd = next;
      path = hasProc ? `/proc/self/fd/${fd}` : below;
    }
    return {fd, path};
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    return whyNotOpened(error, what);
  }
}

/** Opens a regular file for reading; the last part of its path is not followed if it is a link. */
export function openFile(path: string, what = 'the copy'): Opened {
  try {
    // A device may act on being opened: look before, and look again at what was opened.
    const kind = notRegular(fs.lstatSync(path));
    if (kind) return {status: 'unsafe', reason: `${what} is ${kind}, not a file`};
    const fd = fs.openSync(path, safeRead);
    const stats = fs.fstatSync(fd);
    if (stats.isFile()) return {fd, stats};
    fs.closeSync(fd);
    return {status: 'unsafe', reason: `${what} was swapped while it was opened`};
  } catch (error) {
    return whyNotOpened(error, what);
  }
}

/** Opens a regular file below `directory` for reading, never through a link. */
export function openInside(directory: string, segments: string[]): Opened {
  const parent = openDirectoryInside(directory, segments.slice(0, -1));
  if ('status' in parent) return parent;
  try {
    return openFile(`${parent.path}/${segments.at(-1)}`);
  } finally {
    fs.closeSync(parent.fd);
  }
}
