import fs from 'node:fs';
import {openInside} from '../open-inside.ts';
import {describeError} from '../problem.ts';
import {createHasher} from './algorithms.ts';

export type HashJob = {
  /** Directory that the file must lie in, and the names below it. */
  directory: string;
  segments: string[];
  algorithm: string;
};

export type HashResult =
  | {status: 'read'; hash: string; bytes: number; mtimeMs: number}
  | {status: 'missing' | 'unsafe' | 'unreadable' | 'unsupported' | 'cancelled'; reason: string};

/** Bytes a read. A file is read into two buffers in turn, one being filled while the other is hashed. */
const blockSize = 1024 * 1024;
/** Kept from one file to the next; each running hash has a pair of its own. */
const spare: [Buffer, Buffer][] = [];

const read = (fd: number, buffer: Buffer, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, position, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });

/**
 * Hashes one file; never throws for what is on the disk.
 * @param onProgress is given the bytes read so far, once a block; returning false cancels
 */
export async function hashFile(job: HashJob, onProgress: (bytes: number) => boolean): Promise<HashResult> {
  const opened = openInside(job.directory, job.segments);
  if ('status' in opened) return opened;
  const {fd, stats} = opened;
  const buffers = spare.pop() ?? [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)];
  try {
    const hasher = await createHasher(job.algorithm);
    if (!hasher) return {status: 'unsupported', reason: `the algorithm ${job.algorithm} is not supported`};
    let [filled, free] = buffers;
    let bytes = 0;
    let pending = read(fd, filled, 0);
    for (;;) {
      const count = await pending;
      if (count === 0) break;
      const full = filled;
      bytes += count;
      // What grows without end must not be read without end.
      if (bytes > stats.size) break;
      pending = read(fd, free, bytes);
      hasher.update(count === full.length ? full : full.subarray(0, count));
      if (!onProgress(bytes)) {
        await pending.catch(() => 0);
        return {status: 'cancelled', reason: 'cancelled'};
      }
      filled = free;
      free = full;
    }
    if (bytes !== stats.size) {
      const how = bytes < stats.size ? `shrank to ${bytes} of` : 'grew beyond';
      return {status: 'unreadable', reason: `the copy ${how} its ${stats.size} bytes while it was read`};
    }
    return {status: 'read', hash: hasher.digest(), bytes, mtimeMs: stats.mtimeMs};
  } catch (error) {
    return {status: 'unreadable', reason: `the copy cannot be read: ${describeError(error)}`};
  } finally {
    fs.closeSync(fd);
    spare.push(buffers);
  }
}
