import fs, {type Stats} from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import {allocatedOf} from '../base/files.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {storagePath} from '../storage/runbook/way.ts';
import {sqlite} from './sqlite.ts';
import type {ConfiguredDataset, Source, SourceFile} from './type.ts';

/** What `config.json` says of a dataset that lies on the disk. */
export const sourceFields = {source: z.string().check(z.minLength(1))};
export type SourceEntry = {name: string; source: string};

type Resolved = {real: string; stats: fs.Stats} | {reason: string};

/**
 * The real file or directory behind a configured path. Links are followed where the administrator made them, as deploy
 * layouts have it, and inside `storage/`; a link of whoever else may write there leads nowhere else: a backup that root
 * makes must not read for him what he could not. The last step never leads out of the project.
 */
function resolveSource(root: string, source: string): Resolved {
  if (source.includes('\0')) return {reason: 'its path holds a NUL character'};
  if (source.includes('\ufffd') || !source.isWellFormed()) return {reason: noText('path')};
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

const noText = (what: string): string =>
  `its ${what} is not UTF-8 text, and a manifest can hold nothing else`;

/** @returns the real path of a dataset's source and what lies there, or why nothing of it can be copied */
export function findSource(root: string, {name, source}: ConfiguredDataset): Resolved {
  return name.includes('\ufffd') || !name.isWellFormed()
    ? {reason: noText('name')}
    : resolveSource(root, source);
}

/** Said of a directory of which nothing is left. */
export const noFiles = 'its directory holds no file that could be copied';

/** A dataset of which nothing can be copied. */
export const nothingOf = (dataset: ConfiguredDataset, missing: string): Source => ({
  dataset,
  base: '',
  files: [],
  leftOut: [],
  missing,
});

/**
 * A live file, with what has its data written down where it is a database.
 * @param file its path
 * @param isSuspect whether it is worth opening it to see if it is one
 */
export function liveFile(
  at: Pick<SourceFile, 'name' | 'segments' | 'below'>,
  file: string,
  stats: Stats,
  isSuspect: boolean,
): SourceFile {
  const isDatabase = isSuspect && sqlite.begins(file);
  return {
    ...at,
    bytes: stats.size,
    allocated: allocatedOf(stats) + (isDatabase ? sqlite.bytesBeside(file) : 0),
    produce: isDatabase ? sqlite.produce : null,
  };
}
