import fs from 'node:fs';
import {fileTime} from '../base/php-date.ts';

/** What a copy keeps of its source beside the bytes; times in UTC. */
export type Attributes = {mode: string; uid: number; gid: number; mtime: string};

export const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** @param modified nanoseconds, where they are not the file's own */
export function attributesOf({mode, uid, gid, mtimeNs}: fs.BigIntStats, modified = mtimeNs): Attributes {
  return {
    mode: octal(Number(mode)),
    uid: Number(uid),
    gid: Number(gid),
    mtime: fileTime(modified),
  };
}

/** Gives a copy its source's time, to the microsecond. */
export function setModified(fd: number, nanoseconds: bigint): void {
  const micros = Math.abs(Number(nanoseconds / 1000n));
  const nearest = micros / 1e6;
  // The kernel is given seconds as a double, cut off: the nearest one may lie below, which would be a microsecond early.
  const isBelow = (nearest - Math.trunc(nearest)) * 1e6 < micros % 1e6;
  const seconds = isBelow ? nearest + 0.25e-6 : nearest;
  // As text, because Node takes a negative number for now.
  const text = nanoseconds < 0n ? `-${seconds}` : String(seconds);
  fs.futimesSync(fd, text, text);
}
