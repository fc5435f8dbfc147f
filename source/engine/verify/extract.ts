import fs from 'node:fs';
import path from 'node:path';
import {Directory} from '../base/directory.ts';
import {seenAt} from '../base/files.ts';
import {errorCode, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {placesOf} from '../base/readers.ts';
import {removeEmpty, removeTree} from '../base/remove-tree.ts';
import {syncFile} from '../base/replace-file.ts';
import type {Pool} from '../hashing/pool.ts';
import {checkNotAmong} from '../storage/backups-directory.ts';
import {directoryOf} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {lyingIn, lyingName, type SourceNames} from '../storage/manifest/lying.ts';
import {readManifest} from '../storage/manifest/read.ts';

/** One file that was taken out. `proof`: whether it is what was backed up; `none` where no manifest says what that is. */
export type Extracted = {name: string; bytes: number; hash: string; proof: 'match' | 'mismatch' | 'none'};

export type ExtractOptions = {
  backups: string;
  held: string | null;
  id: string;
  /** A dataset; null for all that the backup holds. */
  dataset: string | null;
  /** Absolute path of what is to be made: a file, or a directory where it is more than one file. */
  to: string;
  /** The configured one, for copies of which the manifest names none; null where no configuration says it. */
  algorithm: string | null;
  /** Which dataset a file is of that no manifest names. */
  sources: SourceNames;
  /** Keeps what is not what was backed up. */
  evenDamaged: boolean;
  pool: Pool;
  signal: AbortSignal;
};

/** @property below where its copy goes below `to`; none where `to` is the file itself */
type Entry = {name: string; segments: string[]; below: string[]; algorithm: string; hash: string | null};

const cannot = (what: string): never => {
  throw new Problem(exitCode.failed, `${what} Nothing was written.`);
};

/** What lies in a backup that has no manifest: nothing says what it was. */
const withoutManifest = (directory: string, sources: SourceNames): Entry[] =>
  lyingIn(directory).map((file) => {
    const {segments} = file;
    const name = lyingName(file, sources);
    return {name, segments, below: segments.slice(1), algorithm: 'sha256', hash: null};
  });

function entriesOf(directory: string, {id, algorithm: configured, sources}: ExtractOptions): Entry[] {
  const read = readManifest(directory);
  if (read.state === 'missing') {
    try {
      return withoutManifest(directory, sources);
    } catch (error) {
      return cannot(`${directory}/datasets cannot be listed: ${withAdvice(error)}.`);
    }
  }
  if (read.state === 'unreadable') return cannot(`${directory}/manifest.json: ${read.reason}.`);
  const ids = namesOf(id, read.manifest.id);
  return read.manifest.datasets.map(({name, backup, algorithm, hash, flaw}) => {
    if (backup === null) return cannot(`${name} has no copy in ${id}: ${flaw ?? 'none is recorded'}.`);
    const located = locateCopy(backup, ids);
    if ('unsafe' in located) return cannot(`${name}: ${located.unsafe}.`);
    const {segments} = located;
    const below = segments[0] === 'datasets' && segments.length > 1 ? segments.slice(1) : segments;
    const named = algorithm ?? configured;
    // A hash of which nothing says how it was made proves nothing.
    return {
      name,
      segments,
      below,
      algorithm: named ?? 'sha256',
      hash: named ? (hash?.toLowerCase() ?? null) : null,
    };
  });
}

/** The files that were asked for, and where each goes. @throws Problem where there is none */
function choose(entries: Entry[], id: string, dataset: string | null): {entries: Entry[]; isFile: boolean} {
  const [first] = entries;
  if (!first) return cannot(`${id} holds nothing.`);
  if (dataset === null) return {entries, isFile: false};
  const exact = entries.filter(({name}) => name === dataset);
  const [only] = exact;
  if (only && exact.length === 1) return {entries: [{...only, below: []}], isFile: true};
  const tree = entries.filter(({name}) => name.startsWith(`${dataset}/`));
  if (tree.length > 0) {
    const below = (name: string): string[] => name.slice(dataset.length + 1).split('/');
    return {entries: tree.map((entry) => ({...entry, below: below(entry.name)})), isFile: false};
  }
  const names = [...new Set(entries.map(({name}) => name.split('/', 1)[0]))].join(', ');
  throw new Problem(exitCode.notFound, `${id} holds no ${dataset}, but ${names}. Nothing was written.`);
}

const hasPlace = ({below}: Entry): boolean =>
  below.every((step) => step !== '' && step !== '.' && step !== '..' && !step.includes('\0'));

/**
 * Copies a dataset, or all of a backup, to a new place, hashed on the way: a file or directory appears there only whole,
 * and only if it is what was backed up. What is there already is never written over.
 * @returns the files, and the names of those that belong to the dataset and were not asked for: a database's roles
 * @throws Problem where nothing was written; `CancelledExtract` where that was asked for
 */
export async function extract(
  options: ExtractOptions,
  onProgress: (bytesDone: number, totalBytes: number) => void,
): Promise<{files: Extracted[]; beside: string[]}> {
  const {backups, held, id, dataset, to, signal} = options;
  const directory = directoryOf(backups, held, id);
  const all = entriesOf(directory, options);
  const {entries, isFile} = choose(all, id, dataset);
  const beside = isFile ? all.flatMap(({name}) => (name.startsWith(`${dataset}/`) ? name : [])) : [];
  const astray = entries.find((entry) => !hasPlace(entry));
  if (astray) return cannot(`${astray.name} cannot be a file name here.`);
  if (seenAt(to)) return cannot(`${to} exists already, and is not overwritten: name another place.`);
  checkNotAmong(backups, to);
  const parent = openParent(path.dirname(to));
  const temporary = `.magds-extract-${process.pid}`;
  let work: Directory | null = null;
  try {
    work = parent.makeNew(temporary);
    const found = await copyAll({...options, directory, entries, work, onProgress});
    if (signal.aborted) throw new CancelledExtract();
    refuseDamaged(found, options);
    publish(parent, work, temporary, path.basename(to), isFile);
    return {files: found, beside};
  } catch (error) {
    if (error instanceof Problem || error instanceof CancelledExtract) throw error;
    return cannot(`${to} cannot be written: ${withAdvice(error)}.`);
  } finally {
    if (work?.isAt(parent, temporary)) removeTree(parent.path, temporary);
    work?.close();
    parent.close();
  }
}

export class CancelledExtract extends Error {}

function openParent(directory: string): Directory {
  try {
    return Directory.open(fs.realpathSync(directory), directory);
  } catch (error) {
    return cannot(`${directory} cannot be written to: ${withAdvice(error)}.`);
  }
}

/** The name of a file that is extracted alone, until it has its own. */
const alone = 'file';

type Work = ExtractOptions & {
  directory: string;
  entries: Entry[];
  work: Directory;
  onProgress: (bytesDone: number, totalBytes: number) => void;
};

const sizeOf = (file: string): number => seenAt(file)?.size ?? 0;

async function copyAll({directory, entries, work, pool, signal, onProgress}: Work): Promise<Extracted[]> {
  const found: Extracted[] = [];
  const owner = {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o600};
  const common = placesOf(work.path);
  const total = entries.reduce((sum, {segments}) => sum + sizeOf([directory, ...segments].join('/')), 0);
  let done = 0;
  for (const {name, segments, below, algorithm, hash} of entries) {
    const into = work.enter(below.slice(0, -1));
    try {
      const files = [{name: segments.at(-1) ?? '', as: below.at(-1) ?? alone}];
      const way = segments.slice(0, -1);
      const job = {directory, segments: way, files, to: into.path, algorithm, owner, common, sync: true};
      const copy = pool.copy(job, signal);
      const timer = setInterval(() => onProgress(done + copy.bytes(), total), 200);
      const [result] = await copy.result.finally(() => clearInterval(timer));
      if (!result || result.status === 'cancelled') throw new CancelledExtract();
      if (result.status !== 'copied')
        return cannot(`${name}: ${result.reason.replace(/^the source\b/, 'its copy')}.`);
      if (result.changed) return cannot(`${name} changes while it is read: something writes to the backup.`);
      done += result.bytes;
      const proof = hash === null ? 'none' : hash === result.hash.toLowerCase() ? 'match' : 'mismatch';
      found.push({name, bytes: result.bytes, hash: result.hash, proof});
      into.sync();
    } finally {
      if (into !== work) into.close();
    }
  }
  return found;
}

function refuseDamaged(found: Extracted[], {id, evenDamaged}: ExtractOptions): void {
  const damaged = found.filter(({proof}) => proof === 'mismatch').map(({name}) => name);
  if (damaged.length === 0 || evenDamaged) return;
  throw new Problem(
    exitCode.verificationFailed,
    `${damaged.join(', ')} in ${id} is not what was backed up. Nothing was written; --even-damaged copies it out all the same.`,
  );
}

/** What a file system says that knows no hard links: vfat, some of a network. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** A link takes no name that is there. Where there are none, the name is taken by an empty file first. */
function nameNew(file: string, target: string): void {
  try {
    fs.linkSync(file, target);
  } catch (error) {
    if (!noLinks.includes(errorCode(error))) throw error;
    fs.closeSync(fs.openSync(target, 'wx', 0o600));
    try {
      fs.renameSync(file, target);
    } catch (failed) {
      fs.unlinkSync(target);
      throw failed;
    }
  }
}

/** Gives the file or directory its name, in one step; what took the name meanwhile stays. */
function publish(parent: Directory, work: Directory, temporary: string, name: string, isFile: boolean): void {
  const target = `${parent.path}/${name}`;
  if (isFile) {
    syncFile(`${work.path}/${alone}`);
    nameNew(`${work.path}/${alone}`, target);
  } else {
    // A directory may take the place of an empty one, and this one is ours: another one there makes it fail.
    fs.mkdirSync(target, {mode: 0o700});
    try {
      work.sync();
      fs.renameSync(`${parent.path}/${temporary}`, target);
    } catch (error) {
      removeEmpty(target);
      throw error;
    }
  }
  parent.sync();
}
