import fs from 'node:fs';
import {notRegular, safeRead} from '../../base/files.ts';
import {errorCode} from '../../base/problem.ts';
import {placeOf} from './log-place.ts';

/** An open file of the audit log; it may have been renamed since. */
export type LogFile = {fd: number; device: number; inode: number};

export const isSameFile = (a: Omit<LogFile, 'fd'>, b: Omit<LogFile, 'fd'>): boolean =>
  a.device === b.device && a.inode === b.inode;

/** What is done in the directory that the log lies in; null where there is none. */
function inDirectory<T>(
  root: string,
  file: string,
  action: (directory: string, name: string) => T,
): T | null {
  let place: ReturnType<typeof placeOf>;
  try {
    place = placeOf(root, file, false);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return action(place.directory.path, place.name);
  } finally {
    place.directory.close();
  }
}

function openRegular(file: string): LogFile | null {
  const there = fs.lstatSync(file, {throwIfNoEntry: false});
  if (!there) return null;
  // A device may act on being opened.
  const kind = notRegular(there);
  if (kind) throw new Error(`it is ${kind}, not a file`);
  const fd = fs.openSync(file, safeRead);
  try {
    const stats = fs.fstatSync(fd);
    const swapped = notRegular(stats);
    if (swapped) throw new Error(`it is ${swapped}, not a file`);
    return {fd, device: stats.dev, inode: stats.ino};
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/**
 * Opens an audit log, or what it was rotated to, to read it; links count as when it is written.
 * @param rotated name of a file beside it, as `rotatedLogs` gives it
 * @returns null where it is not there
 * @throws an error that says why it cannot be read, without the file's name
 */
export const openToRead = (root: string, file: string, rotated?: string): LogFile | null =>
  inDirectory(root, file, (directory, name) => openRegular(`${directory}/${rotated ?? name}`));

/** Endings of files that would have to be unpacked. */
const packed = /\.(gz|xz|bz2|zst|Z)$/;

/**
 * What logrotate made of a log: names beside it, newest first, and of those that are compressed.
 * `audit.log.1`, `audit.log.2` and so on; with a date `audit.log-20261123`.
 */
export function rotatedLogs(root: string, file: string): {plain: string[]; packed: string[]} {
  const found = inDirectory(root, file, (directory, name) =>
    fs.readdirSync(directory).flatMap((entry) => {
      if (!entry.startsWith(name)) return [];
      const rest = entry.slice(name.length);
      const match = /^(?:\.(?<number>\d{1,6})|-(?<date>\d{8}[\d-]{0,12}))(?:\.[A-Za-z0-9]+)?$/.exec(rest);
      const {number, date} = match?.groups ?? {};
      // With numbers the newest has the lowest, with dates the last one.
      if (number !== undefined) return [{entry, dated: false, order: number.padStart(6, '0')}];
      return date === undefined ? [] : [{entry, dated: true, order: date}];
    }),
  );
  const all = (found ?? [])
    .toSorted((a, b) => {
      if (a.dated !== b.dated) return a.dated ? 1 : -1;
      return (a.order < b.order ? -1 : a.order > b.order ? 1 : 0) * (a.dated ? -1 : 1);
    })
    .map(({entry}) => entry);
  return {
    plain: all.filter((entry) => /(\.\d+|-\d{8}[\d-]*)$/.test(entry)),
    packed: all.filter((entry) => packed.test(entry)),
  };
}

/** A file of the log that has several readers: it is closed once nobody reads it any more. */
export class Shared {
  readonly file: LogFile;
  #readers = 0;

  constructor(file: LogFile) {
    this.file = file;
  }

  take(): this {
    this.#readers++;
    return this;
  }

  release(): void {
    this.#readers--;
    if (this.#readers === 0) fs.closeSync(this.file.fd);
  }
}
