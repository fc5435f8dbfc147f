import fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {Walk} from '../base/open-inside.ts';
import {owns} from '../base/owner.ts';
import {describeError} from '../base/problem.ts';
import {firstOf, placesOf, WayWalk, withinWay} from '../base/readers.ts';
import {locateCopy} from '../storage/manifest/copy-path.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {findCopy, linkOrCopy} from './second-name.ts';

/** A dataset of which there is no copy to hold, and why. */
export type Lack = {name: string; reason: string};

/** Copies that are held by a second name, that had to be copied, and what is not held because there is no copy of it. */
export type Held = {linked: number; copied: number; without: Lack[]};

/** How copies come into a hold. */
type Taking = {
  /** Names that the backup has in its manifest. */
  ids: string[];
  work: Directory;
  mayCopy: (bytes: number) => boolean;
  /** Whether a copy is there already. */
  has?: (segments: string[]) => boolean;
};

/** Second names of the copies that there are, or copies. @throws where one of them cannot be taken, with its name */
export async function take(
  directory: string,
  datasets: Dataset[],
  {ids, work, mayCopy, has = () => false}: Taking,
): Promise<{tally: Held; directories: string[][]; copies: number}> {
  const tally: Held = {linked: 0, copied: 0, without: []};
  const directories = new Map<string, string[]>([['', []]]);
  const copies = new Set<string>();
  const walk = new Walk();
  let [at, parent]: [string, Directory] = ['', work];
  const leave = (): void => {
    if (parent !== work) parent.close();
    [at, parent] = ['', work];
  };
  try {
    for (const {name, backup, flaw} of datasets) {
      try {
        const located = locateCopy(backup ?? '', ids);
        if (!('unsafe' in located) && has(located.segments)) continue;
        const found =
          flaw !== null
            ? {lacks: flaw}
            : 'unsafe' in located
              ? {lacks: located.unsafe}
              : findCopy(directory, located.segments, walk);
        if ('lacks' in found) {
          tally.without.push({name, reason: found.lacks});
          continue;
        }
        const copy = found.segments.join('/');
        if (copies.has(copy)) continue;
        const way = found.segments.slice(0, -1);
        // Many files lie in one directory: it is walked to once.
        if (way.join('/') !== at) {
          leave();
          [at, parent] = [way.join('/'), work.enter(way)];
          for (let depth = 1; depth <= way.length; depth++) {
            const steps = way.slice(0, depth);
            directories.set(steps.join('/'), steps);
          }
        }
        tally[await linkOrCopy(found, parent, mayCopy)]++;
        copies.add(copy);
      } catch (error) {
        throw new Error(`${name}: ${describeError(error)}`, {cause: error});
      }
    }
    return {tally, directories: [...directories.values()], copies: copies.size};
  } finally {
    walk.close();
    leave();
  }
}

/** A second name leads to a copy for those only whom the first one leads there. */
export function settleAll(work: Directory, backup: string, directories: string[][], held: Directory): void {
  const common = placesOf(held.path);
  const [ways, walk] = [new WayWalk(), new Walk()];
  try {
    for (const segments of directories) {
      const from = ways.to(backup, segments, 'the backup', common);
      if ('status' in from) throw new Error(from.reason);
      const made = work.enterAlong(segments, walk);
      try {
        owns(made.fd, firstOf(from.way, [held.stats, fs.fstatSync(from.fd)]), 0o700);
        const mode = (held.stats.mode & 0o7755) | 0o700;
        fs.fchmodSync(made.fd, withinWay(mode, made.stats.gid, from.way));
        fs.fsyncSync(made.fd);
      } finally {
        made.close();
      }
    }
  } finally {
    ways.close();
    walk.close();
  }
}
