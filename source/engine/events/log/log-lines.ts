import fs from 'node:fs';
import {setImmediate as breathe} from 'node:timers/promises';

/** Bytes of a line that are kept; of a longer one only where it begins. */
export const longestRead = 1024 * 1024;
const mostOfLonger = 4096;
/** Bytes that are read at once. */
export const blockSize = 256 * 1024;
const lineBreak = 0x0a;

/** A line as it lies in the file, without its line break. */
export type RawLine = {
  /** Whole, or as far as it is kept. */
  bytes: Buffer;
  /** Bytes that it has. */
  length: number;
  /** No line break ends it: it is being written, or its writer was killed. */
  torn: boolean;
};

/** @param bytes of it, at least as many as are kept; @param length that it has */
export const rawLine = (bytes: Buffer, torn: boolean, length = bytes.length): RawLine => ({
  bytes: length > longestRead ? bytes.subarray(0, mostOfLonger) : bytes,
  length,
  torn,
});

/**
 * Bytes of a file from an offset on: fewer than asked for only where it has ended. Read at once, as what reads on the side
 * needs a thread, and a runtime that cannot make it aborts without a word.
 */
export async function bytesAt(fd: number, offset: number, length: number): Promise<Buffer> {
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

/** Where the last line begins that no line break ends; `size` where there is none, or it is too long to look for it. */
export async function wholeLinesEnd(fd: number, size: number): Promise<number> {
  const from = Math.max(0, size - longestRead);
  const last = (await bytesAt(fd, from, size - from)).lastIndexOf(lineBreak);
  if (last < 0 && from > 0) return size;
  return from + last + 1;
}

/**
 * The lines of a file from its end to its beginning, no more of it read than is asked for; null after each block.
 * @returns whether the file became shorter while it was read
 */
export async function* linesBack(
  fd: number,
  end: number,
): AsyncGenerator<RawLine | null, boolean, undefined> {
  let line = rawLine(Buffer.alloc(0), true);
  for (let at = end; at > 0; ) {
    const from = Math.max(0, at - blockSize);
    const block = await bytesAt(fd, from, at - from);
    if (block.length < at - from) return true;
    let stop = block.length;
    const before = (): void => {
      const begin = stop > 0 ? block.lastIndexOf(lineBreak, stop - 1) + 1 : 0;
      const part = block.subarray(begin, stop);
      const bytes = line.length === 0 ? part : Buffer.concat([part, line.bytes]);
      line = rawLine(bytes, line.torn, line.length + part.length);
      stop = begin - 1;
    };
    for (before(); stop >= 0; before()) {
      if (line.length > 0) yield line;
      line = rawLine(Buffer.alloc(0), false);
    }
    at = from;
    yield null;
  }
  if (line.length > 0) yield line;
  return false;
}
