import fs from 'node:fs';
import path from 'node:path';
import {notRegular} from '../base/files.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {createNativeHasher} from '../hashing/algorithms.ts';
import {hashFile} from '../hashing/hash-file.ts';
import type {Pool} from '../hashing/pool.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {readManifest} from '../storage/manifest/read.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import type {Place} from '../storage/root.ts';

/** What is known of a dataset's live file. `content` is `algorithm:hash`, as in the catalog's rows. */
export type Live =
  | {state: 'reading'}
  | {state: 'read'; content: string; bytes: number}
  /** Not read: its size alone says that no copy holds its bytes. */
  | {state: 'other'; bytes: number}
  | {state: 'missing'}
  | {state: 'unknown' | 'unreadable'; reason: string};

/**
 * What was read, so that a file that did not change is not read again; and when, so that a large one that changes all
 * the time is not read all the time.
 */
export type LiveCache = {
  /** Content by algorithm, path, size, mtime and inode. */
  contents: Map<string, string>;
  /** When a path was last read: milliseconds since the epoch. */
  reads: Map<string, number>;
};

/** Bytes from which on a file counts as large, and milliseconds before a changed large one is read again. */
const large = 64 * 1024 * 1024;
const largePause = 600_000;

/** Datasets of a backup whose live files are looked at: more than a screen shows of them. */
const mostLooked = 40;

/**
 * Where the live file of a dataset lies, judged from the manifest alone. In a tree that was moved, what lay below the
 * old root lies below the new one. Whatever lies outside the root is not touched: a manifest may have been crafted, and
 * what it says is never followed silently (FORMAT.md).
 */
export function livePath(place: Place, dataset: Dataset, ids: string[]): string | null {
  if (place.root === null || !dataset.source?.startsWith('/') || !dataset.backup) return null;
  // What was written down as it was copied has none.
  if (dataset.facts !== undefined || dataset.source.includes('\0')) return null;
  const located = locateCopy(dataset.backup, ids);
  if ('unsafe' in located) return null;
  const source = path.normalize(dataset.source);
  const inRoot = (file: string): string | null => (file.startsWith(`${place.root}/`) ? file : null);
  if (located.recordedBackups === place.backups) return inRoot(source);
  const inside = path.relative(place.root, place.backups);
  const oldRoot = located.recordedBackups.slice(0, -inside.length - 1);
  if (`${oldRoot}/${inside}` !== located.recordedBackups || !source.startsWith(`${oldRoot}/`)) return null;
  return inRoot(path.join(place.root, source.slice(oldRoot.length)));
}

const keyOf = (algorithm: string, file: string, stamp: string): string =>
  `${algorithm.toLowerCase()}:${file}:${stamp}`;

/** Takes over what is known of a live file as it is now, so that it is not read. */
export function noteLive(cache: LiveCache, file: string, algorithm: string, hash: string): void {
  const seen = look(file);
  if ('state' in seen) return;
  cache.contents.set(keyOf(algorithm, file, seen.stamp), `${algorithm}:${hash}`.toLowerCase());
}

export type LiveOptions = {
  place: Place;
  id: string;
  pool: Pool;
  signal: AbortSignal;
  cache: LiveCache;
  /** Bytes of every copy known of a dataset: a live file of another size need not be read. */
  sizes: (name: string) => Set<number>;
  /** The file that is configured under a dataset's name, or why there is none to look at; null where that is not known. */
  configured: (name: string) => {file: string} | {reason: string} | null;
};

/** Looks at the live file of each dataset of a backup: first what can be told at once, then what must be read. */
export async function* readLive(
  options: LiveOptions,
): AsyncGenerator<{name: string; live: Live}, void, undefined> {
  const {place, id, pool, signal, cache, sizes, configured} = options;
  const read = readManifest(directoryOf(place.backups, heldDirectory(place.root), id));
  if (read.state !== 'read') return;
  const {manifest} = read;
  const ids = namesOf(id, manifest.id);
  const later: {name: string; algorithm: string; file: string; key: string}[] = [];
  for (const dataset of manifest.datasets.slice(0, mostLooked)) {
    const {name, algorithm} = dataset;
    const known = configured(name);
    if (known && 'reason' in known) {
      yield {name, live: {state: 'unknown', reason: known.reason}};
      continue;
    }
    const file = known?.file ?? livePath(place, dataset, ids);
    const seen = file === null ? null : look(file);
    if (file === null || seen === null) {
      yield {
        name,
        live: {
          state: 'unknown',
          reason: place.root === null ? 'no project, no live file' : 'live file not known',
        },
      };
    } else if ('state' in seen) {
      yield {name, live: seen};
    } else if (algorithm === null) {
      yield {name, live: {state: 'unknown', reason: 'the manifest names no algorithm'}};
    } else if (!sizes(name).has(seen.bytes)) {
      yield {name, live: {state: 'other', bytes: seen.bytes}};
    } else {
      const key = keyOf(algorithm, file, seen.stamp);
      const content = cache.contents.get(key);
      const lastRead = cache.reads.get(file) ?? Number.NEGATIVE_INFINITY;
      if (content) yield {name, live: {state: 'read', content, bytes: seen.bytes}};
      else if (seen.bytes > large && Date.now() - lastRead < largePause) {
        yield {name, live: {state: 'unknown', reason: 'live keeps changing'}};
      } else {
        later.push({name, algorithm: algorithm.toLowerCase(), file, key});
        yield {name, live: {state: 'reading'}};
      }
    }
  }
  for (const {name, algorithm, file, key} of later) {
    if (signal.aborted) return;
    const job = {directory: path.dirname(file), segments: [path.basename(file)], algorithm};
    const result = await pool.hash(resolveParent(job), signal).result;
    if (result.status === 'cancelled') return;
    if (result.status !== 'read') {
      yield {name, live: {state: 'unreadable', reason: `live file: ${result.status}`}};
      continue;
    }
    const content = `${algorithm}:${result.hash}`;
    cache.contents.set(key, content);
    cache.reads.set(file, Date.now());
    yield {name, live: {state: 'read', content, bytes: result.bytes}};
  }
}

/** `storage/` is often a link in deploy layouts: the way to the file may be one, the file itself may not. */
function resolveParent<T extends {directory: string}>(job: T): T {
  try {
    return {...job, directory: fs.realpathSync(job.directory)};
  } catch {
    // It is gone meanwhile: opening it says so.
    return job;
  }
}

function look(file: string): Live | {bytes: number; stamp: string} {
  try {
    const stats = fs.lstatSync(file);
    const kind = notRegular(stats);
    if (kind) return {state: 'unreadable', reason: `the live file is ${kind}`};
    return {bytes: stats.size, stamp: `${stats.size}:${stats.mtimeMs}:${stats.ino}`};
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return {state: 'missing'};
    return {state: 'unreadable', reason: `live file: ${describeError(error)}`};
  }
}

/** Whether something lies in one of these, which may not be there. */
export const holdSomething = (files: string[]): boolean =>
  files.some((file) => {
    const seen = look(file);
    return 'bytes' in seen ? seen.bytes > 0 : seen.state !== 'missing';
  });

/** Bytes up to which a live file is hashed for a list: hundredths of a second. */
const quicklyHashed = 16 * 1024 * 1024;

/**
 * Which contents are live, without reading much: of each dataset those among `known` that its live file has; null where
 * that would have to be read, or cannot be told.
 * @param source absolute path of the live file
 * @param known contents of its copies, with their sizes in bytes
 */
export async function liveAmong(
  source: string,
  known: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string> | null> {
  const seen = look(source);
  if ('state' in seen) return seen.state === 'missing' ? new Set() : null;
  const possible = [...known].flatMap(([content, bytes]) => (bytes === seen.bytes ? [content] : []));
  if (possible.length === 0) return new Set();
  if (seen.bytes > quicklyHashed) return null;
  const found = new Set<string>();
  for (const algorithm of new Set(possible.map((content) => content.slice(0, content.indexOf(':'))))) {
    const job = {directory: path.dirname(source), segments: [path.basename(source)], algorithm};
    const result = await hashFile({...resolveParent(job), readAhead: false}, createNativeHasher, () => true);
    if (result.status !== 'read') return null;
    found.add(`${algorithm}:${result.hash}`);
  }
  return found;
}
