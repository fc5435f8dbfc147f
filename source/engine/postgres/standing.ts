import * as z from 'zod/mini';
import type {Connection} from './connection.ts';
import {commentedDatabases} from './databases.ts';
import {literal} from './quote.ts';
import {inSession, type Session} from './session.ts';

/** Names of them that are told, and one more is asked for, to know whether there are others. */
const mostNamed = 4;

/** The first of them, as many as are told. */
export const firstNamed = (names: string[]): string =>
  `${names.slice(0, mostNamed).join(', ')}${names.length > mostNamed ? ' and others' : ''}`;

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
const namedSchema = z.object({name: z.string(), closed: z.boolean(), guarded: z.boolean()});
const nameSchema = z.object({name: z.string()});

/** Why no dump can be made: the first of what this role does not get to read all of. */
export type Unread = {
  /** Tables, and sequences. */
  unreadable: string[];
  /** Tables of which row security would hide rows from it, which no dump takes. */
  guarded: string[];
  /** Numbers of large objects. */
  objects: string[];
  /** Schemas that are asked for, and are not there. */
  lacking: string[];
};

/** What a server says of one of its databases, and of what our role may do with it. */
export type ServerStanding = Unread & {
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
  /** It may make databases, and rename this one: what a restore does. */
  creates: boolean;
  renames: boolean;
  /** It may end the sessions of others, but for those of superusers. */
  signals: boolean;
  /** Databases of its server whose comment begins as was asked. */
  marked: {name: string; comment: string}[];
};

const own = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`;

const isOfExtension = `EXISTS (SELECT FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/** Large objects have no schema, and pg_read_all_data does not open them before version 18, which can be asked. */
const mayReadObject = (major: number): string =>
  major >= 18
    ? "has_largeobject_privilege(m.oid, 'SELECT')"
    : `pg_has_role(m.lomowner, 'USAGE') OR EXISTS (SELECT FROM aclexplode(m.lomacl) a
        WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))`;

/**
 * What pg_dump would read, and our role may not: a dump takes every table and sequence with all rows of each, but for those
 * of an extension that it does not mark as settings.
 * @param schemas the only ones that matter; null for all
 */
export async function readUnread(session: Session, schemas: readonly string[] | null): Promise<Unread> {
  const only = schemas === null ? own : `n.nspname IN (${schemas.map(literal).join(', ') || 'NULL'})`;
  const names = await session.query(
    `SELECT * FROM (
      SELECT n.nspname || '.' || c.relname AS name, c.relkind = 'r' AND row_security_active(c.oid) AS guarded,
        NOT (has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
          WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT') ELSE has_table_privilege(c.oid, 'SELECT') END) AS closed
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'S') AND ${only}
        AND (NOT ${isOfExtension} OR EXISTS (SELECT FROM pg_extension e WHERE c.oid = ANY (e.extconfig)))
    ) AS q WHERE closed OR guarded ORDER BY guarded, name LIMIT ${mostNamed + 1}`,
  );
  const found = z.array(namedSchema).parse(names);
  const objects =
    schemas !== null
      ? []
      : await session.query(
          `SELECT m.oid::text AS name FROM pg_largeobject_metadata m, pg_roles r
          WHERE r.rolname = current_user AND NOT (r.rolsuper OR current_setting('lo_compat_privileges')::bool
            OR ${mayReadObject(session.server.major)})
          ORDER BY m.oid LIMIT ${mostNamed + 1}`,
        );
  const lacking = await session.query(
    `SELECT name FROM unnest(ARRAY[${(schemas ?? []).map(literal).join(', ')}]::text[]) name
    WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = name)`,
  );
  const namesOf = (rows: unknown[]): string[] =>
    z
      .array(nameSchema)
      .parse(rows)
      .map(({name}) => name);
  return {
    unreadable: found.filter(({closed}) => closed).map(({name}) => name),
    guarded: found.filter(({guarded}) => guarded).map(({name}) => name),
    objects: namesOf(objects),
    lacking: namesOf(lacking),
  };
}

/** In one line, with what to do; null where a dump can be made. */
export function whyUnread({unreadable, guarded, objects, lacking}: Unread, role: string): string | null {
  const said = [
    ...(unreadable.length === 0
      ? []
      : [`${role} may not read ${firstNamed(unreadable)}: give the user of the connection that right`]),
    ...(guarded.length === 0
      ? []
      : [
          `row security hides rows of ${firstNamed(guarded)} from ${role}: give the user of the connection BYPASSRLS`,
        ]),
    ...(objects.length === 0
      ? []
      : [
          `${role} may not read the large objects ${firstNamed(objects)}: give the user of the connection that right`,
        ]),
    ...(lacking.length === 0
      ? []
      : [`it has no schema ${firstNamed(lacking)}: check the "schemas" of the dataset`]),
  ];
  return said.length === 0 ? null : said.join('; ');
}

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
    const unread = await readUnread(session, schemas);
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
      ...unread,
      creates: row.creates,
      renames: row.owns && row.creates,
      signals: row.signals,
      marked: await commentedDatabases(session, markStart),
    };
  });
}
