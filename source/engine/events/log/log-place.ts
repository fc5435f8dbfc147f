import fs, {type Stats} from 'node:fs';
import path from 'node:path';
import {userNameOf} from '../../owner.ts';
import {Directory} from '../../runbook/directory.ts';

/** The directory that a log lies in, and whether that is reached from `storage/` without a link. */
export type LogPlace = {directory: Directory; name: string; inside: boolean; storage: Stats};

const isOurs = ({uid}: Stats): boolean => uid === 0 || uid === (process.getuid?.() ?? 0);

/** `storage/` may be a link (deploy layouts), and is resolved once. */
function storageOf(root: string): {lexical: string; real: string; stats: Stats} {
  const lexical = path.join(root, 'storage');
  const real = fs.realpathSync(lexical);
  return {lexical, real, stats: fs.statSync(real)};
}

/** Where a path lies below a directory; null where it does not. */
function below(directory: string, file: string): string[] | null {
  const relative = path.relative(directory, file);
  return relative === '' || relative.startsWith('..') || path.isAbsolute(relative)
    ? null
    : relative.split(path.sep);
}

/** A link on the way, or in the file's place, is followed where root or whoever runs this has put it there. */
function firstForeignLink(file: string, from: string): string | null {
  const steps = below(from, file) ?? [];
  let at = from;
  for (const step of steps) {
    at = path.join(at, step);
    const stats = fs.lstatSync(at, {throwIfNoEntry: false});
    if (stats?.isSymbolicLink() && !isOurs(stats)) return at;
  }
  return null;
}

function hasLink(from: string, steps: string[]): boolean {
  let at = from;
  for (const step of steps) {
    at = path.join(at, step);
    const stats = fs.lstatSync(at, {throwIfNoEntry: false});
    if (!stats?.isDirectory()) return stats?.isSymbolicLink() ?? false;
  }
  return false;
}

/**
 * Where a log lies. Directories on the way are opened one after the other, and never through a link of somebody else's.
 * @param make makes those in `storage/` that are not there
 */
export function placeOf(root: string, file: string, make: boolean): LogPlace {
  const {lexical, real, stats} = storageOf(root);
  const steps = below(lexical, file) ?? below(real, file);
  if (steps && !hasLink(real, steps)) {
    let directory = Directory.open(real, lexical);
    try {
      for (const step of steps.slice(0, -1)) {
        const next = make ? directory.make(step) : directory.find(step);
        // It would be made here, and the log in it.
        if (!next) return {directory, name: step, inside: true, storage: stats};
        directory.close();
        directory = next;
      }
    } catch (error) {
      directory.close();
      throw error;
    }
    return {directory, name: steps.at(-1) as string, inside: true, storage: stats};
  }
  const foreign = steps && firstForeignLink(path.join(real, ...steps), real);
  if (foreign)
    throw new Error(
      `${foreign} is a link of ${userNameOf(fs.lstatSync(foreign).uid)}'s, and is not followed: only one of root's or yours is`,
    );
  const target = steps ? fs.realpathSync(path.join(real, ...steps)) : file;
  const parent = fs.realpathSync(path.dirname(target));
  return {
    directory: Directory.open(parent, path.dirname(target)),
    name: path.basename(target),
    inside: false,
    storage: stats,
  };
}
