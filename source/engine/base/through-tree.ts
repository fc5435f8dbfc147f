import fs from 'node:fs';
import {directoryFlags} from './files.ts';
import {hasProc} from './open-inside.ts';
import {namingFile} from './problem.ts';

/** Levels that are open at a time, however deep it goes. */
const keptOpen = 16;

type Level = {name: Buffer; dev: bigint; ino: bigint; fd: number | null; below: Buffer[]};

type TreeVisit = {
  /**
   * In a directory that is open.
   * @param path of it, for system calls, good until this returns
   * @param names of the directories that lead to it, from the top's on
   * @returns the names in it that are to be gone into
   */
  look(path: Buffer, names: () => Buffer[]): Buffer[];
  /** One was gone through, and is not open any more. */
  leave?(path: Buffer): void;
  /** One could not be opened: it is a link, or gone, or no directory. What this throws ends it. */
  refused(path: Buffer, error: unknown, names: () => Buffer[]): void;
};

export const entryOf = (directory: Buffer, name: Buffer): Buffer =>
  Buffer.concat([directory, Buffer.from('/'), name]);

/**
 * Goes through a tree, what is below before what it is in, never through a link: each level is opened through the one
 * above, so that swapping one for a link meanwhile leads nowhere. Back up from far below it goes by `..`, and only where
 * that is the very directory that it came through.
 * @param parent a path that stays what it is (`Directory.path`)
 * @throws Error where a directory was moved out of the one that it was found in meanwhile
 */
export function throughTree(parent: string, name: string | Buffer, visit: TreeVisit): void {
  const levels: Level[] = [];
  const pathOf = (depth: number): Buffer =>
    depth < 0
      ? Buffer.from(parent)
      : hasProc
        ? Buffer.from(`/proc/self/fd/${levels[depth]?.fd}`)
        : Buffer.from([parent, ...levels.slice(0, depth + 1).map((level) => level.name)].join('/'));
  const close = (level: Level | undefined): void => {
    if (typeof level?.fd === 'number') fs.closeSync(level.fd);
    if (level) level.fd = null;
  };
  const enter = (next: Buffer): void => {
    const path = entryOf(pathOf(levels.length - 1), next);
    let fd: number;
    try {
      fd = fs.openSync(path, directoryFlags);
    } catch (error) {
      visit.refused(path, error, () => [...levels.map((each) => each.name), next]);
      return;
    }
    const {dev, ino} = fs.fstatSync(fd, {bigint: true});
    const level: Level = {name: next, dev, ino, fd, below: []};
    levels.push(level);
    close(levels[levels.length - 1 - keptOpen]);
    level.below = visit.look(pathOf(levels.length - 1), () => levels.map((each) => each.name)).reverse();
  };
  /** Opens the level above the last one again, where it is not. */
  const reopen = (): void => {
    const depth = levels.length - 2;
    const above = levels[depth];
    if (!above || above.fd !== null) return;
    const path = hasProc ? entryOf(pathOf(depth + 1), Buffer.from('..')) : pathOf(depth);
    above.fd = fs.openSync(path, directoryFlags);
    const {dev, ino} = fs.fstatSync(above.fd, {bigint: true});
    if (dev !== above.dev || ino !== above.ino)
      throw new Error(`a directory in ${name.toString()} was moved meanwhile`);
  };
  try {
    enter(Buffer.from(name));
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const next = level.below.pop();
      if (next) {
        enter(next);
        continue;
      }
      reopen();
      close(level);
      levels.pop();
      visit.leave?.(entryOf(pathOf(levels.length - 1), level.name));
    }
  } catch (error) {
    throw namingFile(error);
  } finally {
    for (const level of levels) close(level);
  }
}
