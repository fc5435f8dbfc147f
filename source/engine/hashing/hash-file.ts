import fs from 'node:fs';
import {mtimeMsOf, readAt} from '../base/files.ts';
import {openExactlyInside, Walk} from '../base/open-inside.ts';
import {describeError, isOurLack, withAdvice} from '../base/problem.ts';
import type {CreateHasher, Hasher} from './algorithms.ts';

export type HashJob = {
  /** Directory that the file must lie in, and the names below it. */
  directory: string;
  segments: string[];
  algorithm: string;
  /** Read the next block while this one is hashed: faster for one file alone, slower where every core has a file. */
  readAhead: boolean;
};

/** Files that go to a worker together, to be hashed in turn; all of them with algorithms of one kind. */
export type HashJobs = {
  kind: 'hash';
  algorithm: string;
  files: Omit<HashJob, 'readAhead'>[];
  readAhead: boolean;
};

export type HashResult =
  /** `identity`: see `identityOf`; null where it changed while it was read. */
  | {status: 'read'; hash: string; bytes: number; mtimeMs: number; identity: string | null}
  | {
      status: 'missing' | 'unsafe' | 'unreadable' | 'unsupported' | 'not checked' | 'cancelled';
      reason: string;
    };

/** Which file it is, and all that shows whether it was written to. */
export const fileIdentity = ({dev, ino, size, mtimeNs, ctimeNs}: fs.BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':');

/** Bytes a read. Reading ahead fills one of two buffers while the other is hashed. */
const blockSize = 1024 * 1024;
/** Bytes a read without reading ahead: what was read is still in the processor's cache when it is hashed. */
const smallBlock = 256 * 1024;
type Buffers = {small: Buffer; pair: [Buffer, Buffer]};

/** The small one is no part of a large one: that was 8 % slower. */
const newBuffers = (): Buffers => ({
  small: Buffer.allocUnsafeSlow(smallBlock),
  pair: [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)],
});

/** Kept from one file to the next; each running hash has its own. */
const spare: Buffers[] = [];

/**
 * What grows without end must not be read without end: both ways of reading stop behind the size that was seen. Of a file
 * that ends within a block its end need not be asked for: that it grew is seen from its size.
 */
type Reading = (
  fd: number,
  size: number,
  hasher: Hasher,
  buffers: Buffers,
  onProgress: (bytes: number) => boolean,
) => Promise<number | null> | number | null;

const readInTurn: Reading = (fd, size, hasher, {small}, onProgress) => {
  let bytes = 0;
  while (bytes <= size) {
    const count = fs.readSync(fd, small, 0, smallBlock, bytes);
    if (count === 0) break;
    hasher.update(count === smallBlock ? small : small.subarray(0, count));
    bytes += count;
    if (!onProgress(bytes)) return null;
    if (bytes === size && count < smallBlock) break;
  }
  return bytes;
};

const readingAhead: Reading = async (fd, size, hasher, buffers, onProgress) => {
  let [filled, free] = buffers.pair;
  let bytes = 0;
  let pending = readAt(fd, filled, 0);
  for (;;) {
    const count = await pending;
    bytes += count;
    if (count === 0 || bytes > size) return bytes;
    pending = readAt(fd, free, bytes);
    hasher.update(filled.subarray(0, count));
    if (!onProgress(bytes)) {
      await pending.catch(() => 0);
      return null;
    }
    [filled, free] = [free, filled];
  }
};

/**
 * Hashes one file; never throws for what is on the disk.
 * @param onProgress is given the bytes read so far, once a block; returning false cancels
 * @param walk for many files that come in order
 */
export async function hashFile(
  job: HashJob,
  createHasher: CreateHasher,
  onProgress: (bytes: number) => boolean,
  walk?: Walk,
): Promise<HashResult> {
  const opened = openExactlyInside(job.directory, job.segments, walk);
  if ('status' in opened) return opened;
  const {fd, stats} = opened;
  const size = Number(stats.size);
  const buffers = spare.pop() ?? newBuffers();
  try {
    const hasher = await createHasher(job.algorithm);
    if (!hasher) return {status: 'unsupported', reason: `the algorithm ${job.algorithm} is not supported`};
    const bytes = await (job.readAhead ? readingAhead : readInTurn)(fd, size, hasher, buffers, onProgress);
    if (bytes === null) return {status: 'cancelled', reason: 'cancelled'};
    const after = fs.fstatSync(fd, {bigint: true});
    if (bytes !== size || after.size > stats.size) {
      const how = bytes < size ? `shrank to ${bytes} of` : 'grew beyond';
      return {status: 'unreadable', reason: `the copy ${how} its ${size} bytes while it was read`};
    }
    const before = fileIdentity(stats);
    const identity = fileIdentity(after) === before ? before : null;
    return {status: 'read', hash: hasher.digest(), bytes, mtimeMs: mtimeMsOf(stats), identity};
  } catch (error) {
    if (isOurLack(error))
      return {status: 'not checked', reason: `the copy cannot be read: ${withAdvice(error)}`};
    return {status: 'unreadable', reason: `the copy cannot be read: ${describeError(error)}`};
  } finally {
    fs.closeSync(fd);
    spare.push(buffers);
  }
}

/**
 * Hashes files in turn, as `hashFile` does; a way that they have in common is walked once. Live files and their copies come
 * by turns, so those of one directory go first: going back and forth would walk to each from the top.
 */
export async function hashFiles(
  job: HashJobs,
  createHasher: CreateHasher,
  onProgress: (bytes: number) => boolean,
): Promise<HashResult[]> {
  const {files} = job;
  const readAhead = job.readAhead && files.length === 1;
  using walk = new Walk();
  const results: HashResult[] = [];
  for (const those of Map.groupBy(files.keys(), (index) => files[index]?.directory).values())
    for (const index of those)
      results[index] = await hashFile(
        {...(files[index] as (typeof files)[number]), readAhead},
        createHasher,
        onProgress,
        walk,
      );
  return results;
}
