import fs from 'node:fs';
import {type At, allocatedOf, closing, isOneFile} from '../base/files.ts';
import {lookAtFile, type OpenDirectory, openFile, type Walk} from '../base/open-inside.ts';
import {ownsCopy} from '../base/owner.ts';
import {errorCode} from '../base/problem.ts';
import {setModified} from '../hashing/attributes.ts';
import {copyBlocks, share} from '../hashing/copy-files.ts';

/** Holes stay holes. @throws Error where it is not as long as it was */
async function copyWhole(from: number, to: number, stats: fs.Stats): Promise<void> {
  const {size} = stats;
  const hasher = {update: () => {}, digest: () => ''};
  const stream = {from, to, size, sparse: allocatedOf(stats) < size, hasher, ahead: true};
  if ((await copyBlocks(stream, () => true)) !== size) throw new Error('the copy changed meanwhile');
}

/** A copy that can be held: good until its walk goes on. */
type Found = {parent: string; segments: string[]; stats: fs.Stats};

/**
 * @returns why there is nothing to hold: it is gone, or it is no file
 * @throws Error where there may be, and it cannot be looked at
 */
export function findCopy(directory: string, segments: string[], walk: Walk): Found | {lacks: string} {
  const parent = walk.to(directory, segments.slice(0, -1));
  const seen = 'status' in parent ? parent : lookAtFile(`${parent.path}/${segments.at(-1)}`);
  if ('status' in seen) {
    if (seen.status === 'missing' || seen.status === 'unsafe') return {lacks: seen.reason};
    throw new Error(seen.reason);
  }
  return {parent: (parent as OpenDirectory).path, segments, stats: seen.stats};
}

/** A second name for the copy, else a copy of it where that cannot be had (another file system, another owner's file). */
export async function linkOrCopy(
  {parent, segments, stats: seen}: Found,
  to: At,
  mayCopy: (bytes: number) => boolean,
): Promise<'linked' | 'copied'> {
  const name = segments.at(-1) as string;
  const target = `${to.path}/${name}`;
  const source = `${parent}/${name}`;
  try {
    fs.linkSync(source, target);
    const linked = fs.lstatSync(target);
    const {ino, size, mtimeMs} = seen;
    const isIt =
      linked.ino === ino ||
      (linked.size === size && linked.mtimeMs === mtimeMs && isOneFile(parent, name, name, to.path));
    if (!isIt) throw new Error('the copy was swapped meanwhile');
    return 'linked';
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error))) throw error;
  }
  const opened = openFile(source);
  if ('status' in opened) throw new Error(opened.reason);
  using _ = closing(opened.fd);
  if (!mayCopy(allocatedOf(opened.stats)))
    throw new Error('it would have to be copied, and there is no room for that');
  const stats = fs.fstatSync(opened.fd, {bigint: true});
  const shared = share(opened.fd, target, stats);
  const flags = fs.constants.O_RDWR | fs.constants.O_NOFOLLOW;
  const copy = shared
    ? fs.openSync(target, flags)
    : fs.openSync(target, flags | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600);
  try {
    if (!shared) await copyWhole(opened.fd, copy, opened.stats);
    // Whoever may not read the one may not read the other.
    ownsCopy(copy, opened.stats, opened.stats, []);
    setModified(copy, stats.mtimeNs);
    fs.fsyncSync(copy);
  } finally {
    fs.closeSync(copy);
  }
  return 'copied';
}
