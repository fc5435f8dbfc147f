import fs from 'node:fs';
import path from 'node:path';
import {marksOf} from '../storage/root.ts';
import type {Row} from './row.ts';

const memo = <T>(of: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as T;
    const made = of(key);
    known.set(key, made);
    return made;
  };
};

function real(file: string): string | null {
  try {
    return fs.realpathSync(file);
  } catch {
    // Not there, or not for us to see: then nothing is known of it.
    return null;
  }
}

/** Two paths to one directory, bind mounts included. */
function isSame(one: string, other: string): boolean {
  try {
    const [a, b] = [fs.statSync(one), fs.statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    // A moved tree's old place is not there any more.
    return false;
  }
}

/** The nearest project that a directory is, or lies in, resolved; null where there is none. */
function projectOf(directory: string): string | null {
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    if (marksOf(at).length > 0) return real(at);
    if (at === path.dirname(at)) return null;
  }
}

type Owned = Pick<Row, 'id' | 'origin'>;

/**
 * Backups of another project that is there and keeps its backups in this directory too, with that project's root. A
 * moved tree's old root is not there; releases of one project share its `storage/`, and are one.
 * @param root ours, absolute
 * @param own live files that are configured here, wherever they lie
 */
export function otherRoots(
  root: string,
  backups: string,
  own: ReadonlySet<string>,
  rows: Iterable<Owned>,
): Map<string, string> {
  const storage = real(`${root}/storage`);
  const ours = real(root);
  const isHere = memo((recorded: string) => isSame(recorded, backups));
  const other = memo((directory: string): string | null => {
    const found = projectOf(directory);
    if (found === null || found === ours) return null;
    const shared = real(`${found}/storage`);
    return shared !== null && shared === storage ? null : found;
  });
  const named = [...rows].flatMap(({id, origin}) => {
    const roots = origin.sources.map((source) => (own.has(source) ? null : other(path.dirname(source))));
    const [first] = roots;
    // One of ours may be configured to take a file of theirs.
    return first && roots.every((each) => each !== null)
      ? [{id, theirs: first, here: origin.backups !== null && isHere(origin.backups)}]
      : [];
  });
  // That one of their backups was made here says that they use it.
  const using = new Set(named.filter(({here}) => here).map(({theirs}) => theirs));
  return new Map(named.filter(({theirs}) => using.has(theirs)).map(({id, theirs}) => [id, theirs]));
}
