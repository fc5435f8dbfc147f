import * as z from 'zod/mini';
import type {Connection} from './connection.ts';
import {commentedDatabases} from './databases.ts';
import {literal} from './quote.ts';
import {inSession} from './session.ts';

/** Names of them that are told. */
const mostNamed = 5;

const rowSchema = z.object({
  role: z.string(),
  super: z.boolean(),
  owner: z.string(),
  owns: z.boolean(),
  creates: z.boolean(),
  signals: z.boolean(),
  bytes: z.number(),
  passwords: z.boolean(),
  directory: z.nullable(z.string()),
  tables: z.int(),
});
const namedSchema = z.object({name: z.string(), guarded: z.boolean()});

/** What a server says of one of its databases, and of what our role may do with it. */
export type ServerStanding = {
  major: number;
  version: string;
  /** Nothing can be written there. */
  standby: boolean;
  role: string;
  /** To whom the database belongs. */
  owner: string;
  isSuperuser: boolean;
  bytes: number;
  /** It may read the passwords of roles. */
  readsPasswords: boolean;
  /** Tables of its own, of all schemas. */
  tables: number;
  /** Where the server keeps its data, as it says; null where it does not tell this role. */
  directory: string | null;
  /** What this role may not read, so that no dump can be made: the first of them. */
  unreadable: string[];
  /** Of what row security would hide rows from it, which no dump takes. */
  guarded: string[];
  /** It may make databases, and rename this one: what a restore does. */
  creates: boolean;
  renames: boolean;
  /** It may end the sessions of others, but for those of superusers. */
  signals: boolean;
  /** Databases of its server whose comment begins as was asked. */
  marked: {name: string; comment: string}[];
};

const own = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`;

/**
 * Asks a server, and changes nothing there.
 * @param schemas the only ones that matter; null for all
 * @param markStart how the comments begin of the databases that are asked for
 * @throws Problem in one line: no client, no server, not let in, or the signal was given
 */
export async function readStanding(
  connection: Connection,
  schemas: readonly string[] | null,
  markStart: string,
  signal: AbortSignal,
): Promise<ServerStanding> {
  return await inSession(connection, {signal}, async (session) => {
    const [answer] = await session.query(
      `SELECT current_user AS role, r.rolsuper AS super, pg_get_userbyid(d.datdba) AS owner,
        pg_has_role(d.datdba, 'USAGE') AS owns, r.rolsuper OR r.rolcreatedb AS creates,
        pg_has_role('pg_signal_backend', 'USAGE') AS signals,
        pg_database_size(d.oid) AS bytes, has_table_privilege('pg_authid', 'SELECT') AS passwords,
        (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS directory,
        (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND ${own}) AS tables
      FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user`,
    );
    const row = rowSchema.parse(answer);
    const only = schemas === null ? own : `n.nspname IN (${schemas.map(literal).join(', ') || 'NULL'})`;
    // A dump reads every table and sequence, with all rows of each.
    const names = await session.query(
      `SELECT n.nspname || '.' || c.relname AS name, row_security_active(c.oid) AS guarded FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'S') AND ${only} AND NOT (
        has_schema_privilege(n.oid, 'USAGE')
        AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
          ELSE has_table_privilege(c.oid, 'SELECT') AND NOT row_security_active(c.oid) END)
      ORDER BY 2, 1 LIMIT ${mostNamed}`,
    );
    const closed = z.array(namedSchema).parse(names);
    const {major, version, standby} = session.server;
    return {
      major,
      version,
      standby,
      role: row.role,
      owner: row.owner,
      isSuperuser: row.super,
      bytes: row.bytes,
      readsPasswords: row.passwords,
      tables: row.tables,
      directory: row.directory,
      unreadable: closed.filter(({guarded}) => !guarded).map(({name}) => name),
      guarded: closed.filter(({guarded}) => guarded).map(({name}) => name),
      creates: row.creates,
      renames: row.owns && row.creates,
      signals: row.signals,
      marked: await commentedDatabases(session, markStart),
    };
  });
}
