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
import type {Row} from './row.ts';

/**
 * What is known of a dataset's live file. `contents` are `algorithm:hash`, as in the catalog's rows: one for each algorithm
 * that a copy of its size was hashed by.
 */
export type Live =
  | {state: 'reading'}
  | {state: 'read'; contents: ReadonlySet<string>; bytes: number}
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
  /** What is known of all copies of a dataset: a live file of another size need not be read. */
  known: (name: string) => KnownContents;
  /** The files that are configured, by dataset, or why there is none to look at. */
  configured: ReadonlyMap<string, {file: string} | {reason: string}>;
};

/** Contents of copies by their bytes: the same may be recorded of several sizes, where a copy was cut short. */
type KnownContents = ReadonlyMap<number, ReadonlySet<string>>;

/** `sha256` of `sha256:…`. */
const algorithmOf = (content: string): string => content.slice(0, content.indexOf(':'));

const algorithmsOf = (contents: Iterable<string>): string[] => [...new Set([...contents].map(algorithmOf))];

/**
 * Looks at the live file of each dataset that is configured, or lies in this backup: first what can be told at once, then
 * what must be read. What is told of a file is the same whichever backup it is asked for.
 */
export async function* readLive(
  options: LiveOptions,
): AsyncGenerator<{name: string; live: Live}, void, undefined> {
  const {place, id, signal, cache, known, configured} = options;
  const read = readManifest(directoryOf(place.backups, heldDirectory(place.root), id));
  if (read.state !== 'read') return;
  const {manifest} = read;
  const ids = namesOf(id, manifest.id);
  const recorded = new Map(manifest.datasets.map((dataset) => [dataset.name, dataset]));
  const names = [...new Set([...configured.keys(), ...recorded.keys()])].slice(0, mostLooked);
  const later: {name: string; file: LiveFile}[] = [];
  for (const name of names) {
    const source = configured.get(name);
    if (source && 'reason' in source) {
      yield {name, live: {state: 'unknown', reason: source.reason}};
      continue;
    }
    const dataset = recorded.get(name);
    const found = source?.file ?? (dataset ? livePath(place, dataset, ids) : null);
    if (found === null) {
      const reason = place.root === null ? 'no project, no live file' : 'live file not known';
      yield {name, live: {state: 'unknown', reason}};
      continue;
    }
    const seen = look(found);
    if ('state' in seen) {
      yield {name, live: seen};
      continue;
    }
    const {bytes, stamp} = seen;
    const algorithms = algorithmsOf(known(name).get(bytes) ?? []);
    const file = {path: found, bytes, algorithms, key: (algorithm: string) => keyOf(algorithm, found, stamp)};
    const lastRead = cache.reads.get(found) ?? Number.NEGATIVE_INFINITY;
    if (algorithms.length === 0) {
      yield {name, live: {state: 'other', bytes}};
    } else if (algorithms.every((algorithm) => cache.contents.has(file.key(algorithm)))) {
      yield {name, live: await readFile(file, options)};
    } else if (bytes > large && Date.now() - lastRead < largePause) {
      yield {name, live: {state: 'unknown', reason: 'live keeps changing'}};
    } else {
      later.push({name, file});
      yield {name, live: {state: 'reading'}};
    }
  }
  for (const {name, file} of later) {
    const live = await readFile(file, options);
    if (signal.aborted) return;
    yield {name, live};
  }
}

type LiveFile = {path: string; bytes: number; algorithms: string[]; key(algorithm: string): string};

/** Hashes a live file by each of its algorithms, but for what is known. */
async function readFile(file: LiveFile, {pool, signal, cache}: LiveOptions): Promise<Live> {
  const contents = new Set<string>();
  for (const algorithm of file.algorithms) {
    const key = file.key(algorithm);
    const content = cache.contents.get(key);
    if (content !== undefined) {
      contents.add(content);
      continue;
    }
    const job = {directory: path.dirname(file.path), segments: [path.basename(file.path)], algorithm};
    const result = await pool.hash(resolveParent(job), signal).result;
    // By an algorithm that is not known no copy can be compared.
    if (result.status === 'unsupported') continue;
    if (result.status !== 'read') return {state: 'unreadable', reason: `live file: ${result.status}`};
    cache.contents.set(key, `${algorithm}:${result.hash}`);
    cache.reads.set(file.path, Date.now());
    contents.add(`${algorithm}:${result.hash}`);
  }
  if (contents.size === 0) return {state: 'unreadable', reason: 'live file: unsupported'};
  return {state: 'read', contents, bytes: file.bytes};
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

/** The contents of all copies of a dataset that is one file. */
export function knownContents(rows: Iterable<Row>, dataset: string): KnownContents {
  const known = new Map<number, Set<string>>();
  for (const row of rows) {
    for (const {name, content, bytes} of row.datasets) {
      if (name !== dataset || content === null || bytes === null) continue;
      const same = known.get(bytes);
      if (same) same.add(content);
      else known.set(bytes, new Set([content]));
    }
  }
  return known;
}

/** What was read of a live file, and what is recorded of a copy, with the bytes that lie there. */
export type LiveBytes = {contents: ReadonlySet<string>; bytes: number};
type CopyBytes = {content: string | null; bytes: number | null};

/** Whether a live file holds the bytes of a copy: one of another size is not what was recorded of it. */
export const holdsBytes = (live: LiveBytes, {content, bytes}: CopyBytes): boolean =>
  content !== null && live.contents.has(content) && live.bytes === bytes;

/** Whether a live file is known to hold other bytes than a copy: not where that was hashed otherwise. */
export const isUnlike = (live: LiveBytes, {content, bytes}: CopyBytes): boolean =>
  content !== null &&
  (bytes !== live.bytes ||
    (!live.contents.has(content) && algorithmsOf(live.contents).includes(algorithmOf(content))));

/** Bytes up to which a live file is hashed for a list: hundredths of a second. */
const quicklyHashed = 16 * 1024 * 1024;

/**
 * Which contents are live, without reading much: of each dataset those among `known` that its live file has; null where
 * that would have to be read, or cannot be told.
 * @param source absolute path of the live file
 * @param known contents of its copies
 */
export async function liveAmong(source: string, known: KnownContents): Promise<LiveBytes | null> {
  const seen = look(source);
  if ('state' in seen) return seen.state === 'missing' ? {contents: new Set(), bytes: 0} : null;
  const {bytes} = seen;
  const found = new Set<string>();
  const possible = known.get(bytes);
  if (!possible) return {contents: found, bytes};
  if (bytes > quicklyHashed) return null;
  for (const algorithm of algorithmsOf(possible)) {
    const job = {directory: path.dirname(source), segments: [path.basename(source)], algorithm};
    const result = await hashFile({...resolveParent(job), readAhead: false}, createNativeHasher, () => true);
    if (result.status !== 'read') return null;
    found.add(`${algorithm}:${result.hash}`);
  }
  return {contents: found, bytes};
}
