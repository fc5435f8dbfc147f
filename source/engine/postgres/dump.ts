import fs from 'node:fs';
import {getSystemErrorMap} from 'node:util';
import * as z from 'zod/mini';
import {describeError, exitCode, NewFileError, Problem} from '../base/problem.ts';
import {type Connection, connectionName, environmentOf, noAccess} from './connection.ts';
import {identifier} from './quote.ts';
import {type ClientEnd, type ClientOptions, runClient} from './run-client.ts';
import {inSession, type Session, systemIdOf} from './session.ts';
import {readUnread, type Unread} from './standing.ts';
import {countRows, readTables, type Table} from './tables.ts';
import {type Clients, findClients} from './tools.ts';
import {whyFailed} from './why.ts';

/** Milliseconds that another session may keep a table from being read: a night's backup must not wait for ever. */
const lockWait = 300_000;
/** Milliseconds between two looks at how far a dump is. */
const pause = 100;

export type DatabaseLook = {
  /** Bytes that the database takes on its server. */
  bytes: number;
  /** The user of the connection may read the passwords of roles. */
  readsPasswords: boolean;
  role: string;
} & Unread;

const lookSchema = z.object({bytes: z.number(), passwords: z.boolean(), role: z.string()});

/**
 * Whether a database can be dumped from here, and how large it is; changes nothing.
 * @param schemas null for all of them
 * @throws Problem in one line
 */
export const lookAtDatabase = (
  connection: Connection,
  schemas: readonly string[] | null,
  signal: AbortSignal,
): Promise<DatabaseLook> =>
  inSession(connection, {signal}, async (session) => {
    await findClients(session.server.major);
    const [row] = await session.query(
      "SELECT pg_database_size(current_database()) AS bytes, has_table_privilege('pg_authid', 'SELECT') AS passwords, current_user AS role",
    );
    const {bytes, passwords, role} = lookSchema.parse(row);
    return {bytes, readsPasswords: passwords, role, ...(await readUnread(session, schemas))};
  });

/** Tables that are locked by one statement. */
const mostLocked = 500;

/** Locks them as pg_dump does: nobody empties one between its count and its dump. */
async function lockTables(session: Session, tables: readonly Table[]): Promise<void> {
  for (let first = 0; first < tables.length; first += mostLocked) {
    const some = tables.slice(first, first + mostLocked);
    const names = some.map(({schema, name}) => `ONLY ${identifier(schema)}.${identifier(name)}`);
    await session.run(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`);
  }
}

/** What there is to say of a dump. */
export type Dumped = {
  /** Of the server's data; null where it is not told. */
  systemId: string | null;
  serverVersion: string;
  toolVersion: string;
  /** When the snapshot was taken that all of it is of. */
  snapshotAt: Date;
  /** That pg_dump took. */
  seconds: number;
  rows: Map<string, number>;
};

export type Dumping = {
  connection: Connection;
  /** Null for all of them. */
  schemas: readonly string[] | null;
  /** An open, empty file that can be read as well. */
  fd: number;
  signal: AbortSignal;
  /** Is told how much of it is done, from 0 to 1. */
  onProgress: (part: number) => void;
};

/** How far pg_dump is: the tables that it is through with, and of the one that it is at as much as the file has grown by. */
function progressOf(
  tables: readonly Table[],
  fd: number,
): {onLine: (line: string) => void; part: () => number} {
  const sizes = new Map(tables.map(({schema, name, bytes}) => [`${schema}.${name}`, bytes]));
  const all = Math.max(
    1,
    [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  );
  let done = 0;
  let current = 0;
  let began = 0;
  return {
    onLine(line) {
      const name = /dumping contents of table "(.*)"$/.exec(line)?.[1];
      if (name === undefined) return;
      done += current;
      current = sizes.get(name) ?? 0;
      began = fs.fstatSync(fd).size;
    },
    part: () => Math.min(1, (done + Math.min(current, fs.fstatSync(fd).size - began)) / all),
  };
}

/**
 * Writes a database down in pg_dump's custom format, and counts the rows of its tables in the same snapshot: what the
 * dump holds, whatever is written meanwhile.
 * @throws NewFileError; Problem in one line, also where pg_dump says that all is well and it is not
 */
export async function dumpDatabase({connection, schemas, fd, signal, onProgress}: Dumping): Promise<Dumped> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  return inSession(connection, {signal: both}, async (session) => {
    const {major, version, standby} = session.server;
    const clients = await findClients(major);
    const systemId = await systemIdOf(session);
    await session.run('SET max_parallel_workers_per_gather = 0');
    await session.run(`SET lock_timeout = ${lockWait}`);
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [row] = await session.query('SELECT pg_export_snapshot() AS snapshot');
    const {snapshot} = z.object({snapshot: z.string()}).parse(row);
    const snapshotAt = new Date();
    const began = performance.now();
    const tables = await readTables(session, schemas);
    await lockTables(session, tables);
    const {onLine, part} = progressOf(tables, fd);
    const timer = setInterval(() => onProgress(part()), pause);
    const args = [
      '-Fc',
      '-v',
      '-w',
      `--snapshot=${snapshot}`,
      `--lock-wait-timeout=${lockWait}`,
      ...(standby ? ['--no-unlogged-table-data'] : []),
      ...(schemas === null
        ? []
        : [
            '--strict-names', // In quotes a pattern means nothing but that name.
            ...schemas.map((each) => `--schema=${identifier(each)}`),
          ]),
    ];
    try {
      const rows = await together(stop, [
        countRows(session, tables),
        runOnServer(connection, clients, 'pg_dump', args, {signal: both, stdout: fd, onLine}),
      ]);
      const seconds = (performance.now() - began) / 1000;
      const {toolVersion, hasData} = await readContents(connection, clients, fd, signal);
      if (hasData && !endsWhole(fd)) throw unfinished(connection, 'pg_dump');
      return {systemId, serverVersion: version, toolVersion, snapshotAt, seconds, rows};
    } finally {
      clearInterval(timer);
    }
  });
}

/** The first one's value, once both are through; the one that fails ends the other. */
async function together<Value>(
  stop: AbortController,
  works: [Promise<Value>, Promise<unknown>],
): Promise<Value> {
  const errors: unknown[] = [];
  const [value] = await Promise.all(
    works.map((work) =>
      work.catch((error: unknown) => {
        errors.push(error);
        stop.abort();
      }),
    ),
  );
  if (errors.length > 0) throw errors[0];
  return value as Value;
}

/** Roles and what else belongs to the server as a whole, as SQL. @param passwords whether those of roles are to be in it */
export async function dumpGlobals(
  connection: Connection,
  {fd, passwords, signal}: Pick<Dumping, 'fd' | 'signal'> & {passwords: boolean},
): Promise<{serverVersion: string}> {
  const server = await inSession(connection, {signal}, async (session) => session.server);
  const clients = await findClients(server.major);
  const args = ['--globals-only', '-w', ...(passwords ? [] : ['--no-role-passwords'])];
  await runOnServer(connection, clients, 'pg_dumpall', args, {signal, stdout: fd});
  if (!endOf(fd, 200).includes('cluster dump complete')) throw unfinished(connection, 'pg_dumpall');
  return {serverVersion: server.version};
}

const unfinished = (connection: Connection, tool: string): Problem =>
  new Problem(
    exitCode.failed,
    `${connectionName(connection)}: ${tool} said that all was written, and the end is not there: look whether the disk is full, and at that program`,
  );

/** @throws NewFileError; Problem in one line */
async function runOnServer(
  connection: Connection,
  clients: Clients,
  tool: 'pg_dump' | 'pg_dumpall' | 'pg_restore',
  args: string[],
  options: ClientOptions & {signal: AbortSignal},
): Promise<ClientEnd> {
  using access = tool === 'pg_restore' ? noAccess() : environmentOf(connection);
  // Of the whole server too that database is asked: the user may be let into no other one.
  const where = {pg_dump: ['--dbname'], pg_dumpall: ['--database'], pg_restore: []}[tool];
  const all = [...args, ...where.map((option) => `${option}=${access.where}`)];
  // A moment is written alike in every dump, whatever zone the database is set to.
  const environment = {...access.environment, PGTZ: 'UTC'};
  const end = await runClient(clients, tool, all, {...access, environment}, options);
  if (end.code === 0) return end;
  if (options.signal.aborted) throw new Problem(exitCode.cancelled, 'Cancelled.');
  if (end.killed !== null)
    throw new Problem(exitCode.failed, `${connectionName(connection)}: ${tool} was killed (${end.killed})`);
  const unwritten = /could not (?:write to output|close (?:archive|output)) file: (.*)/.exec(end.said)?.[1];
  if (unwritten !== undefined) throw new NewFileError(inOurWords(unwritten));
  throw new Problem(exitCode.failed, whyFailed(connection, end.said));
}

/** The system's error, as a client says it, in the words that it has everywhere here. */
function inOurWords(said: string): string {
  const name = [...getSystemErrorMap().values()].find(([, message]) => message === said.toLowerCase())?.[0];
  return describeError(Object.assign(new Error(said), {code: name}));
}

/** What a dump says of itself. @throws Problem where it cannot be read */
async function readContents(
  connection: Connection,
  clients: Clients,
  fd: number,
  signal: AbortSignal,
): Promise<{toolVersion: string; hasData: boolean}> {
  const file = `/proc/${process.pid}/fd/${fd}`;
  const {output} = await runOnServer(connection, clients, 'pg_restore', ['-l', file], {signal});
  const toolVersion = /^; +Dumped by pg_dump version: (.+)$/m.exec(output)?.[1] ?? String(clients.major);
  return {toolVersion, hasData: /^\d+; \d+ \d+ (?:TABLE DATA|BLOBS) /m.test(output)};
}

function endOf(fd: number, length: number): Buffer {
  const {size} = fs.fstatSync(fd);
  const end = Buffer.alloc(Math.min(length, size));
  fs.readSync(fd, end, 0, end.length, size - end.length);
  return end;
}

/** The data of the last table end with a block of no length, and so does the file: a sign and four bytes. */
const endsWhole = (fd: number): boolean => endOf(fd, 5).equals(Buffer.alloc(5));
