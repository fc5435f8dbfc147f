import fs from 'node:fs';
import {setImmediate as breathe} from 'node:timers/promises';

/** Bytes of a line that are kept; of a longer one only where it begins. */
export const longestLine = 1024 * 1024;
/** Bytes of a line that is longer which are read, to see what it is. */
export const mostOfLonger = 4096;
export const lineBreak = 0x0a;

/** A line as it lies in the file, without its line break. */
export type RawLine = {
  /** Whole, or as far as it is kept. */
  bytes: Buffer;
  /** Bytes that it has. */
  length: number;
  /** No line break ends it: it is being written, or whoever wrote it was killed. */
  torn: boolean;
};

/**
 * Bytes of a file from an offset on: fewer than asked for only where it has ended. Read at once, as what reads on the side
 * needs a thread, and a runtime that cannot make it aborts without a word.
 */
export async function readAt(fd: number, offset: number, length: number): Promise<Buffer> {
  await breathe();
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = fs.readSync(fd, buffer, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/**
 * Where the last line begins that no line break ends yet, going by the last MiB of the file.
 * @returns `size` where there is no such line, or it is longer
 */
export async function wholeLinesEnd(fd: number, size: number): Promise<number> {
  const from = Math.max(0, size - longestLine);
  const tail = await readAt(fd, from, size - from);
  const last = tail.lastIndexOf(lineBreak);
  if (last >= 0) return from + last + 1;
  return from === 0 ? 0 : size;
}
