import fs from 'node:fs';
import path from 'node:path';
import {allocatedOf, longestPath, notRegular} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import type {ConfiguredDataset, LeftOut} from '../storage/dataset.ts';
import {noLoss} from '../storage/manifest/partial.ts';
import {storagePath} from '../storage/runbook/way.ts';

/** One file to be copied. */
export type SourceFile = {
  /** Its name in the manifest: the dataset's, or `dataset/relative/path` for a file of a directory. */
  name: string;
  /** Directories below the source's base, then its own name. */
  segments: string[];
  bytes: number;
  /** Bytes that its copy takes on the disk: fewer than its size where it has holes, more where a WAL holds commits. */
  allocated: number;
  /** It begins as an SQLite database does. */
  sqlite: boolean;
};
export type Source = {
  dataset: ConfiguredDataset;
  /** The real directory that the files lie below. */
  base: string;
  files: SourceFile[];
  leftOut: LeftOut[];
  /** Why nothing of it can be copied; null when something can. */
  missing: string | null;
};

const sqliteHeader = Buffer.from('SQLite format 3\0');

/** Said of a directory dataset of which nothing is left. */
export const noFiles = 'its directory holds no file that could be copied';

/** What a database keeps beside itself. */
export const sidecars = ['-wal', '-shm', '-journal'];

export function beginsLikeSqlite(file: string): boolean {
  let fd: number | undefined;
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const head = Buffer.alloc(sqliteHeader.length);
    return fs.readSync(fd, head, 0, head.length, 0) === head.length && head.equals(sqliteHeader);
  } catch {
    // That it cannot be read is found out, and said, when it is copied.
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

type Resolved = {real: string; stats: fs.Stats} | {reason: string};

/**
 * The real file or directory behind a configured path. Links are followed where the administrator made them, as deploy
 * layouts have it, and inside `storage/`; a link of whoever else may write there leads nowhere else: a backup that root
 * makes must not read for him what he could not. The last step never leads out of the project.
 */
function resolveSource(root: string, source: string): Resolved {
  if (source.includes('\0')) return {reason: 'its path holds a NUL character'};
  if (source.includes('\ufffd') || !source.isWellFormed())
    return {reason: 'its path is not UTF-8 text, and a manifest can hold nothing else'};
  try {
    return followSource(root, source);
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    return {
      reason: missing ? 'its source is missing' : `its source cannot be looked at: ${describeError(error)}`,
    };
  }
}

function followSource(root: string, source: string): Resolved {
  const storage = `${storagePath(root)}/`;
  const project = `${fs.realpathSync(root)}/`;
  const home = [`${root}/storage`, root].find((each) => source.startsWith(`${each}/`));
  // What lies outside is the configuration's own word.
  if (home === undefined) {
    const real = path.join(fs.realpathSync(path.dirname(source)), path.basename(source));
    const stats = fs.lstatSync(real);
    return stats.isSymbolicLink()
      ? {reason: `it is a link, to ${fs.realpathSync(real)}: configure the file itself`}
      : {real, stats};
  }
  const me = process.getuid?.() ?? 0;
  const steps = source.slice(home.length + 1).split('/');
  let real = fs.realpathSync(home);
  let stats = fs.lstatSync(real);
  for (const [index, step] of steps.entries()) {
    real = path.join(real, step);
    stats = fs.lstatSync(real);
    if (!stats.isSymbolicLink()) continue;
    const target = fs.realpathSync(real);
    const inStorage = target.startsWith(storage);
    if (index === steps.length - 1 && !inStorage && !target.startsWith(project))
      return {reason: `it is a link that leads out of the project, to ${target}: configure the file itself`};
    if (stats.uid !== 0 && stats.uid !== me && !inStorage)
      return {
        reason: `${step} on its way is a link made by ${userNameOf(stats.uid)} that leads out of storage/, to ${target}`,
      };
    real = target;
    stats = fs.lstatSync(real);
  }
  return {real, stats};
}

/** @param excluded real paths that are not backed up: the backups themselves, and our own state */
export function lookAtSource(root: string, dataset: ConfiguredDataset, excluded: string[]): Source {
  const source: Source = {dataset, base: '', files: [], leftOut: [], missing: null};
  if (dataset.name.includes('\ufffd') || !dataset.name.isWellFormed())
    return {...source, missing: 'its name is not UTF-8 text, and a manifest can hold nothing else'};
  const resolved = resolveSource(root, dataset.source);
  if ('reason' in resolved) return {...source, missing: resolved.reason};
  const {real, stats} = resolved;
  if (dataset.type === 'directory') {
    if (!stats.isDirectory())
      return {...source, missing: `its source is ${notRegular(stats) ?? 'a file'}, not a directory`};
    const way = new Walk();
    try {
      return walk({...source, base: real}, excluded, way);
    } finally {
      way.close();
    }
  }
  const kind = notRegular(stats);
  if (kind === 'a directory') {
    const missing =
      'its source is a directory, on which PHP aborts the whole run: give it "type": "directory" in storage/runbook/config.json';
    return {...source, missing};
  }
  if (kind) return {...source, missing: `its source is ${kind}, not a file`};
  const file = fileOf(dataset.name, [path.basename(real)], real, stats, true);
  return {...source, base: path.dirname(real), files: [file]};
}

/** @param suspected whether it is worth opening it to see if it is a database */
function fileOf(
  name: string,
  segments: string[],
  file: string,
  stats: fs.Stats,
  suspected: boolean,
): SourceFile {
  const sqlite = suspected && beginsLikeSqlite(file);
  const wal = sqlite ? fs.lstatSync(`${file}-wal`, {throwIfNoEntry: false}) : undefined;
  const allocated = allocatedOf(stats) + (wal?.size ?? 0);
  return {name, segments, bytes: stats.size, allocated, sqlite};
}

const mayBeSqlite = /\.(sqlite3?|db3?)$/i;

/** Everything below a directory: a file each, and what is not a file by name. */
function walk(source: Source, excluded: string[], way: Walk): Source {
  const {base, dataset, files, leftOut} = source;
  const leave = (segments: string[], reason: string, grave: boolean): void => {
    leftOut.push({name: [dataset.name, ...segments].join('/'), reason, grave});
  };
  const pending: string[][] = [[]];
  for (let segments = pending.pop(); segments; segments = pending.pop()) {
    if (excluded.includes([base, ...segments].join('/'))) {
      leave(segments, noLoss.own, false);
      continue;
    }
    const opened = way.to(base, segments, 'the source');
    if ('status' in opened) {
      const gone = opened.status === 'missing' && segments.length > 0;
      leave(segments, gone ? noLoss.gone : opened.reason, !gone);
      continue;
    }
    try {
      const entries = fs
        .readdirSync(opened.path, {withFileTypes: true})
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      if (entries.length === 0) leave(segments, noLoss.empty, false);
      const names = new Set(entries.map(({name}) => name));
      const below: string[][] = [];
      for (const entry of entries) {
        const {name} = entry;
        const at = [...segments, name];
        if (name.includes('\ufffd')) {
          leave(at, 'its name is not UTF-8 text, and a manifest can hold nothing else', true);
          continue;
        }
        if (entry.isDirectory()) {
          if (Buffer.byteLength(at.join('/')) < longestPath) below.push(at);
          else leave(at, `its path is too long: the system takes ${longestPath} bytes`, true);
          continue;
        }
        const stats = fs.lstatSync(`${opened.path}/${name}`, {throwIfNoEntry: false});
        if (!stats) continue;
        const kind = notRegular(stats);
        if (kind) {
          leave(at, kind, false);
          continue;
        }
        const database = sidecars.find((end) => name.endsWith(end) && names.has(name.slice(0, -end.length)));
        if (database && beginsLikeSqlite(`${opened.path}/${name.slice(0, -database.length)}`)) {
          leave(at, noLoss.beside, false);
          continue;
        }
        const suspected = mayBeSqlite.test(name) || sidecars.some((end) => names.has(name + end));
        files.push(fileOf([dataset.name, ...at].join('/'), at, `${opened.path}/${name}`, stats, suspected));
      }
      // The last is taken first: names come in their order.
      pending.push(...below.reverse());
    } catch (error) {
      leave(segments, `cannot be listed: ${describeError(error)}`, true);
    }
  }
  return files.length > 0 ? source : {...source, missing: noFiles};
}

export type PlannedDataset = Source & {
  /** Below `datasets/` of the backup. */
  copyAt: string[];
};

/** What a backup will hold, and whether there is room for it. */
export type PlannedSources = {
  datasets: PlannedDataset[];
  /** Bytes to be read, and to be taken on the disk. */
  bytes: number;
  needed: number;
  /** Bytes free where the backups lie; null where that cannot be told. */
  free: number | null;
  /** Bytes that its manifest will have at least. */
  manifestBytes: number;
  missing: {name: string; reason: string}[];
  leftOut: LeftOut[];
};
