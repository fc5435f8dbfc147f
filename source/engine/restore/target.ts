import fs from 'node:fs';
import path from 'node:path';
import {type At, allocatedOf, exactly, isOverlay, notRegular, seenAt} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {storagePath} from '../storage/runbook/way.ts';

/** What a file is known by: which one it is, and whether it was written to. Numbers as text, because they are 64 bits. */
export type FileStamp = {dev: string; ino: string; size: number; mtimeNs: string};

/** A place to write to, resolved once: directories below `base` are walked by name, never through a link. */
export type TargetPlace = {
  /** As configured; for the operator and the record. */
  path: string;
  /** A real directory. */
  base: string;
  /** Below it, the file's own name last. */
  segments: string[];
};

export type TargetState =
  | {kind: 'absent' /** Directories on the way that do not exist either. */; missing: string[]}
  | {
      kind: 'file';
      stamp: FileStamp;
      /** Nanoseconds: unlike the modification time nobody can set it back. */
      ctimeNs: string;
      mode: number;
      uid: number;
      gid: number;
      links: number;
      mtimeMs: number;
      /** Bytes that it takes on the disk, where it has holes. */
      allocated?: number;
    };

/** For the number of a file that tells nothing. */
export const noNumber = '0';

/** @param directory that it lies in */
export const stampOf = (stats: fs.BigIntStats, directory: At): FileStamp => ({
  dev: String(stats.dev),
  ino: isOverlay(directory) ? noNumber : String(stats.ino),
  size: Number(stats.size),
  mtimeNs: String(stats.mtimeNs),
});

/** The device's number is for the record: after a restart of the machine the same disk may have another. */
export const sameStamp = (a: FileStamp, b: FileStamp): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;

/**
 * Where a path leads, judged by its names alone. The root and its `storage/` are resolved, links and mounts included,
 * because deploy layouts have them so; nothing below them is (RESTORE.md, "Where a restore may write").
 * @param allowed paths outside that were named by `--allow-target`
 * @param known for many targets: what was resolved already, by its path; grows
 * @returns why it may not be written, in words that follow the path
 */
export function placeTarget(
  root: string,
  target: string,
  allowed: ReadonlySet<string>,
  known = new Map<string, string>(),
): TargetPlace | {refused: string} {
  if (target.includes('\0')) return {refused: 'holds a NUL character'};
  if (!path.isAbsolute(target) || path.normalize(target) !== target || target.endsWith('/'))
    return {refused: 'is not a plain absolute path'};
  const realOf = (directory: string, resolve: () => string): string => {
    const real = known.get(directory) ?? resolve();
    known.set(directory, real);
    return real;
  };
  try {
    for (const home of [`${root}/storage`, root]) {
      if (!target.startsWith(`${home}/`)) continue;
      const segments = target.slice(home.length + 1).split('/');
      const inStorage = home !== root;
      if (inStorage && (segments[0] === 'backups' || segments[0] === 'runbook'))
        return {refused: 'lies where backups and their record are kept'};
      return {
        path: target,
        base: realOf(home, () => (inStorage ? storagePath(root) : fs.realpathSync(home))),
        segments,
      };
    }
    if (!allowed.has(target))
      return {refused: `lies outside the project: if that is meant, --allow-target=${target}`};
    const directory = path.dirname(target);
    const base = realOf(directory, () => fs.realpathSync(directory));
    return {path: target, base, segments: [path.basename(target)]};
  } catch (error) {
    return {refused: `has no directory to lie in: ${describeError(error)}`};
  }
}

/**
 * What lies at a target now.
 * @param walk for many that come in order; it stays open
 * @returns why it may not be written over, in words that follow the path
 */
export function lookAtTarget({base, segments}: TargetPlace, walk?: Walk): TargetState | {refused: string} {
  const way = walk ?? new Walk();
  const directories = segments.slice(0, -1);
  try {
    for (let depth = directories.length; depth >= 0; depth--) {
      const opened = way.to(base, directories.slice(0, depth), 'the target');
      if ('status' in opened) {
        if (opened.status === 'missing' && depth > 0) continue;
        return {refused: opened.status === 'unsafe' ? opened.reason : `cannot be reached: ${opened.reason}`};
      }
      if (depth === directories.length) return lookAt(opened, segments.at(-1) as string);
      // What is in the way may be a file or a link, and then nothing can be made there.
      const inTheWay = seenAt(`${opened.path}/${directories[depth]}`);
      if (inTheWay)
        return {
          refused: `has ${notRegular(inTheWay) ?? 'a file'} for a directory on its way (${directories[depth]})`,
        };
      return {kind: 'absent', missing: directories.slice(depth)};
    }
    return {refused: 'cannot be reached'};
  } finally {
    if (!walk) way.close();
  }
}

function lookAt(directory: At, name: string): TargetState | {refused: string} {
  try {
    const stats = exactly(`${directory.path}/${name}`);
    if (!stats) return {kind: 'absent', missing: []};
    const kind = notRegular(stats);
    if (kind) return {refused: `is ${kind}, not a file`};
    return {
      kind: 'file',
      stamp: stampOf(stats, directory),
      ctimeNs: String(stats.ctimeNs),
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      links: Number(stats.nlink),
      mtimeMs: Number(stats.mtimeNs) / 1e6,
      allocated: allocatedOf({size: Number(stats.size), blocks: Number(stats.blocks)}),
    };
  } catch (error) {
    return {refused: `cannot be looked at: ${describeError(error)}`};
  }
}

/** Why an operation beside a live file failed, and what the operator can do about it. */
export function explainTarget(error: unknown, target: string, uid: number | null): string {
  const owner = uid === null ? 'its owner' : userNameOf(uid);
  switch (errorCode(error)) {
    case 'EPERM':
      return `${target}: not permitted: it is immutable or append-only (lsattr shows it, chattr -i -a ends it), or another user's: run as ${owner} (sudo -u ${owner} magds …)`;
    case 'EACCES':
      return `${target}: permission denied: run as ${owner} (sudo -u ${owner} magds …) or as root`;
    case 'EXDEV':
      return `${target}: a bind mount of its own: it cannot be replaced, only written into`;
    case 'EROFS':
      return `${target}: its file system is read-only: mount it writable first`;
    case 'ENOSPC':
      return `${target}: ${whatIsFull(path.dirname(target))}`;
    default:
      return `${target}: ${describeError(error)}`;
  }
}

/** A disk may be full of files as well as of bytes, and what helps is not the same. */
function whatIsFull(directory: string): string {
  const full = describeError(Object.assign(new Error(), {code: 'ENOSPC'}));
  try {
    const {ffree, files, blocks, bavail, bsize} = fs.statfsSync(directory);
    if (files > 0 && ffree === 0)
      return `no inodes are left on its file system, although ${bavail * bsize} bytes are free: remove files there`;
    return blocks === 0 ? full : `${full}: ${bavail * bsize} bytes are free there`;
  } catch {
    // Its directory was not made either.
    return full;
  }
}
