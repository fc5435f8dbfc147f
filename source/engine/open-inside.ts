import fs, {constants, type Stats} from 'node:fs';
import {notRegular, safeRead} from './files.ts';
import {describeError, errorCode} from './problem.ts';

export type Opened =
  | {fd: number; stats: Stats}
  | {status: 'missing' | 'unsafe' | 'unreadable'; reason: string};

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
export const hasProc = process.platform === 'linux' && fs.existsSync('/proc/self/fd');

/**
 * Opens a regular file below `directory` for reading, walking one name at a time without following a link: each
 * step goes through the directory that was opened before it, so swapping a parent meanwhile leads nowhere
 * (RESTORE.md). Where there is no /proc the path is walked by name.
 */
export function openInside(directory: string, segments: string[]): Opened {
  let parent: number | undefined;
  let parentPath = directory;
  const step = (fd: number, name: string) => {
    parentPath = hasProc ? `/proc/self/fd/${fd}` : name;
  };
  try {
    parent = fs.openSync(directory, directoryFlags);
    step(parent, directory);
    for (const segment of segments.slice(0, -1)) {
      const path = `${parentPath}/${segment}`;
      const stats = fs.lstatSync(path);
      if (stats.isSymbolicLink())
        return {status: 'unsafe', reason: `${segment} on the way to the copy is a link`};
      const next = fs.openSync(path, directoryFlags);
      fs.closeSync(parent);
      parent = next;
      step(parent, path);
    }
    const path = `${parentPath}/${segments.at(-1)}`;
    // A device may act on being opened: look before, and look again at what was opened.
    const kind = notRegular(fs.lstatSync(path));
    if (kind) return {status: 'unsafe', reason: `the copy is ${kind}, not a file`};
    const fd = fs.openSync(path, safeRead);
    const stats = fs.fstatSync(fd);
    if (stats.isFile()) return {fd, stats};
    fs.closeSync(fd);
    return {status: 'unsafe', reason: 'the copy was swapped while it was opened'};
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return {status: 'missing', reason: 'the copy is missing'};
    if (code === 'ELOOP') return {status: 'unsafe', reason: 'the copy is a link, not a file'};
    return {status: 'unreadable', reason: `the copy cannot be opened: ${describeError(error)}`};
  } finally {
    if (parent !== undefined) fs.closeSync(parent);
  }
}
