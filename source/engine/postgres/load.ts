import os from 'node:os';
import {exitCode, Problem} from '../base/problem.ts';
import {type Connection, environmentOf, noAccess} from './connection.ts';
import {identifier} from './quote.ts';
import {runClient} from './run-client.ts';
import {inSession, type Session} from './session.ts';
import type {Clients} from './tools.ts';
import {whyFailed} from './why.ts';

/** Tables that are loaded at once: as many as there are processors, within reason. */
const jobs = Math.min(4, Math.max(2, os.availableParallelism()));

/** What a dump says of itself. */
export type Contents = {
  extensions: string[];
  /** Schemas of the tables that it fills, by the numbers of its own. */
  tables: ReadonlyMap<string, string>;
};

/**
 * Reads what a dump holds, but no row of it.
 * @param file its path, as one that stays what it is
 * @throws Problem where it is no dump
 */
export async function listDump(clients: Clients, file: string, signal?: AbortSignal): Promise<Contents> {
  const {code, output, said} = await runClient(clients, 'pg_restore', ['-l', file], noAccess(), {signal});
  if (code !== 0)
    throw new Problem(exitCode.failed, `the dump cannot be read: ${said.trim().split('\n')[0] ?? ''}`);
  const extensions: string[] = [];
  const tables = new Map<string, string>();
  for (const line of output.split('\n')) {
    const [, id = '', kind, rest = ''] = /^(\d+); \d+ \d+ (EXTENSION -|TABLE DATA) (.*)$/.exec(line) ?? [];
    if (kind === 'TABLE DATA') tables.set(id, rest.slice(0, rest.indexOf(' ')));
    // It has no owner, and a blank in its place.
    else if (kind !== undefined) extensions.push(rest.trimEnd());
  }
  return {extensions, tables};
}

/** Why pg_restore alone cannot load a dump; null where it can. */
export const whyNotLoaded = ({extensions}: Contents): string | null =>
  extensions.includes('timescaledb')
    ? 'its extension timescaledb wants timescaledb_pre_restore() before its dump is loaded, and timescaledb_post_restore() after it: load it by hand, as the manual of timescaledb has it'
    : null;

/** What a database was like that a dump was made of; null where the dump does not say. */
export async function shapeOf(
  clients: Clients,
  file: string,
  signal?: AbortSignal,
): Promise<{encoding: string; provider: string; collate: string | null; ctype: string | null} | null> {
  const args = ['--create', '--schema-only', '--no-comments', '-f', '-', file];
  const {code, output} = await runClient(clients, 'pg_restore', args, noAccess(), {signal});
  const line = /^CREATE DATABASE .* WITH TEMPLATE = template0 (.*);$/m.exec(output)?.[1];
  if (code !== 0 || line === undefined) return null;
  const value = (option: string): string | null =>
    new RegExp(`(?:^| )${option} = '([^']*)'`).exec(line)?.[1] ?? null;
  const encoding = value('ENCODING');
  // What one of another kind sorts by is not in its one line.
  if (encoding === null || (/LOCALE_PROVIDER = (\w+)/.exec(line)?.[1] ?? 'libc') !== 'libc') return null;
  const locale = value('LOCALE');
  return {
    encoding,
    provider: 'c',
    collate: value('LC_COLLATE') ?? locale,
    ctype: value('LC_CTYPE') ?? locale,
  };
}

export type Loading = {
  clients: Clients;
  /** The database that it goes into, which is empty. */
  connection: Connection;
  /** The dump, as a path that stays what it is. */
  file: string;
  contents: Contents;
  /** What its sessions are called on the server. */
  application: string;
  signal: AbortSignal;
  /** It is dropped again: whose it is, and who may what there, matters to nobody, and those roles may not be there. */
  isScratch: boolean;
  /** Is told each table that is filled. */
  onTable: (schema: string, table: string) => void;
};

/** What belongs to a server that others use. */
const withoutRoles = [
  '--no-owner',
  '--no-privileges',
  '--no-tablespaces',
  '--no-publications',
  '--no-subscriptions',
];

/** Loads a dump, several tables at once. It stops at the first error. @throws Problem */
export async function loadDump(loading: Loading): Promise<void> {
  const {clients, connection, file, contents, application, signal, isScratch, onTable} = loading;
  using access = environmentOf(connection);
  const args = [
    ...['--exit-on-error', '--no-password', '--verbose', `--jobs=${jobs}`],
    ...(isScratch ? withoutRoles : []),
  ];
  const {code, killed, said} = await runClient(
    clients,
    'pg_restore',
    [...args, `--dbname=${access.where}`, file],
    {
      ...access,
      environment: {
        ...access.environment,
        PGAPPNAME: application,
        // It has the settings of the live one already.
        PGOPTIONS: '-c default_transaction_read_only=off',
      },
    },
    {
      signal,
      onLine: (line) => {
        const [, id = '', table] = /finished item (\d+) TABLE DATA (.*)$/.exec(line) ?? [];
        if (table !== undefined) onTable(contents.tables.get(id) ?? '', table);
      },
    },
  );
  if (signal.aborted) throw new Problem(exitCode.cancelled, 'Cancelled.');
  if (code === 0) return;
  const why = killed === null ? said : `pg_restore: error: pg_restore was ended by ${killed}`;
  throw new Problem(exitCode.failed, whyFailed(connection, why));
}

/** Has the server learn what a new database holds. */
export const analyze = (session: Session): Promise<void> => session.run('ANALYZE');

/** Opens a session that is called so on the server, until the signal says otherwise. */
export async function called<Value>(
  connection: Connection,
  application: string,
  options: {signal?: AbortSignal | undefined; clients?: Clients | undefined},
  use: (session: Session) => Promise<Value>,
): Promise<Value> {
  return inSession(connection, options, async (session) => {
    await session.run(`SET application_name = ${identifier(application)}`);
    return use(session);
  });
}
