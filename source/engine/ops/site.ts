import fs from 'node:fs';
import {loadConfiguration} from '../config/effective.ts';
import {escapeText} from '../escape.ts';
import {accountOf} from '../owner.ts';
import {describeError, errorCode, exitCode, Problem} from '../problem.ts';
import {findPlace} from '../root.ts';

/** What the files are about; the example where no root is in reach. */
export type Site = {
  root: string;
  auditLog: string;
  /** Whom `storage/` belongs to: the name, else the number. */
  user: string;
  /** Whom the audit log belongs to. */
  log: {user: string; group: string};
};

/** As it stands in the files themselves. */
export const exampleSite: Site = {
  root: '/srv/magmoboce',
  auditLog: '/srv/magmoboce/storage/logs/audit.log',
  user: 'www-data',
  log: {user: 'www-data', group: 'www-data'},
};

/**
 * A path that can be put into a unit, a crontab and a configuration: where each has a way of its own to write quotes,
 * backslashes and patterns, an operator does that better by hand.
 */
const isPlain = (path: string): boolean =>
  escapeText(path) === path && !/["'\\*?[\]{}\ufffd]|^\s|\s$/u.test(path);

/** Shells know a directory by the way they came; behind a link (`current`) the real one goes with the next release. */
function namedDirectory(cwd: string, env: NodeJS.ProcessEnv): string {
  const named = env['PWD'];
  if (!named?.startsWith('/')) return cwd;
  try {
    return fs.realpathSync(named) === fs.realpathSync(cwd) ? named : cwd;
  } catch (error) {
    // Somebody else's PWD, or a working directory that is gone: what the system says counts.
    if (errorCode(error) === '') throw error;
    return cwd;
  }
}

function rootOf(given: string | undefined, cwd: string, env: NodeJS.ProcessEnv): string | null {
  const directory = namedDirectory(cwd, env);
  try {
    return findPlace({root: given, cwd: directory}).root;
  } catch (error) {
    if (given === undefined && error instanceof Problem && error.exit === exitCode.notFound) return null;
    throw error;
  }
}

/** Owner of the first of these that is there; those of the example, and why, where that cannot be told. */
function ownerOf(files: string[]): {owner: Site['log']; note: string | null} {
  try {
    for (const file of files) {
      const stats = fs.statSync(file, {throwIfNoEntry: false});
      if (stats) return {owner: accountOf(stats), note: null};
    }
    return {owner: exampleSite.log, note: null};
  } catch (error) {
    return {
      owner: exampleSite.log,
      note: `whom ${files[0]} belongs to cannot be told: ${describeError(error)}`,
    };
  }
}

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
  const byHand = (path: string): string =>
    `${path} has signs that are quoted in another way in each of these files: put it in by hand instead of ${exampleSite.root}`;
  if (!isPlain(root)) return {site: exampleSite, note: byHand(root)};
  const {value, problem} = (await loadConfiguration(root, options.env, options.environment)).auditLog;
  if (!isPlain(value)) return {site: exampleSite, note: byHand(value)};
  const storage = ownerOf([`${root}/storage`, root]);
  const log = ownerOf([value, `${root}/storage`, root]);
  return {
    site: {root, auditLog: value, user: storage.owner.user, log: log.owner},
    note: (problem && `the path of the audit log ${problem}`) ?? storage.note ?? log.note,
  };
}
