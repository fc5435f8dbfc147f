import fs from 'node:fs';
import os from 'node:os';
import {formatBytes} from '../base/format.ts';
import {openFile} from '../base/open-inside.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import type {ConfiguredDataset, FindConnection} from '../datasets/type.ts';
import {type Connection, connectionName, freeOnServer, serverName} from '../postgres/connection.ts';
import {rightsOf} from '../postgres/databases.ts';
import {type Contents, listDump, whyNotLoaded} from '../postgres/load.ts';
import {identifier, literal} from '../postgres/quote.ts';
import {inSession, type Session} from '../postgres/session.ts';
import type {Clients} from '../postgres/tools.ts';
import {isDatabaseName, type ServerAddress} from '../session/database-item.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {allowedDatabase, type DrillDump, type Planning, type RestoreAction, refuse} from './action.ts';
import {askServer, databaseFactsOf, dataDirectory, loadOf, secondsOf} from './ask-server.ts';
import {beside, clientsFor, foundFor, type RestoreIdentity, reach} from './reach.ts';

/** A database of the manifest; undefined where an entry is none, or does not say which. */
export const databaseOf = ({facts}: Dataset): string | undefined => facts?.database;

/** Whether an entry of the manifest is the roles of a server, with or without their passwords. */
export const isRoles = ({facts}: Dataset): boolean => facts?.format.startsWith('globals') === true;

/** How the database of a configured dataset is reached, without a password, and its name; null where the dataset is none. */
async function reachedOf(
  planning: Planning,
  dataset: ConfiguredDataset,
): Promise<{reached: ServerAddress; database: string} | {reason: string} | null> {
  const reaches = dataset.type.reaches?.(dataset)?.by;
  if (reaches === undefined) return null;
  const environment = environmentOf(planning);
  if (typeof reaches !== 'string') return withoutPassword(reaches, null, environment);
  const found = await finderOf(planning)(reaches);
  return 'reason' in found ? found : withoutPassword(found.connection, reaches, environment);
}

function withoutPassword(
  {password: _, database, ...said}: Connection,
  named: string | null,
  environment: string,
): {reached: ServerAddress; database: string} {
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return {reached: {...given, named, environment}, database};
}

/** Extensions that a dump has made, and the server has not. */
async function missingExtensions(server: Session, extensions: string[]): Promise<string[]> {
  if (extensions.length === 0) return [];
  const rows = await server.query(
    `SELECT name FROM pg_available_extensions WHERE name IN (${extensions.map(literal).join(', ')})`,
  );
  const there = new Set(rows.map((row) => (row as {name: unknown}).name));
  return extensions.filter((name) => !there.has(name));
}

/** Schemas with tables that the live one has, and the dump has not: as the manifest counts them, else as the dump says. */
async function otherSchemas(
  at: Session,
  rows: ReadonlyMap<string, number> | null,
  {tables}: Contents,
): Promise<string[]> {
  const counted = [...(rows?.keys() ?? [])].map((table) => /^("(?:[^"]|"")*"|[^.]*)/.exec(table)?.[0]);
  const held = new Set(rows ? counted : tables.values());
  const found = await at.query(
    `SELECT DISTINCT ${rows ? 'quote_ident(n.nspname)' : 'n.nspname'} AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  );
  return found.flatMap((row) => {
    const {name} = row as {name: string};
    return held.has(name) ? [] : [name];
  });
}

/** Milliseconds in which what a dump holds has to be listed. */
const listing = 60_000;

/** What a dump holds, and why it cannot be loaded on a server. @throws Problem where it cannot be read */
async function readDump(server: Session, copy: string): Promise<{contents: Contents; why: string[]}> {
  const contents = await listOf(await clientsFor(server), copy);
  const missing = await missingExtensions(server, contents.extensions);
  const alone = whyNotLoaded(contents);
  const why = missing.map(
    (name) => `the server has no extension ${name}, which it needs: install the package that brings it`,
  );
  return {contents, why: [...why, ...(alone === null ? [] : [alone])]};
}

/** Of the very file that is opened here: who may write where it lies cannot lead pg_restore elsewhere, nor hold it up. */
async function listOf(clients: Clients, copy: string): Promise<Contents> {
  const opened = openFile(copy);
  if ('status' in opened) throw new Problem(exitCode.failed, `${opened.reason}.`);
  const late = AbortSignal.timeout(listing);
  try {
    return await listDump(clients, `/proc/${process.pid}/fd/${opened.fd}`, late);
  } catch (error) {
    if (!late.aborted) throw error;
    throw new Problem(exitCode.failed, `what the dump holds was not listed within ${listing / 1000} s.`);
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** A dump is hardly ever larger than its database: then there is certainly no room, and a full disk ends a server. */
function whyFull({bytes}: RestoreAction, server: ServerAddress, directory: string | null): string[] {
  const free = freeOnServer(server, directory);
  if (free === null || free >= bytes) return [];
  return [
    `its server has ${formatBytes(free)} free for its data (${directory}), and the dump alone has ${formatBytes(bytes)}: make room there`,
  ];
}

/** Where the manifest names another database than the one that is configured: both are shown. */
function whyOther(
  {options}: Planning,
  {facts}: Dataset,
  reached: ServerAddress,
  name: string,
  systemId: string | null,
): string[] {
  const here = serverName({...reached, database: name});
  const {database = name, server = here, server_id} = facts ?? {};
  // Behind one address may be another server, and a server that was copied as a whole has the identifier of the first.
  const isOtherData = server_id !== undefined && systemId !== null && server_id !== systemId;
  const isSameServer = server === here && !isOtherData;
  if ((isSameServer && database === name) || options.allowed.includes(allowedDatabase(name))) return [];
  const [was, is] = [
    {of: database, on: server, id: server_id},
    {of: name, on: here, id: systemId},
  ].map(
    ({of, on, id}) => `database "${of}" on ${on}${!isSameServer && server === here ? ` (system ${id})` : ''}`,
  );
  return [
    `it was backed up from ${was}, and ${is} is configured: if that is meant, --allow-target=${allowedDatabase(name)}`,
  ];
}

const environmentOf = ({place}: Planning): string => place.configuration.environment.value;

/** What finds the connections of the PHP configuration, which is read once for a plan. */
function finderOf(planning: Planning): FindConnection {
  const all = foundFor(planning);
  const environment = environmentOf(planning);
  const find = all.get(environment) ?? planning.place.configuration.connections();
  all.set(environment, find);
  return find;
}

/** What this process is called on a server while it plans. */
const planningAt = (planning: Planning): RestoreIdentity => ({
  root: planning.place.root,
  state: 'plan',
  session: 0,
  host: os.hostname(),
  found: foundFor(planning),
});

type DatabaseSubject = {
  planning: Planning;
  dataset: Dataset;
  /** As far as it is known already: the copy, and its hash. */
  base: RestoreAction;
  /** The path of the copy. */
  copy: string;
  createdAt: string | null;
};

/** What a restore would do with a database. */
export async function planDatabase(subject: DatabaseSubject): Promise<RestoreAction> {
  const {planning, dataset, base, copy, createdAt} = subject;
  const {facts} = dataset;
  const configured = planning.place.configuration.datasets.value.find(({name}) => name === dataset.name);
  const to = configured && (await reachedOf(planning, configured));
  if (!to)
    return refuse(base, 'no database is configured under its name now, so it is not known where it belongs');
  if ('reason' in to) return refuse(base, to.reason);
  const {reached, database} = to;
  if (!isDatabaseName(database))
    return refuse(base, 'the name of its database is longer than a server keeps');
  const at = planningAt(planning);
  const target = connectionName({...reached, database});
  const action: RestoreAction = {...base, target, recorded: null};
  try {
    const {asked, contents, why} = await beside(at, reached, async (server) => {
      const asked = await askServer(server, database);
      const {contents, why} = await readDump(server, copy);
      return {asked, contents, why: [...asked.why, ...why]};
    });
    why.push(
      ...whyOther(planning, dataset, reached, database, asked.systemId),
      ...whyFull(base, reached, asked.directory),
    );
    const rows = facts?.rows ?? null;
    action.database = databaseFactsOf(asked, reached, database, loadOf(facts));
    if (asked.live?.allows) {
      const connection = await reach(at, reached, database);
      const lost = await inSession(connection, {}, (session) => otherSchemas(session, rows, contents));
      if (lost.length > 0)
        why.push(
          `its dump has no table of ${lost.join(', ')}, and a restore puts the whole database back: those would be gone. Load it by hand into a database of its own: createdb NEW; pg_restore -d NEW ${shellWord(copy)}`,
        );
    }
    if (why.length > 0) return refuse(action, why.join('; '));
    if (asked.live === null) return {...action, action: 'create'};
    return {...action, action: 'overwrite', loses: `writes since ${facts?.snapshot_at ?? createdAt}`};
  } catch (error) {
    if (error instanceof Problem) return refuse(action, error.message.replace(/\.$/, ''));
    throw error;
  }
}

/** Where a drill loads dumps. @throws Problem (wrong usage) where that is not known */
async function scratchServer(planning: Planning): Promise<ServerAddress | null> {
  const {intoDatabase} = planning.options;
  const environment = environmentOf(planning);
  if (intoDatabase === null) return null;
  const service = /^service:(.+)$/.exec(intoDatabase)?.[1];
  if (service !== undefined) return {named: null, environment, service};
  if (intoDatabase.startsWith('/')) return {named: null, environment, host: intoDatabase};
  const found = await finderOf(planning)(intoDatabase);
  if ('reason' in found)
    throw new Problem(
      exitCode.usage,
      `--into-database=${intoDatabase}: ${found.reason}. Nothing was changed.`,
    );
  return withoutPassword(found.connection, intoDatabase, environment).reached;
}

/** Why a dump cannot be loaded into a scratch database; null where nothing speaks against it. */
async function whyNotScratch(
  planning: Planning,
  scratch: ServerAddress,
  base: RestoreAction,
  copy: string,
): Promise<string | null> {
  try {
    return await beside(planningAt(planning), scratch, async (server) => {
      const {user, createdb} = await rightsOf(server, null);
      if (server.server.standby) return 'its server is a standby, where nothing can be made';
      if (!createdb)
        return `the role ${user} may not create databases there: ALTER ROLE ${identifier(user)} CREATEDB`;
      const {why} = await readDump(server, copy);
      return [...why, ...whyFull(base, scratch, await dataDirectory(server))][0] ?? null;
    });
  } catch (error) {
    if (error instanceof Problem) return error.message.replace(/\.$/, '');
    throw error;
  }
}

/**
 * What a drill does with a dump, beside laying it down.
 * @returns `flaw`: what is wrong with the backup; `why`: why it cannot be loaded
 */
export async function planDump(
  planning: Planning,
  {facts}: Dataset,
  base: RestoreAction,
  copy: string,
): Promise<DrillDump | undefined | {flaw: string} | {why: string}> {
  const {database, rows} = facts ?? {};
  if (database === undefined) return undefined;
  // What is loaded is called after it.
  if (!isDatabaseName(database))
    return {flaw: 'the manifest names a database for it that no server can have'};
  const scratch = await scratchServer(planning);
  const why = scratch && (await whyNotScratch(planning, scratch, base, copy));
  if (scratch && why !== null)
    return {why: `it cannot be loaded on ${serverName({...scratch, database})}: ${why}`};
  return {database, rows: rows ? Object.fromEntries(rows) : null, scratch, seconds: secondsOf(facts)};
}
