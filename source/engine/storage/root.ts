import fs from 'node:fs';
import path from 'node:path';
import {describeError, errorCode, exitCode, Problem} from '../base/problem.ts';

/** Where to work: a project root, or only a backups directory (`--backups`), which is browsed and verified. */
export type Place = {root: string | null; backups: string};

const marks = ['config/base/magds.php', 'mag', 'storage/backups'];

function checkDirectory(directory: string, cwd: string, flag: string, remedy: string): string {
  const absolute = path.resolve(cwd, directory);
  if (directory === '') throw new Problem(exitCode.usage, `${flag} needs a value. ${remedy}`);
  const refuse = (why: string): never => {
    throw new Problem(exitCode.notFound, `${flag} ${absolute}: ${why}. ${remedy}`);
  };
  if (directory.includes('\0')) refuse('the path contains a NUL character');
  let stats: fs.Stats | undefined;
  try {
    stats = fs.statSync(absolute, {throwIfNoEntry: false});
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR') refuse(describeError(error));
  }
  if (!stats) return refuse('not there');
  if (!stats.isDirectory()) refuse('not a directory');
  return absolute;
}

/** By which of its files a directory can be told to be a project; empty for any other. */
export function marksOf(directory: string): string[] {
  return marks.filter((mark) => {
    try {
      return fs.statSync(path.join(directory, mark), {throwIfNoEntry: false}) !== undefined;
    } catch {
      // Links in a circle, or a directory that may not be entered: no project that could be worked on.
      return false;
    }
  });
}

const looksLikeRoot = (directory: string): boolean => marksOf(directory).length > 0;

/** The root that is named, and by what: a flag counts more than the environment, where an empty value is none. */
export const rootOf = (
  flag: string | undefined,
  {MAGDS_ROOT}: NodeJS.ProcessEnv,
): {root: string | undefined; from: string} =>
  flag === undefined && MAGDS_ROOT ? {root: MAGDS_ROOT, from: 'MAGDS_ROOT'} : {root: flag, from: '--root'};

/**
 * The root by `--root`, by `--backups`, by `MAGDS_ROOT`, else the nearest directory upwards that has `config/base/magds.php`,
 * `mag` or `storage/backups`.
 * @throws Problem (exit 10) that names what was looked for
 */
export function findPlace(options: {
  root?: string | undefined;
  backups?: string | undefined;
  cwd: string;
  env?: NodeJS.ProcessEnv;
}): Place {
  const {root: given, from} = rootOf(options.root, options.env ?? {});
  if (options.root !== undefined && options.backups !== undefined) {
    throw new Problem(exitCode.usage, 'Give --root or --backups, not both.');
  }
  if (options.backups !== undefined) {
    return {
      root: null,
      backups: checkDirectory(
        options.backups,
        options.cwd,
        '--backups',
        'Name the directory that holds the backups.',
      ),
    };
  }
  if (given !== undefined) {
    const root = checkDirectory(given, options.cwd, from, 'Name the directory of the MagMoBoCE project.');
    if (!looksLikeRoot(root)) {
      throw new Problem(
        exitCode.notFound,
        `${from} ${root}: no project there (none of ${marks.join(', ')}). For a bare directory of backups use --backups.`,
      );
    }
    return {root, backups: path.join(root, 'storage/backups')};
  }
  for (let directory = path.resolve(options.cwd); ; directory = path.dirname(directory)) {
    if (looksLikeRoot(directory)) return {root: directory, backups: path.join(directory, 'storage/backups')};
    if (directory === path.dirname(directory)) break;
  }
  throw new Problem(
    exitCode.notFound,
    `No MagMoBoCE project in ${path.resolve(options.cwd)} or above it (none of ${marks.join(', ')}). ` +
      'Go to the project, or name it: --root DIR. To look at a demonstration: magds demo.',
  );
}
