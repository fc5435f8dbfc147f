import fs, {constants} from 'node:fs';
import {groupRights} from '../base/acl.ts';
import {type OpenDirectory, openExactly} from '../base/open-inside.ts';
import {ownsCopy} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {type WayStep, WayWalk} from '../base/readers.ts';
import {removeFile} from '../base/remove-file.ts';
import {sleep} from '../base/sleep.ts';
import {writeAll} from '../base/write-all.ts';
import type {CreateHasher, Hasher} from './algorithms.ts';
import {type Attributes, attributesOf, octal, setModified} from './attributes.ts';
import type {HashResult} from './hash-file.ts';

/** Files of one directory, to be copied into another, hashed on the way. */
export type CopyJob = {
  kind: 'copy';
  /** A directory to start from, and the names below it that lead to the files; none of those may be a link. */
  directory: string;
  segments: string[];
  /** Each file's name, and its copy's. */
  files: {name: string; as: string}[];
  /** The directory for the copies, as a path that stays what it is. */
  to: string;
  algorithm: string;
  /** To whom the copies belong; their mode is never wider than the source's and this one's. */
  owner: {uid: number; gid: number; mode: number};
  /** Directories that a reader of the copies has to enter (`placesOf`): only what else leads to the source counts. */
  common: string[];
  /** Whether each copy is to be on the disk before the next; else the caller syncs all. */
  sync: boolean;
  /** Opening the source once more would end the locks that SQLite holds on it for us: POSIX drops them at any close. */
  noSharing?: boolean;
  /** Write one block while the next is hashed: faster where a core is free. */
  ahead: boolean;
};

export type CopyResult =
  | {
      status: 'copied';
      hash: string;
      bytes: number;
      attributes: Attributes;
      /** The source was written to each time it was read. */
      changed: boolean;
    }
  /** The source's fault: the others can still be copied. */
  | Exclude<HashResult, {status: 'read'}>
  /** The target's fault: no other copy would fare better. */
  | {status: 'failed'; reason: string};

/** Bytes a block: what was read is still in the processor's cache when it is hashed and written. */
const blockSize = 256 * 1024;
/** Times a source is read that changes meanwhile. */
const mostAttempts = 3;
/** Milliseconds within which a second write need not show in a file's times. */
const clockTick = 20;
/** Bytes from which on it is worth asking the file system to share blocks. */
const worthSharing = 1024 * 1024;

class TargetError extends Error {}

/** Errors of the target say so, because they end the whole run. */
function onTarget<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new TargetError(describeError(error));
  }
}

const writeBlock = (fd: number, block: Buffer, position: number): void =>
  onTarget(() => writeAll(fd, block, position));

const writeAhead = (fd: number, block: Buffer, position: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fs.write(fd, block, 0, block.length, position, (error, written) => {
      if (error) return reject(new TargetError(describeError(error)));
      try {
        if (written < block.length) writeBlock(fd, block.subarray(written), position + written);
        resolve();
      } catch (failure) {
        reject(failure);
      }
    });
  });

let spare: [Buffer, Buffer] | null = null;
const zeros = Buffer.alloc(blockSize);

type Stream = {from: number; to: number; size: number; sparse: boolean; hasher: Hasher; ahead: boolean};

/** Reads each block once, for the hash and for the copy. What grows without end is read up to the size that was seen. */
export async function copyBlocks(
  {from, to, size, sparse, hasher, ahead}: Stream,
  onProgress: (bytes: number) => boolean,
): Promise<number | null> {
  let [block, other] = spare ?? [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)];
  spare = null;
  let bytes = 0;
  let pending: Promise<void> | null = null;
  try {
    // One byte more is asked for than there should be: less shows that it ends there.
    let isEnd = false;
    while (bytes < size) {
      const wanted = Math.min(blockSize, size - bytes + 1);
      const read = fs.readSync(from, block, 0, wanted, bytes);
      if (read === 0) break;
      isEnd = read < wanted;
      const count = Math.min(read, size - bytes);
      const data = count === blockSize ? block : block.subarray(0, count);
      await pending;
      pending = null;
      const hole = sparse && data.equals(count === blockSize ? zeros : zeros.subarray(0, count));
      if (!hole && ahead && count === blockSize) {
        pending = writeAhead(to, data, bytes);
        // Awaited a block later; an error meanwhile is not unheard.
        pending.catch(() => {});
      } else if (!hole) writeBlock(to, data, bytes);
      hasher.update(data);
      bytes += count;
      [block, other] = [other, block];
      if (!onProgress(bytes)) return null;
    }
    await pending;
    if (sparse) onTarget(() => fs.ftruncateSync(to, bytes));
    // What is longer than it says, as files of /proc are, has not been copied whole.
    return bytes === size && !isEnd && fs.readSync(from, block, 0, 1, bytes) > 0 ? bytes + 1 : bytes;
  } finally {
    await pending?.catch(() => {});
    spare = [block, other];
  }
}

/** File systems that share blocks between files do it at once; asked for once each, because most cannot. */
const cannotShare = new Set<bigint>();

export function share(from: number, target: string, stats: fs.BigIntStats): boolean {
  if (stats.size < worthSharing || cannotShare.has(stats.dev)) return false;
  try {
    fs.copyFileSync(
      `/proc/self/fd/${from}`,
      target,
      constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE,
    );
    return true;
  } catch (error) {
    // Whatever it was, the ordinary way finds out and says it. What was begun is removed already; what was there stays.
    if (errorCode(error) !== 'EEXIST') cannotShare.add(stats.dev);
    return false;
  }
}

const isSame = (a: fs.BigIntStats, b: fs.BigIntStats): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;

async function copyFile(
  job: CopyJob,
  {path: directory, way, rights}: {path: string; way: WayStep[]; rights: () => Map<string, number>},
  {name, as}: CopyJob['files'][number],
  createHasher: CreateHasher,
  onProgress: (bytes: number) => boolean,
): Promise<CopyResult> {
  const source = `${directory}/${name}`;
  const opened = openExactly(source, 'the source');
  if ('status' in opened) return opened;
  const from = opened.fd;
  const target = `${job.to}/${as}`;
  const flags = constants.O_RDWR | constants.O_NOFOLLOW;
  let to: number | undefined;
  const without = (result: CopyResult): CopyResult => {
    // Only what was made here: what was there before is not ours.
    if (to !== undefined) removeFile(target);
    return result;
  };
  try {
    for (let attempt = 1; ; attempt++) {
      const before = attempt === 1 ? opened.stats : fs.fstatSync(from, {bigint: true});
      // Written a moment ago: another write of the same tick would leave the same times.
      if (Math.abs(Date.now() - Number(before.mtimeMs)) < clockTick) sleep(clockTick);
      const hasher = await createHasher(job.algorithm);
      if (!hasher) return {status: 'unsupported', reason: `the algorithm ${job.algorithm} is not supported`};
      const shared = attempt === 1 && !job.noSharing && share(from, target, before);
      to ??= onTarget(() =>
        fs.openSync(target, shared ? flags : flags | constants.O_CREAT | constants.O_EXCL, 0o600),
      );
      if (attempt > 1) onTarget(() => fs.ftruncateSync(to as number, 0));
      const size = shared ? fs.fstatSync(to).size : Number(before.size);
      const sparse = Number(before.blocks) * 512 < size;
      const stream = {from, to, size, sparse, hasher, ahead: job.ahead};
      const read = await (shared ? hashOnly(to, hasher, onProgress) : copyBlocks(stream, onProgress));
      if (read === null) return without({status: 'cancelled', reason: 'cancelled'});
      const after = fs.fstatSync(from, {bigint: true});
      const bytes = Math.min(read, size);
      const changed = !isSame(before, after) || read !== Number(before.size);
      if (changed && attempt < mostAttempts) continue;
      const copy = to;
      const [uid, gid, mode] = [Number(after.uid), Number(after.gid), Number(after.mode)];
      const known = isDoubtful(mode) ? rights().get(name) : undefined;
      return onTarget(() => {
        const real = known === undefined ? mode : (mode & ~0o070) | (mode & (known << 3));
        ownsCopy(copy, {uid, gid, mode: real}, job.owner, way);
        setModified(copy, before.mtimeNs);
        if (job.sync) fs.fsyncSync(copy);
        const attributes = {...attributesOf(before), mode: octal(real)};
        return {status: 'copied', hash: hasher.digest(), bytes, attributes, changed};
      });
    }
  } catch (error) {
    if (error instanceof TargetError) return {status: 'failed', reason: error.message};
    return without({
      status: 'unreadable',
      reason: `the source cannot be read: ${describeError(error)}`,
    });
  } finally {
    fs.closeSync(from);
    if (to !== undefined) fs.closeSync(to);
  }
}

/** The hash of a copy that shares its blocks with the source, so that no write can change it any more. */
async function hashOnly(
  fd: number,
  hasher: Hasher,
  onProgress: (bytes: number) => boolean,
): Promise<number | null> {
  const [block] = spare ?? [Buffer.allocUnsafeSlow(blockSize)];
  for (let bytes = 0; ; ) {
    const count = fs.readSync(fd, block, 0, blockSize, bytes);
    if (count === 0) return bytes;
    hasher.update(block.subarray(0, count));
    bytes += count;
    if (!onProgress(bytes)) return null;
  }
}

/** A group may read it and others may not: who that is, an access control list may say otherwise than the mode. */
const isDoubtful = (mode: number): boolean => (mode & 0o044) === 0o040;

/** What the groups of such files may do, asked at once for all of a directory when the first of them is met. */
function rightsOf({fd, path}: OpenDirectory, files: CopyJob['files']): () => Map<string, number> {
  let known: Map<string, number> | undefined;
  // What cannot be looked at is told when it is its turn.
  const modeOf = (name: string): number => {
    try {
      return fs.lstatSync(`${path}/${name}`).mode;
    } catch {
      return 0;
    }
  };
  return () => {
    known ??= groupRights(
      fd,
      files.flatMap(({name}) => (isDoubtful(modeOf(name)) ? [name] : [])),
    );
    return known;
  };
}

/**
 * Copies files and hashes what was written in the same pass; never throws for what is on the disk. What was begun for
 * a source that failed is removed.
 * @param onProgress is given the bytes of this job read so far; returning false cancels
 * @param walk of the jobs before this one, for the caller to close
 */
export async function copyFiles(
  job: CopyJob,
  createHasher: CreateHasher,
  onProgress: (bytes: number) => boolean,
  walk?: WayWalk,
): Promise<CopyResult[]> {
  if (walk) return copyAll(job, createHasher, onProgress, walk);
  using own = new WayWalk();
  return await copyAll(job, createHasher, onProgress, own);
}

async function copyAll(
  job: CopyJob,
  createHasher: CreateHasher,
  onProgress: (bytes: number) => boolean,
  walk: WayWalk,
): Promise<CopyResult[]> {
  const parent = walk.to(job.directory, job.segments, 'the source', job.common);
  if ('status' in parent) return job.files.map(() => parent);
  const results: CopyResult[] = [];
  let done = 0;
  const named = {...parent, rights: rightsOf(parent, job.files)};
  for (const file of job.files) {
    const last = results.at(-1);
    if (last?.status === 'failed' || last?.status === 'cancelled') {
      results.push(last);
      continue;
    }
    const result = await copyFile(job, named, file, createHasher, (bytes) => onProgress(done + bytes));
    if (result.status === 'copied') done += result.bytes;
    results.push(result);
  }
  return results;
}
