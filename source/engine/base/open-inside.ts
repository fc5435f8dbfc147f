import fs, {type BigIntStats, type Stats} from 'node:fs';
import {directoryFlags, notRegular, safeRead} from './files.ts';
import {describeError, errorCode, isOurLack, withAdvice} from './problem.ts';

/** Why something was not opened. */
export type Refusal = {status: 'missing' | 'unsafe' | 'unreadable' | 'not checked'; reason: string};

type Opened = {fd: number; stats: Stats} | Refusal;
/** The same with the times that tell whether it is written to. */
type OpenedExactly = {fd: number; stats: BigIntStats} | Refusal;

export const hasProc = process.platform === 'linux' && fs.existsSync('/proc/self/fd');
/** Linux's O_PATH, which Node does not name: to go through a directory one need not be allowed to list it. */
const throughFlags = hasProc ? directoryFlags | 0o10000000 : directoryFlags;

/** What is wrong with a file or its way, in the words of the caller. */
function whyNotOpened(error: unknown, what: string): Refusal {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return {status: 'missing', reason: `${what} is missing`};
  if (code === 'ELOOP') return {status: 'unsafe', reason: `${what} is a link, not a file`};
  const status = isOurLack(error) ? 'not checked' : 'unreadable';
  const why = status === 'unreadable' ? describeError(error) : withAdvice(error);
  return {status, reason: `${what} cannot be opened: ${why}`};
}

/** One step of a walk, never through a link. @throws the system call's error */
function openStep(path: string, segment: string, what: string, flags = directoryFlags): number | Refusal {
  const below = `${path}/${segment}`;
  try {
    return fs.openSync(below, flags);
  } catch (error) {
    const code = errorCode(error);
    if ((code === 'ENOTDIR' || code === 'ELOOP') && fs.lstatSync(below).isSymbolicLink())
      return {status: 'unsafe', reason: `${segment} on the way to ${what} is a link`};
    throw error;
  }
}

/** A directory that a walk leads to, open. */
export type OpenDirectory = {readonly fd: number; readonly path: string};

/** Levels between two directories that a walk keeps open. */
const keptEvery = 16;

/**
 * Walks to the directories of many files, one after the other: what a way has in common with the last one is not walked
 * again. Each step goes through the directory that was opened before it, never through a link, so swapping a parent
 * meanwhile leads nowhere (RESTORE.md). Where there is no /proc the path is walked by name. To be closed soon: what is put
 * in the place of a directory that is kept open is not seen.
 */
export class Walk {
  #base = '';
  #segments: string[] = [];
  /** Open directories by how many segments lead to them, the last one walked to and some on its way. */
  readonly #open = new Map<number, OpenDirectory>();
  /** Those of them that were only gone through: they need not be readable. */
  readonly #through = new Set<number>();
  readonly #onStep: (depth: number, fd: number, path: string) => void;

  /** @param onStep is given each directory that a walk enters, open, by how many segments lead to it */
  constructor(onStep: (depth: number, fd: number, path: string) => void = () => {}) {
    this.#onStep = onStep;
  }

  /**
   * @param onBase is given the path of the base as soon as it is open; what it throws ends the walk
   * @returns the descriptor, which is the walk's, and the path for system calls: both good until the next call, and the
   * very same as before where it leads to the same directory
   */
  to(
    base: string,
    segments: string[],
    what = 'the copy',
    onBase: (path: string) => void = () => {},
  ): OpenDirectory | Refusal {
    let common = 0;
    if (base !== this.#base) this.close();
    else while (common < segments.length && segments[common] === this.#segments[common]) common++;
    for (const depth of this.#open.keys()) if (depth > common) this.#leave(depth);
    this.#base = base;
    this.#segments = segments;
    try {
      if (this.#open.size === 0) {
        this.#enter(0, fs.openSync(base, throughFlags), true);
        try {
          onBase(this.#path(0));
        } catch (error) {
          this.close();
          throw error;
        }
      }
      let depth = Math.max(...this.#open.keys());
      for (; depth < segments.length; depth++) {
        const isThrough = depth + 1 < segments.length;
        const flags = isThrough ? throughFlags : directoryFlags;
        const next = openStep(this.#path(depth), segments[depth] as string, what, flags);
        if (typeof next !== 'number') return next;
        if (depth % keptEvery !== 0) this.#leave(depth);
        this.#enter(depth + 1, next, isThrough);
      }
      if (this.#through.has(depth)) {
        const whole = fs.openSync(`${this.#path(depth)}/.`, directoryFlags);
        this.#leave(depth);
        this.#enter(depth, whole, false);
      }
      return this.#open.get(depth) as OpenDirectory;
    } catch (error) {
      return whyNotOpened(error, what);
    }
  }

  #enter(depth: number, fd: number, isThrough: boolean): void {
    const path = hasProc ? `/proc/self/fd/${fd}` : [this.#base, ...this.#segments.slice(0, depth)].join('/');
    this.#open.set(depth, {fd, path});
    if (isThrough) this.#through.add(depth);
    this.#onStep(depth, fd, path);
  }

  #path(depth: number): string {
    return (this.#open.get(depth) as OpenDirectory).path;
  }

  #leave(depth: number): void {
    fs.closeSync((this.#open.get(depth) as OpenDirectory).fd);
    this.#open.delete(depth);
    this.#through.delete(depth);
  }

  close(): void {
    for (const depth of this.#open.keys()) this.#leave(depth);
    this.#segments = [];
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Walks to one directory, as `Walk` does.
 * @param onStep is given each directory on the way, open, the last one too
 * @returns the descriptor, for the caller to close, and the path for system calls
 */
export function openDirectoryInside(
  directory: string,
  segments: string[],
  what = 'the copy',
  onStep: (fd: number, path: string) => void = () => {},
): {fd: number; path: string} | Refusal {
  let fd: number | undefined;
  try {
    fd = fs.openSync(directory, segments.length > 0 ? throughFlags : directoryFlags);
    let path = hasProc ? `/proc/self/fd/${fd}` : directory;
    onStep(fd, path);
    for (const [index, segment] of segments.entries()) {
      const next = openStep(path, segment, what, index < segments.length - 1 ? throughFlags : directoryFlags);
      fs.closeSync(fd);
      fd = undefined;
      if (typeof next !== 'number') return next;
      fd = next;
      path = hasProc ? `/proc/self/fd/${fd}` : `${path}/${segment}`;
      onStep(fd, path);
    }
    return {fd, path};
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    return whyNotOpened(error, what);
  }
}

/** A regular file, not opened; the last part of its path is not followed if it is a link. */
export function lookAtFile(path: string, what = 'the copy'): {stats: Stats} | Refusal {
  try {
    const stats = fs.lstatSync(path);
    const kind = notRegular(stats);
    return kind ? {status: 'unsafe', reason: `${what} is ${kind}, not a file`} : {stats};
  } catch (error) {
    return whyNotOpened(error, what);
  }
}

function openAs<Its extends Stats | BigIntStats>(
  path: string,
  what: string,
  statsOf: (fd: number) => Its,
): {fd: number; stats: Its} | Refusal {
  // A device may act on being opened: look before, and look again at what was opened.
  const seen = lookAtFile(path, what);
  if ('status' in seen) return seen;
  try {
    const fd = fs.openSync(path, safeRead);
    const stats = statsOf(fd);
    if (stats.isFile()) return {fd, stats};
    fs.closeSync(fd);
    return {status: 'unsafe', reason: `${what} was swapped while it was opened`};
  } catch (error) {
    return whyNotOpened(error, what);
  }
}

/** Opens a regular file for reading; the last part of its path is not followed if it is a link. */
export const openFile = (path: string, what = 'the copy'): Opened =>
  openAs(path, what, (fd) => fs.fstatSync(fd));

/** The same, for a caller that looks at it again once it is read. */
export const openExactly = (path: string, what = 'the copy'): OpenedExactly =>
  openAs(path, what, (fd) => fs.fstatSync(fd, {bigint: true}));

function openBelow<Its>(
  directory: string,
  segments: string[],
  walk: Walk | undefined,
  open: (path: string) => Its,
): Its | Refusal {
  const way = walk ?? new Walk();
  try {
    const parent = way.to(directory, segments.slice(0, -1));
    return 'status' in parent ? parent : open(`${parent.path}/${segments.at(-1)}`);
  } finally {
    if (!walk) way.close();
  }
}

/**
 * Opens a regular file below `directory` for reading, never through a link.
 * @param walk for many files that come in order; it stays open
 */
export const openInside = (directory: string, segments: string[], walk?: Walk): Opened =>
  openBelow(directory, segments, walk, openFile);

/** The same, for a caller that looks at it again once it is read. */
export const openExactlyInside = (directory: string, segments: string[], walk?: Walk): OpenedExactly =>
  openBelow(directory, segments, walk, openExactly);
