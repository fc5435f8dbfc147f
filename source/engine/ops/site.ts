import fs from 'node:fs';
import path from 'node:path';
import {escapeText} from '../base/escape.ts';
import {seenAt} from '../base/files.ts';
import {accountOf} from '../base/owner.ts';
import {describeError, errorCode, exitCode, Problem} from '../base/problem.ts';
import {loadConfiguration} from '../config/effective.ts';
import {findPlace} from '../storage/root.ts';

/** What the files are about; the example where no root is in reach. */
export type Site = {
  /** What runs this program, as a unit and a shell take it. */
  program: string;
  root: string;
  auditLog: string;
  /** The directory that our metrics lie in. */
  metrics: string;
  /** Whom `storage/` belongs to: the name, else the number. */
  user: string;
  /** Who may rename the audit log. */
  log: {user: string; group: string};
};

/** As it stands in the files themselves. */
export const exampleSite: Site = {
  program: '/usr/local/bin/magds',
  root: '/srv/magmoboce',
  auditLog: '/srv/magmoboce/storage/logs/audit.log',
  metrics: '/srv/magmoboce/storage/telemetry',
  user: 'www-data',
  log: {user: 'www-data', group: 'www-data'},
};

/**
 * A path that can be put into a unit, a crontab and a configuration: where each has a way of its own to write quotes,
 * backslashes and patterns, an operator does that better by hand.
 */
const isPlain = (file: string): boolean =>
  escapeText(file) === file && !/["'\\*?[\]{}\ufffd]|^\s|\s$/u.test(file);

/** Where systemd and cron look for the runtime of a script. */
const usualPath = ['/usr/local/bin', '/usr/bin', '/bin'];

/**
 * This program, as it is run: its file, with its runtime before it where that would not be found.
 * @returns null where a path in it would have to be quoted, which each of the files does in another way
 */
export function programWords(file: string, runtime: string): string | null {
  const isAlone = file === runtime || (isExecutable(file) && usualPath.includes(path.dirname(runtime)));
  const words = isAlone ? [file] : [runtime, file];
  return words.every((word) => /^\/[\w./+@-]+$/.test(word)) ? words.join(' ') : null;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    // It is the runtime that reads it.
    return false;
  }
}

/** Shells know a directory by the way they came; behind a link (`current`) the real one goes with the next release. */
function namedDirectory(cwd: string, env: NodeJS.ProcessEnv): string {
  const named = env['PWD'];
  if (!named?.startsWith('/')) return cwd;
  try {
    return fs.realpathSync(named) === fs.realpathSync(cwd) ? named : cwd;
  } catch (error) {
    // The PWD of another process, or a working directory that is gone: what the system says counts.
    if (errorCode(error) === '') throw error;
    return cwd;
  }
}

function rootOf(given: string | undefined, cwd: string, env: NodeJS.ProcessEnv): string | null {
  const directory = namedDirectory(cwd, env);
  try {
    return findPlace({root: given, cwd: directory, env}).root;
  } catch (error) {
    if (given === undefined && error instanceof Problem && error.exit === exitCode.notFound) return null;
    throw error;
  }
}

type Owner = {owner: Site['log']; note: string | null};

/** Whom it belongs to; those of the example, and why, where that cannot be told. */
function told(file: string, find: () => fs.Stats | undefined): Owner {
  try {
    const stats = find();
    return {owner: stats ? accountOf(stats) : exampleSite.log, note: null};
  } catch (error) {
    return {
      owner: exampleSite.log,
      note: `whom ${file} belongs to cannot be told: ${describeError(error)}`,
    };
  }
}

const ownerOf = (directory: string): Owner =>
  told(directory, () => fs.statSync(directory, {throwIfNoEntry: false}));

/**
 * Who is to rename a log: whom its directory belongs to. Root only if no directory above it is anybody else's, who could
 * have root work in a place of his choice.
 */
const rotatorOf = (log: string): Owner =>
  told(log, () => {
    for (let directory = path.dirname(log); ; directory = path.dirname(directory)) {
      const stats = seenAt(directory);
      if (stats && (stats.uid !== 0 || directory === '/')) return stats;
    }
  });

/**
 * The root in reach, and whom it belongs to.
 * @param options.root as `--root` names it
 * @returns `note`: why it is the example although there is a root, or what of it could not be told
 * @throws Problem where the root that was named is none
 */
export async function siteOf(options: {
  root: string | undefined;
  environment: string | undefined;
  cwd: string;
  env: NodeJS.ProcessEnv;
}): Promise<{site: Site; note: string | null}> {
  const root = rootOf(options.root, options.cwd, options.env);
  if (root === null) return {site: exampleSite, note: null};
  const byHand = (file: string): string =>
    `${file} has characters that each of these files quotes in another way: put it in by hand instead of ${exampleSite.root}`;
  if (!isPlain(root)) return {site: exampleSite, note: byHand(root)};
  const configuration = await loadConfiguration(root, options.env, options.environment);
  const {value, problem} = configuration.auditLog;
  const metrics = path.dirname(configuration.metrics.value);
  const odd = [value, metrics].find((file) => !isPlain(file));
  if (odd !== undefined) return {site: exampleSite, note: byHand(odd)};
  const doubt = configuration.metrics.problem;
  const whyUnsure = doubt && `the path of the metrics ${doubt}`;
  const storage = ownerOf(fs.existsSync(`${root}/storage`) ? `${root}/storage` : root);
  const log = rotatorOf(value);
  return {
    site: {...exampleSite, root, auditLog: value, metrics, user: storage.owner.user, log: log.owner},
    note: (problem && `the path of the audit log ${problem}`) ?? whyUnsure ?? storage.note ?? log.note,
  };
}
