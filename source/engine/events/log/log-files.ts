import fs from 'node:fs';
import {checkRegular, inodeOf, safeRead, seenAt} from '../../base/files.ts';
import {errorCode} from '../../base/problem.ts';
import {placeOf} from './log-place.ts';

/** An open file of the audit log; it may have been renamed since. */
export type LogFile = {fd: number; id: string};

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
  using directory = place.directory;
  return action(directory.path, place.name);
}

function openRegular(file: string): LogFile | null {
  const there = seenAt(file);
  if (!there) return null;
  // A device may act on being opened.
  checkRegular(there);
  const fd = fs.openSync(file, safeRead);
  try {
    const stats = fs.fstatSync(fd);
    checkRegular(stats);
    return {fd, id: inodeOf(stats)};
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

/** Whether this is still the log. One that has no name any more is: a process that has it open writes to it. */
export function isStill(file: string, {id}: LogFile): boolean {
  try {
    return inodeOf(fs.statSync(file)) === id;
  } catch (error) {
    // No other one was put there, or it cannot be seen here.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errorCode(error))) return true;
    throw error;
  }
}

/** `audit.log.1`, `audit.log.2` and so on; with a date `audit.log-20261123`. */
const rotated = /^(?:\.(?<number>\d{1,6})|-(?<date>\d{8}[\d-]{0,12}))(?<packed>\.[A-Za-z0-9]+)?$/;
const packings = ['.gz', '.xz', '.bz2', '.zst', '.Z'];

/** What logrotate made of a log: names beside it, newest first, and of those that are compressed. */
export function rotatedLogs(root: string, file: string): {plain: string[]; packed: string[]} {
  const found = inDirectory(root, file, (directory, name) =>
    fs.readdirSync(directory).flatMap((entry) => {
      const {number, date, packed} = entry.startsWith(name)
        ? (rotated.exec(entry.slice(name.length))?.groups ?? {})
        : {};
      // With numbers the newest has the lowest, with dates the last one; those with numbers come first.
      if (number !== undefined) return [{entry, age: Number(number), packed}];
      if (date === undefined) return [];
      const day = Number(date.replaceAll('-', '').padEnd(15, '0').slice(0, 15));
      return [{entry, age: Number.MAX_SAFE_INTEGER - day, packed}];
    }),
  );
  const all = (found ?? []).toSorted((a, b) => a.age - b.age);
  return {
    plain: all.flatMap(({entry, packed}) => (packed === undefined ? [entry] : [])),
    packed: all.flatMap(({entry, packed}) =>
      packed !== undefined && packings.includes(packed) ? [entry] : [],
    ),
  };
}
