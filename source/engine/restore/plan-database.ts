import os from 'node:os';
import {exitCode, Problem} from '../base/problem.ts';
import {shellWord} from '../base/shell-word.ts';
import {readConnection} from '../config/connections.ts';
import type {ConfiguredDataset} from '../datasets/type.ts';
import {type Connection, connectionName, serverName} from '../postgres/connection.ts';
import {
  boundTo,
  type Connected,
  connectedTo,
  findDatabases,
  type Rights,
  rightsOf,
  type ServerDatabase,
} from '../postgres/databases.ts';
import {type Contents, listDump} from '../postgres/load.ts';
import {identifier, literal} from '../postgres/quote.ts';
import {inSession, type Session} from '../postgres/session.ts';
import type {DatabaseFacts} from '../session/database-facts.ts';
import {isDatabaseName, type Reached} from '../session/database-item.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {allowedDatabase, type Dump, type Planning, type RestoreAction, refuse} from './action.ts';
import {beside, clientsFor, reach} from './reach.ts';

/** Databases that belong to a server, and are nobody's data. */
const serversOwn = new Set(['postgres', 'template0', 'template1']);

/** A database of the manifest; undefined where an entry is none, or does not say which. */
export const databaseOf = ({facts}: Dataset): string | undefined => facts?.database;

/** How the database of a configured dataset is reached, without a password, and its name; null where the dataset is none. */
export async function reachedOf(
  {place}: {place: Pick<Planning['place'], 'root' | 'configuration'>},
  dataset: ConfiguredDataset,
): Promise<{reached: Reached; database: string} | {reason: string} | null> {
  const reaches = dataset.type.reaches?.(dataset)?.by;
  if (reaches === undefined) return null;
  const {configuration} = place;
  const environment = configuration.environment.value;
  if (typeof reaches !== 'string') return withoutPassword(reaches, null, environment);
  const found = await readConnection(reaches, place.root, process.env, environment);
  return 'reason' in found ? found : withoutPassword(found.connection, reaches, environment);
}

function withoutPassword(
  {password: _, database, ...said}: Connection,
  named: string | null,
  environment: string,
): {reached: Reached; database: string} {
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return {reached: {...given, named, environment}, database};
}

export type Asked = {
  live: ServerDatabase | null;
  rights: Rights;
  sessions: Connected[];
  version: string;
  /** Why it cannot be replaced, whatever replaces it; none where it can. */
  why: string[];
};

function whyNoRights(
  {user, superuser, createdb, owns, member}: Rights,
  live: ServerDatabase | null,
): string | null {
  if (superuser || (createdb && owns && member)) return null;
  const grants = [
    ...(createdb ? [] : [`ALTER ROLE ${identifier(user)} CREATEDB`]),
    ...(member || !live ? [] : [`GRANT ${identifier(live.owner)} TO ${identifier(user)}`]),
    ...(owns || !member ? [] : [`ALTER ROLE ${identifier(user)} INHERIT`]),
  ];
  return `the role ${user} may not ${createdb ? 'rename it' : 'create and rename databases'}; a superuser can have it so: ${grants.join('; ')}`;
}

/** Asks a server about a database that is to be replaced; changes nothing. @throws Problem where it does not answer */
export async function askServer(server: Session, name: string): Promise<Asked> {
  const [live = null] = await findDatabases(server, {names: [name]});
  const rights = await rightsOf(server, live?.owner ?? null);
  const sessions = live ? await connectedTo(server, live.oid) : [];
  const {prepared, slots} = await boundTo(server, name);
  const others = sessions.filter(({ours}) => !ours);
  const noRights = whyNoRights(rights, live);
  const why = [
    ...(server.server.standby
      ? ['its server is a standby, where nothing can be written: restore on its primary']
      : []),
    ...(serversOwn.has(name) || live?.isTemplate
      ? ['it belongs to the server itself (a template, or "postgres"), and is never replaced']
      : []),
    ...(noRights === null ? [] : [noRights]),
    ...(prepared > 0
      ? [
          `${prepared} prepared transactions are open in it (pg_prepared_xacts): COMMIT PREPARED or ROLLBACK PREPARED each first`,
        ]
      : []),
    ...(slots > 0
      ? [
          `${slots} replication slots belong to it, and would stay with the old one: pg_drop_replication_slot each first`,
        ]
      : []),
    ...(others.length > 0
      ? [
          `sessions in it cannot be ended by ${rights.user} (${others.map(({pid, user}) => `pid ${pid}, ${user ?? 'unknown'}`).join('; ')}): end them, or GRANT pg_signal_backend TO ${identifier(rights.user)}`,
        ]
      : []),
  ];
  return {live, rights, sessions, version: server.server.version, why};
}

/** What a plan says of what was found. */
export const factsOf = (
  {live, rights, sessions, version}: Asked,
  reached: Reached,
  name: string,
  comes: DatabaseFacts['comes'],
): DatabaseFacts => ({
  reached,
  name,
  path: connectionName({...reached, database: name}),
  serverVersion: version,
  role: rights.user,
  live: live && {
    oid: live.oid,
    owner: live.owner,
    encoding: live.encoding,
    collate: live.collate,
    ctype: live.ctype,
    allows: live.allows,
    limit: live.limit,
    comment: live.comment,
    bytes: live.bytes,
  },
  comes,
  sessions: sessions.map(({ours: _, ...session}) => session),
});

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

/** Where the manifest names another database than the one that is configured: both are shown. */
function whyOther({options}: Planning, {facts}: Dataset, reached: Reached, name: string): string[] {
  const [was, is] = [
    {database: facts?.database ?? name, server: facts?.server ?? serverName({...reached, database: name})},
    {database: name, server: serverName({...reached, database: name})},
  ].map(({database, server}) => `database "${database}" on ${server}`);
  if (was === is || options.allowed.includes(allowedDatabase(name))) return [];
  return [
    `it was backed up from ${was}, and ${is} is configured: if that is meant, --allow-target=${allowedDatabase(name)}`,
  ];
}

/** What this process is called on a server while it plans. */
const planningAt = ({place}: Planning) => ({root: place.root, state: `plan on ${os.hostname()}`, session: 0});

export type DatabaseSubject = {
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
      const contents = await listDump(await clientsFor(server), copy);
      const missing = await missingExtensions(server, contents.extensions);
      const why = missing.map(
        (name) => `the server has no extension ${name}, which it needs: install the package that brings it`,
      );
      return {asked, contents, why: [...asked.why, ...why]};
    });
    why.push(...whyOther(planning, dataset, reached, database));
    const rows = facts?.rows ?? null;
    action.database = factsOf(asked, reached, database, {
      how: 'load',
      database: facts?.database ?? null,
      connection: facts?.connection ?? null,
      serverVersion: facts?.server_version ?? null,
      snapshotAt: facts?.snapshot_at ?? null,
      rows: rows && Object.fromEntries(rows),
    });
    if (asked.live?.allows) {
      const connection = await reach(at.root, reached, database);
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
async function scratchServer({place, options}: Planning): Promise<Reached | null> {
  const {intoDatabase} = options;
  const environment = place.configuration.environment.value;
  if (intoDatabase === null) return null;
  const service = /^service:(.+)$/.exec(intoDatabase)?.[1];
  if (service !== undefined) return {named: null, environment, service};
  if (intoDatabase.startsWith('/')) return {named: null, environment, host: intoDatabase};
  const found = await readConnection(intoDatabase, place.root, process.env, environment);
  if ('reason' in found)
    throw new Problem(
      exitCode.usage,
      `--into-database=${intoDatabase}: ${found.reason}. Nothing was changed.`,
    );
  return withoutPassword(found.connection, intoDatabase, environment).reached;
}

/** What a drill does with a dump, beside laying it down. */
export async function planDump(
  planning: Planning,
  {facts}: Dataset,
): Promise<Dump | undefined | {refused: string}> {
  const {database, rows} = facts ?? {};
  if (database === undefined) return undefined;
  // What is loaded is called after it.
  if (!isDatabaseName(database))
    return {refused: 'the manifest names a database for it that no server can have'};
  return {database, rows: rows ? Object.fromEntries(rows) : null, scratch: await scratchServer(planning)};
}
