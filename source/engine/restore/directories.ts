import type {Stats} from 'node:fs';
import type {RunPlace} from '../config/project.ts';
import type {Directories, JournalItem} from '../session/journal.ts';
import {lookAtDirectories} from '../storage/directory-attributes.ts';
import {type DirectoryRecord, directoryKey, recordOfDirectory} from '../storage/manifest/directories.ts';
import type {Manifest} from '../storage/manifest/read.ts';
import type {RestoreAction} from './action.ts';

/** Directories that lead to a file of a directory dataset, nearest first: what the dataset calls each, and its path. */
function* directoriesTo(dataset: string, file: string): Generator<{name: string; path: string}> {
  let [name, path] = [dataset, file];
  while (name.includes('/') && path.includes('/')) {
    name = name.slice(0, name.lastIndexOf('/'));
    path = path.slice(0, path.lastIndexOf('/'));
    yield {name, path};
  }
}

/** Whether a path is a directory dataset's, and what its directories were should be known. */
export const isOfDirectory =
  ({configuration}: RunPlace) =>
  (path: string): boolean =>
    configuration.datasets.value.some(
      ({source, type}) => type.isTree && (path === source || path.startsWith(`${source}/`)),
    );

/**
 * What a manifest says of the directories that a restore may have to make.
 * @param isTrusted nobody but root and us could have written it
 * @param isOf whether a path is a directory dataset's, and so should be known
 */
export function recordedDirectories(
  actions: RestoreAction[],
  {directories, stats}: Pick<Manifest, 'directories' | 'stats'>,
  isTrusted: boolean,
  isOf: (path: string) => boolean,
): Directories {
  const records: Directories['records'] = {};
  for (const {dataset, role, action, target} of actions) {
    if (role !== 'dataset' || (action !== 'create' && action !== 'overwrite')) continue;
    for (const {name, path} of directoriesTo(dataset, target)) {
      if (Object.hasOwn(records, path) || !isOf(path)) break;
      records[path] = directories.get(directoryKey(name)) ?? null;
    }
  }
  return {by: isTrusted ? null : ownerOf(stats), records};
}

const ownerOf = ({uid, gid}: Stats): {uid: number; gid: number} => ({uid, gid});

/** What the directories are now that lead to live files, as a safety backup records it. */
export function liveDirectories(items: JournalItem[], {records}: Directories): Map<string, DirectoryRecord> {
  const found = new Map<string, DirectoryRecord>();
  const wanted = new Map<string, Map<string, string[]>>();
  for (const {dataset, place} of items) {
    const ofBase = wanted.get(place.base) ?? new Map<string, string[]>();
    wanted.set(place.base, ofBase);
    let {segments} = place;
    for (const {name, path} of directoriesTo(dataset, place.path)) {
      segments = segments.slice(0, -1);
      if (ofBase.has(name) || !Object.hasOwn(records, path)) break;
      ofBase.set(name, segments);
    }
  }
  for (const [base, directories] of wanted) {
    const looked = lookAtDirectories(base, [...directories.values()]).values();
    for (const name of directories.keys()) {
      const each = looked.next().value;
      if (each) found.set(directoryKey(name), recordOfDirectory(each.stats, each.attributes));
    }
  }
  return found;
}

/** What there is to say where nobody knows what directories were that have to be made; none where all is known. */
export function directoryNotes(actions: RestoreAction[], {records}: Directories): string[] {
  const unknown = new Set<string>();
  for (const {dataset, action, target, live} of actions) {
    if (action !== 'create' || live?.kind !== 'absent') continue;
    for (const [index, {path}] of [...directoriesTo(dataset, target)].entries())
      if (index < live.missing.length && records[path] === null) unknown.add(path);
  }
  const [first] = unknown;
  if (first === undefined) return [];
  const others = unknown.size === 1 ? '' : ` and ${unknown.size - 1} more below or beside it`;
  return [
    `${first}${others} will be created, and the backup records neither its owner nor its mode: only the owner of the directory above it will get in (mode 0700); check it afterwards`,
  ];
}
