import fs from 'node:fs';
import {closing} from '../base/files.ts';
import {openInside} from '../base/open-inside.ts';
import {checkDump} from '../content/check-dump.ts';
import {copyStatements, createStatement, findDatabases, rightsOf, type Shape} from '../postgres/databases.ts';
import {writesIn} from '../postgres/live-rows.ts';
import {analyze, listDump, loadDump, shapeOf, whyNotLoaded} from '../postgres/load.ts';
import {identifier, literal} from '../postgres/quote.ts';
import type {Session} from '../postgres/session.ts';
import {countTables} from '../postgres/tables.ts';
import type {Clients} from '../postgres/tools.ts';
import {applicationName, type DatabaseItem, type DatabaseLoad, markText} from '../session/database-item.ts';
import {Stopped} from '../session/stopped.ts';
import {changes, type RestorePlan} from './action.ts';
import {beside, clientsFor, reach, within} from './reach.ts';
import type {At} from './switch-database.ts';
import {untilCancelled, type Work} from './work.ts';

const stampOf = (fd: number): string => {
  const {dev, ino, size, mtimeNs, ctimeNs} = fs.fstatSync(fd, {bigint: true});
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
};

/**
 * Uses a dump while it is what the manifest says: it is hashed before, and is still the same file afterwards.
 * @throws Stopped where it is not
 */
async function withDump<Value>(
  {copies, pool}: Work,
  {copy, algorithm, hash}: DatabaseLoad,
  signal: AbortSignal,
  use: (fd: number) => Promise<Value>,
): Promise<Value> {
  const opened = openInside(copies, copy);
  if ('status' in opened) throw new Stopped(`its dump: ${opened.reason}`);
  const {fd} = opened;
  using _ = closing(fd);
  const before = stampOf(fd);
  const check = (): void => {
    const again = openInside(copies, copy);
    const isSame = !('status' in again) && stampOf(again.fd) === before && stampOf(fd) === before;
    if (!('status' in again)) fs.closeSync(again.fd);
    if (!isSame) throw new Stopped('its dump was replaced or written to meanwhile');
  };
  const read = await pool.hash({directory: copies, segments: copy, algorithm}, signal).result;
  if (read.status !== 'read') throw new Stopped(`its dump: ${read.reason}`);
  if (read.hash !== hash)
    throw new Stopped('its dump is not what the manifest says: its hash is another one');
  check();
  const value = await use(fd);
  check();
  return value;
}

/** What came out of it, for the record. */
export type Loaded = {tables: number; rows: number | null; seconds: number};

/** @throws Stopped where a table has not as many rows as it had in the snapshot of the dump */
async function checkRows(session: Session, {rows}: DatabaseLoad): Promise<Omit<Loaded, 'seconds'>> {
  const wanted = Object.entries(rows ?? {});
  const counted = await countTables(
    session,
    wanted.map(([table]) => table),
  );
  if (counted === null) throw new Stopped('a table that the manifest counts is not in its dump');
  for (const [table, number] of wanted)
    if (counted.get(table) !== number)
      throw new Stopped(
        `${table} has ${counted.get(table)} rows once it is loaded, and the manifest says ${number}`,
      );
  return {tables: wanted.length, rows: rows && wanted.reduce((sum, [, number]) => sum + number, 0)};
}

/** How the database is made: like the live one, or, where there is none, as the dump says. */
async function shapeFor(server: Session, item: DatabaseItem, clients: Clients, file: string): Promise<Shape> {
  const oid = item.old?.oid;
  const [live] = oid === undefined ? [] : await findDatabases(server, {oids: [oid]});
  if (live) return live;
  const {user} = await rightsOf(server, null);
  const [usual] = await findDatabases(server, {names: ['template0']});
  if (!usual) throw new Stopped('the server has no database template0');
  const said = await shapeOf(clients, file);
  return {...usual, ...said, owner: user, tablespace: 'pg_default'};
}

export type StageTask = {
  at: At;
  work: Work;
  signal: AbortSignal;
  /** Is told of each table that is filled, and of how many. */
  onTable: (table: string, rows: number) => void;
  /** Keeps what the journal has to know before it goes on. */
  keep: (put: NonNullable<DatabaseItem['new']>) => void;
};

/** What is loaded into, beside the live one. */
async function make({at, keep}: StageTask, server: Session, clients: Clients, file: string): Promise<void> {
  const {item, by} = at;
  const {root, host, session} = by;
  const {staged, new: put, name} = item;
  if (!put) return;
  const [taken] = await findDatabases(server, {names: [staged]});
  if (taken)
    throw new Stopped(
      `database "${staged}" is there already, of another restore: look at it, and drop or rename it`,
    );
  const shape = await shapeFor(server, item, clients, file);
  await server.run(createStatement(staged, shape, server.server.major, put.mark));
  const [made] = await findDatabases(server, {names: [staged]});
  if (made?.limit !== put.mark) throw new Stopped(`database "${staged}" is not the one that was made`);
  keep({...put, oid: made.oid});
  const comment = markText({is: 'staged', of: name, session, root, host});
  await server.run(`COMMENT ON DATABASE ${identifier(staged)} IS ${literal(comment)}`);
  const [live] = item.old === null ? [] : await findDatabases(server, {oids: [item.old.oid]});
  for (const statement of live ? await copyStatements(server, live, staged) : []) await server.run(statement);
}

/** Loads a dump into a database that is empty, and counts. */
async function load(
  {at, work, signal, onTable}: StageTask,
  clients: Clients,
  file: string,
  dump: DatabaseLoad,
) {
  const {by, item} = at;
  const began = performance.now();
  const contents = await listDump(clients, file, signal);
  const why = whyNotLoaded(contents);
  if (why !== null) throw new Stopped(why);
  const connection = await reach(by, item.reached, item.staged);
  const application = applicationName(by);
  await loadDump({
    clients,
    connection,
    file,
    contents,
    application,
    signal,
    isScratch: work.file.journal.drill,
    onTable: (schema, table) => onTable(`${schema}.${table}`, dump.rows?.[`${schema}.${table}`] ?? 0),
  });
  work.telling.progress('staging', dump.bytes, dump.bytes);
  const counting = within(
    by,
    item.reached,
    item.staged,
    async (session) => ({...(await checkRows(session, dump)), writes: await writesIn(session)}),
    signal,
  );
  const [counted] = await Promise.all([counting, within(by, item.reached, item.staged, analyze, signal)]);
  return {...counted, seconds: (performance.now() - began) / 1000};
}

/**
 * Makes a database beside the live one, loads the dump into it, and counts its rows.
 * @throws Stopped, Problem
 */
export async function stageDatabase(task: StageTask): Promise<Loaded> {
  const {at, work, signal, keep} = task;
  const dump = at.item.new?.load;
  if (!dump) throw new Error('there is nothing to load');
  return withDump(work, dump, signal, async (fd) => {
    const file = `/proc/${process.pid}/fd/${fd}`;
    const clients = await beside(at.by, at.item.reached, async (server) => {
      const found = await clientsFor(server);
      await make(task, server, found, file);
      return found;
    });
    const {writes, ...loaded} = await load(task, clients, file, dump);
    const put = task.at.item.new;
    if (put) keep({...put, writes: String(writes)});
    return loaded;
  });
}

/**
 * Reads the dumps of a drill whole that are loaded nowhere.
 * @returns what is to be known of it
 * @throws Stopped where one cannot be read, Problem where there is nothing to read it with, CancelledRestore
 */
export async function checkDumps(work: Work, plan: RestorePlan): Promise<string[]> {
  const said: string[] = [];
  for (const {dataset, dump, copy, algorithm, hash, bytes} of changes(plan)) {
    if (!dump) continue;
    const load = {copy, algorithm, hash, bytes, rows: dump.rows};
    if (dump.scratch !== null) {
      said.push(
        `${dataset}: its dump was loaded into a scratch database, its rows were counted, and it was dropped again`,
      );
      continue;
    }
    const {state, detail} = await untilCancelled(work.telling, (signal) =>
      withDump(work, load, signal, (fd) => checkDump(fd, signal)),
    );
    if (state !== 'sound')
      throw new Stopped(`${dataset}: its dump cannot be read: ${detail ?? 'the reason is not known'}`);
    said.push(`${dataset}: its dump was read whole, and loaded nowhere: --into-database=SERVER does that`);
  }
  return said;
}
