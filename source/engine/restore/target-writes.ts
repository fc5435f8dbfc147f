import {ahead, type LiveLook} from '../datasets/live-writes.ts';

/** Seconds without a write after which nobody counts as writing any more. */
export const quietTime = 45;
/** Seconds within which a write counts that was not seen: a tree that was copied before is none. */
export const freshTime = 5;
/** Seconds over which writes are counted. */
const window = 60;
/** Steps in which the quiet is told, in seconds: a screen that says each second writes all the time. */
const step = 5;

/** What is known of a target that is looked at again and again. Times are milliseconds since the epoch. */
export type Watched = {
  mark: string;
  /** Of the last look. */
  at: number;
  /** Of the last write; `-Infinity` where there was none. */
  last: number;
  /** Writes that count, of the last minute. */
  times: number[];
  /** That there was one that counts, however long ago. */
  written: boolean;
};

/** What is told of a target that was written to, or may have been a moment ago. */
export type TargetWrite = {
  dataset: string;
  /** Writes that were seen in the last minute, one a look at most; a fresh modification time at the first look is one. */
  times: number;
  /** Whole seconds without a write, in steps, `quietTime` at most. */
  quiet: number;
  /** When it was last written to, in milliseconds since the epoch; null where that is not known. */
  last: number | null;
};

/**
 * What is known after one more look. A change that is seen counts; of before the first look only what is fresh
 * (RESTORE.md: changes of size, mtime or inode).
 * @param before null at the first look
 * @param now milliseconds since the epoch
 * @param ours the file is as a restore has left it, so that its fresh time says nothing
 */
export function noteLook(
  before: Watched | null,
  {mark, lastWrite}: LiveLook,
  now: number,
  ours = false,
): Watched {
  if (!before) {
    if (ours) return {mark, at: now, last: Number.NEGATIVE_INFINITY, times: [], written: false};
    // A clock that is far ahead says nothing.
    const isAhead = lastWrite - now > ahead * 1000;
    const last = Math.min(lastWrite, now);
    const counts = !isAhead && now - last < freshTime * 1000;
    return {mark, at: now, last, times: counts ? [last] : [], written: counts};
  }
  const times = before.times.filter((time) => now - time < window * 1000);
  if (mark === before.mark) return {...before, at: now, times};
  // Where nobody looked for a while it may have been long ago.
  const time = lastWrite > before.at && lastWrite <= now ? lastWrite : now;
  const recent = now - time < window * 1000 ? [time] : [];
  return {mark, at: now, last: time, times: [...times, ...recent], written: true};
}

/** @param quiet see `quietTime` */
export function tellWrite(
  dataset: string,
  {last, times, written}: Watched,
  now: number,
  quiet = quietTime,
): TargetWrite | null {
  const seconds = Math.min(quiet, Math.floor((now - last) / 1000 / step) * step);
  if (!written && seconds >= quiet) return null;
  return {
    dataset,
    times: times.length,
    quiet: Math.max(0, seconds),
    last: Number.isFinite(last) ? last : null,
  };
}
