import * as z from 'zod/mini';
import {connectionName, freeOnServer} from '../postgres/connection.ts';
import {
  boundTo,
  type ConnectedClient,
  connectedTo,
  findDatabases,
  type Rights,
  rightsOf,
  type ServerDatabase,
} from '../postgres/databases.ts';
import {identifier} from '../postgres/quote.ts';
import {type Session, systemIdOf} from '../postgres/session.ts';
import type {DatabaseFacts} from '../session/database-facts.ts';
import type {ServerAddress} from '../session/database-item.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';

/** Databases that belong to a server, and are nobody's data. */
const serversOwn = new Set(['postgres', 'template0', 'template1']);

/** What a server says of a database that is to be replaced. */
export type AskedServer = {
  live: ServerDatabase | null;
  rights: Rights;
  sessions: ConnectedClient[];
  version: string;
  /** Of the server's data, and where they lie; null where it does not tell us. */
  systemId: string | null;
  directory: string | null;
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

const directorySchema = z.array(z.object({setting: z.nullable(z.string())}));

/** Null where it is not told to our role. */
export async function dataDirectory(server: Session): Promise<string | null> {
  const rows = await server.query("SELECT setting FROM pg_settings WHERE name = 'data_directory'");
  return directorySchema.parse(rows)[0]?.setting ?? null;
}

/** Asks a server about a database that is to be replaced; changes nothing. @throws Problem where it does not answer */
export async function askServer(server: Session, name: string): Promise<AskedServer> {
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
          `sessions in it cannot be ended by ${rights.user} (${others.map(({pid, user}) => `pid ${pid}, ${user ?? 'unknown'}`).join('; ')}): ${
            others.some(({superuser}) => superuser)
              ? 'a superuser has to end them'
              : `end them, or GRANT pg_signal_backend TO ${identifier(rights.user)}`
          }`,
        ]
      : []),
  ];
  const systemId = await systemIdOf(server);
  const directory = await dataDirectory(server);
  return {live, rights, sessions, version: server.server.version, systemId, directory, why};
}

/**
 * Bytes that the database will take beside the live one, as far as that tells, and how many are free; undefined where the
 * server's disk is not ours to see.
 */
function roomFor(reached: ServerAddress, {live, directory}: AskedServer): DatabaseFacts['room'] {
  const free = freeOnServer(reached, directory);
  return free === null ? undefined : {needed: live?.bytes ?? 0, free};
}

/** Seconds that a dump took; null where its manifest does not say. */
export function secondsOf(facts: CopyFacts | undefined): number | null {
  const seconds = Number(facts?.dump_seconds);
  return seconds >= 0 ? seconds : null;
}

/** What comes out of a dump, as its manifest says. */
export function loadOf(facts: CopyFacts | undefined): DatabaseFacts['comes'] {
  return {
    how: 'load',
    database: facts?.database ?? null,
    connection: facts?.connection ?? null,
    serverVersion: facts?.server_version ?? null,
    snapshotAt: facts?.snapshot_at ?? null,
    seconds: secondsOf(facts),
    rows: facts?.rows ? Object.fromEntries(facts.rows) : null,
  };
}

/** What a plan says of what was found. */
export function databaseFactsOf(
  asked: AskedServer,
  reached: ServerAddress,
  name: string,
  comes: DatabaseFacts['comes'],
): DatabaseFacts {
  const {live, rights, sessions, version} = asked;
  const room = roomFor(reached, asked);
  return {
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
    ...(room && {room}),
  };
}
