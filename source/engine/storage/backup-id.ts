import {exitCode, Problem} from '../base/problem.ts';

const shape = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?:_(.+))?$/;

/** A name like the PHP CLI gives: `YYYYMMDD_HHMMSS`, then `_label` (FORMAT.md, "Identifier"). */
export function looksLikeBackupId(name: string): boolean {
  return shape.test(name);
}

/** Whether it names one entry of a directory, as each backup does, whatever it is called. */
export const isOneName = (id: string): boolean =>
  !['', '.', '..'].includes(id) && !/[/\0]/.test(id) && Buffer.byteLength(id) <= 255;

/** When the backup with this id began: seconds since the epoch, from the id's UTC time; null for other names. */
export function backupTime(id: string): number | null {
  const match = shape.exec(id);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same =
    time.getUTCFullYear() === year && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  return same && hour < 24 && minute < 60 && second < 60 ? time.getTime() / 1000 : null;
}

/**
 * An `--id` as the operator gave it, checked before it becomes part of a path.
 * @throws Problem (wrong usage) for anything that is not the name of one entry of a directory
 */
export function checkBackupId(id: string): string {
  const reject = (why: string): never => {
    throw new Problem(exitCode.usage, `--id ${why}. Give a backup id as "magds backup list" shows it.`);
  };
  if (id === '') reject('is empty');
  if (id.includes('\0')) reject('contains a NUL character');
  if (id.includes('/')) reject('contains a slash, so it is not a backup id');
  if (id === '.' || id === '..') reject(`"${id}" is not a backup id`);
  if (Buffer.byteLength(id) > 255) reject(`is ${Buffer.byteLength(id)} bytes long; a name has at most 255`);
  return id;
}
