import fs, {type Stats} from 'node:fs';
import {directoryFlags, inodeOf} from './files.ts';
import {hasProc, type OpenDirectory, type Refusal, Walk} from './open-inside.ts';

type Owned = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/** Who may pass: whose it is, and of owner (4), group (2) and all others (1) those who may. */
export type WayStep = {uid: number; gid: number; may: number};

const classes = (mode: number, bit: number): number =>
  (mode & (bit << 6) ? 4 : 0) | (mode & (bit << 3) ? 2 : 0) | (mode & bit ? 1 : 0);

const enters = ({uid, gid, mode}: Owned): WayStep => ({uid, gid, may: classes(mode, 1)});
export const reads = ({uid, gid, mode}: Owned): WayStep => ({uid, gid, may: classes(mode, 4)});

/** Where that cannot be looked at, no user is known to pass. */
const closed: WayStep = {uid: -1, gid: -1, may: 0};

/** Whether a user of that group passes each step. */
export const passes = (way: WayStep[], {uid, gid}: Pick<Stats, 'uid' | 'gid'>): boolean =>
  way.every(
    (step) =>
      (step.uid === uid && (step.may & 4) !== 0) ||
      (step.gid === gid && (step.may & 2) !== 0) ||
      (step.may & 1) !== 0,
  );

/** The first of them who passes each step, else the user who runs this. */
export const firstOf = <T extends Pick<Stats, 'uid' | 'gid'>>(
  way: WayStep[],
  who: T[],
): T | Pick<Stats, 'uid' | 'gid'> =>
  who.find((each) => passes(way, each)) ?? {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0};

/** A member of a step's group is none of the others: what is open to those only may be closed to him. */
const isOpenToAll = ({may}: WayStep): boolean => (may & 3) === 3;

/** A mode without the rights of group and others of whom some do not pass each step. @param gid the file's own */
export function withinWay(mode: number, gid: number, way: WayStep[]): number {
  const group = way.every((step) => (step.gid === gid ? (step.may & 2) !== 0 : isOpenToAll(step)));
  return mode & ~((group ? 0 : 0o070) | (way.every(isOpenToAll) ? 0 : 0o007));
}

/** The directories above an open one, nearest first, up to `/`. */
function* above(directory: string): Generator<Stats | null, void, undefined> {
  let last = inodeOf(fs.statSync(`${directory}/.`));
  for (let up = '/..'; ; up += '/..') {
    let stats: Stats;
    try {
      stats = fs.statSync(directory + up);
    } catch {
      yield null;
      return;
    }
    if (inodeOf(stats) === last) return;
    last = inodeOf(stats);
    yield stats;
  }
}

/** A directory and those above it: a user who is to reach what lies there has to enter each. */
export function placesOf(directory: string): string[] {
  const own = inodeOf(fs.statSync(`${directory}/.`));
  return [own, ...[...above(directory)].flatMap((stats) => (stats ? [inodeOf(stats)] : []))];
}

/** The steps to what lies in an open directory, but for those that lead to the copies as well. */
function wayAbove(directory: string, common: ReadonlySet<string>): WayStep[] {
  const way: WayStep[] = [];
  for (const stats of above(directory)) {
    if (stats && common.has(inodeOf(stats))) break;
    way.push(stats ? enters(stats) : closed);
  }
  return way;
}

/** Steps without two that are alike: most directories of a tree have the same rights. */
const withStep = (steps: WayStep[], step: WayStep): WayStep[] =>
  steps.some(({uid, gid, may}) => uid === step.uid && gid === step.gid && may === step.may)
    ? steps
    : [...steps, step];

/**
 * Walks to directories, one after the other, as `Walk` does, and says of each who may get there. To be closed soon, as
 * a `Walk` is: rights that change on a way that is kept are not seen.
 */
export class WayWalk {
  #base = '';
  #common = '';
  #isCommon: ReadonlySet<string> = new Set();
  /** By how many segments lead to a directory: who has to be let through, from the base down to it. */
  #ways: WayStep[][] = [];
  readonly #walk = new Walk((depth, fd, path) => this.#note(depth, fd, path));

  /**
   * @param common directories that a reader of the copy has to enter too (`placesOf`)
   * @returns the descriptor, which is the walk's, and the path for system calls: both good until the next call
   */
  to(
    directory: string,
    segments: string[],
    what: string,
    common: readonly string[],
  ): (OpenDirectory & {way: WayStep[]}) | Refusal {
    const key = common.join(' ');
    if (directory !== this.#base || key !== this.#common) this.close();
    this.#base = directory;
    this.#common = key;
    this.#isCommon = new Set(common);
    const reached = this.#walk.to(directory, segments, what);
    return 'status' in reached ? reached : {...reached, way: this.#ways[segments.length] ?? []};
  }

  #note(depth: number, fd: number, path: string): void {
    const stats = fs.fstatSync(fd);
    const isCommon = this.#isCommon.has(inodeOf(stats));
    const before =
      depth === 0 ? (isCommon ? [] : wayAbove(path, this.#isCommon)) : (this.#ways[depth - 1] ?? []);
    this.#ways[depth] = isCommon ? before : withStep(before, enters(stats));
  }

  close(): void {
    this.#walk.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Opens one directory as `WayWalk` does; the caller closes it. */
export function openOnWay(
  directory: string,
  segments: string[],
  what: string,
  common: readonly string[],
): {fd: number; path: string; way: WayStep[]} | Refusal {
  using walk = new WayWalk();
  const reached = walk.to(directory, segments, what, common);
  if ('status' in reached) return reached;
  // The walk closes its own.
  const fd = fs.openSync(`${reached.path}/.`, directoryFlags);
  return {fd, path: hasProc ? `/proc/self/fd/${fd}` : reached.path, way: reached.way};
}
