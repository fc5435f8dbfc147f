import {execFile} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {exitCode, Problem} from '../base/problem.ts';

const names = ['psql', 'pg_dump', 'pg_dumpall', 'pg_restore'] as const;
export type Tool = (typeof names)[number];

/** The clients of one version, in one directory. */
export type Clients = {major: number; directory: string};

/** Where Debian and Red Hat put each version's own. */
const versioned = [/^\/usr\/lib\/postgresql\/(\d+)\/bin$/, /^\/usr\/pgsql-(\d+)\/bin$/];
const parents = [
  {above: '/usr/lib/postgresql', below: 'bin'},
  {above: '/usr', below: 'bin'},
];

const namesIn = (directory: string): string[] => {
  try {
    return fs.readdirSync(directory);
  } catch {
    // None are there.
    return [];
  }
};

const isWhole = (directory: string): boolean =>
  names.every((name) => {
    try {
      fs.accessSync(`${directory}/${name}`, fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

function installed(): Clients[] {
  return parents.flatMap(({above, below}) =>
    namesIn(above).flatMap((name) => {
      const directory = path.join(above, name, below);
      const major = versioned.map((each) => each.exec(directory)?.[1]).find((each) => each !== undefined);
      return major !== undefined && isWhole(directory) ? [{major: Number(major), directory}] : [];
    }),
  );
}

/** What Debian has on PATH chooses a version by itself. */
const isWrapper = (directory: string): boolean =>
  path.basename(fs.realpathSync(`${directory}/pg_dump`)) === 'pg_wrapper';

/** What it prints. In the bundle `promisify` knows nothing of a call that answers with two things. */
const versionOf = (file: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(file, ['--version'], {timeout: 10_000}, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });

/** What was found, by PATH: a restore opens many sessions. */
const known = new Map<string, Promise<Clients | null>>();

/** Those on PATH, of which the first directory counts. */
function onPath(): Promise<Clients | null> {
  const places = process.env['PATH'] ?? '';
  const found = known.get(places) ?? lookOn(places);
  known.set(places, found);
  return found;
}

async function lookOn(places: string): Promise<Clients | null> {
  const directory = places
    .split(path.delimiter)
    .find((each) => path.isAbsolute(each) && isWhole(each) && !isWrapper(each));
  if (directory === undefined) return null;
  try {
    const version = await versionOf(`${directory}/pg_dump`);
    const major = /(\d+)(?:\.|devel|beta|rc|\s)/.exec(version.replace(/^\D+/, ''))?.[1];
    return major === undefined ? null : {major: Number(major), directory};
  } catch {
    // What cannot say its version is no client.
    return null;
  }
}

/**
 * The clients to speak to a server with: its own version's, else the next newer one's. What a newer one writes may say
 * what an older server does not know.
 * @param server its major version; null where it is not known yet
 * @throws Problem that names the package to install
 */
export async function findClients(server: number | null): Promise<Clients> {
  const other = await onPath();
  // Of one version those on PATH are meant.
  const found = [...(other === null ? [] : [other]), ...installed()].toSorted((a, b) => a.major - b.major);
  const newest = found.find(({major}) => major === found.at(-1)?.major);
  if (newest === undefined)
    throw new Problem(
      exitCode.failed,
      `The clients of PostgreSQL (${names.join(', ')}) are not installed: install ${server === null ? 'postgresql-client' : `postgresql-client-${server}`}.`,
    );
  if (server === null) return newest;
  const fits = found.find(({major}) => major >= server);
  if (fits === undefined)
    throw new Problem(
      exitCode.failed,
      `The server is PostgreSQL ${server}, and the newest pg_dump here is ${newest.major}, which refuses it: install postgresql-client-${server}.`,
    );
  return fits;
}

/** The path of one of them. */
export const toolPath = ({directory}: Clients, tool: Tool): string => `${directory}/${tool}`;
