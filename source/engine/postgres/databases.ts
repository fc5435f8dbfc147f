import {setTimeout as wait} from 'node:timers/promises';
import * as z from 'zod/mini';
import {identifier, literal} from './quote.ts';
import {type Session, StatementError} from './session.ts';

const text = z.nullable(z.string());

/** A database as its server knows it. */
const databaseSchema = z.object({
  oid: z.int(),
  name: z.string(),
  owner: z.string(),
  encoding: z.string(),
  /** `c` is the C library's, `i` ICU's, `b` the server's own. */
  provider: z.string(),
  collate: text,
  ctype: text,
  locale: text,
  rules: text,
  tablespace: z.string(),
  isTemplate: z.boolean(),
  /** Whether it lets anyone in; how many at once, -1 for any number. */
  allows: z.boolean(),
  limit: z.int(),
  comment: text,
  /** Null where we may not ask. */
  bytes: z.nullable(z.number()),
});
export type ServerDatabase = z.infer<typeof databaseSchema>;

/** Columns that not every version has are read from the whole row. */
const databaseColumns = `d.oid::bigint AS oid, d.datname AS name, pg_get_userbyid(d.datdba) AS owner,
  pg_encoding_to_char(d.encoding) AS encoding, coalesce(to_jsonb(d)->>'datlocprovider', 'c') AS provider,
  to_jsonb(d)->>'datcollate' AS collate, to_jsonb(d)->>'datctype' AS ctype,
  coalesce(to_jsonb(d)->>'daticulocale', to_jsonb(d)->>'datlocale') AS locale, to_jsonb(d)->>'daticurules' AS rules,
  t.spcname AS tablespace, d.datistemplate AS "isTemplate", d.datallowconn AS allows, d.datconnlimit AS "limit",
  shobj_description(d.oid, 'pg_database') AS comment,
  CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
    THEN pg_database_size(d.oid) END AS bytes`;

const parse = <T>(schema: z.ZodMiniType<T>, rows: unknown[]): T[] => rows.map((row) => schema.parse(row));

/** The databases of a server that go by any of these numbers, or names. */
export async function findDatabases(
  session: Session,
  {oids = [], names = []}: {oids?: number[]; names?: string[]},
): Promise<ServerDatabase[]> {
  const wanted = [
    ...oids.map((oid) => `d.oid = ${oid}`),
    ...names.map((name) => `d.datname = ${literal(name)}`),
    'false',
  ].join(' OR ');
  const select = `SELECT ${databaseColumns} FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE ${wanted}`;
  return parse(databaseSchema, await session.query(select));
}

/** Those whose comment begins so. */
export async function commentedDatabases(
  session: Session,
  start: string,
): Promise<{name: string; comment: string}[]> {
  const rows = await session.query(
    `SELECT d.datname AS name, c.description AS comment FROM pg_database d JOIN pg_shdescription c
     ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass WHERE starts_with(c.description, ${literal(start)})
     ORDER BY 1`,
  );
  return parse(z.object({name: z.string(), comment: z.string()}), rows);
}

const rightsSchema = z.object({
  user: z.string(),
  superuser: z.boolean(),
  createdb: z.boolean(),
  signal: z.boolean(),
  owns: z.boolean(),
  member: z.boolean(),
});
/**
 * What the role that we connect as may do; `owns`: what belongs to the role that is asked about is its own, too, as a rename
 * asks; `member`: it is a member of that role, which may be without its rights (NOINHERIT).
 */
export type Rights = z.infer<typeof rightsSchema>;

export async function rightsOf(session: Session, owner: string | null): Promise<Rights> {
  const has = (how: string): string =>
    owner === null ? 'true' : `pg_has_role(${literal(owner)}::name, '${how}')`;
  const rows = await session.query(
    `SELECT r.rolname AS "user", r.rolsuper AS superuser, r.rolsuper OR r.rolcreatedb AS createdb,
     r.rolsuper OR pg_has_role('pg_signal_backend', 'USAGE') AS signal, ${has('USAGE')} AS owns,
     ${has('MEMBER')} AS member
     FROM pg_roles r WHERE r.rolname = current_user`,
  );
  const [rights] = parse(rightsSchema, rows);
  if (!rights) throw new Error('the server does not know who we are');
  return rights;
}

/** Someone who is connected to a database. */
const clientSchema = z.object({
  pid: z.int(),
  user: text,
  application: text,
  /** Address; null over a socket, and where it is not shown to us. */
  from: text,
  /** UTC, ISO 8601; null where it is not shown to us. */
  since: text,
  /** Whether we may end it; only a superuser may end a superuser's. */
  ours: z.boolean(),
  superuser: z.boolean(),
});
export type ConnectedClient = z.infer<typeof clientSchema>;

/** Who is connected to a database, the oldest first; background work of the server's own is not told. */
export async function connectedTo(session: Session, oid: number): Promise<ConnectedClient[]> {
  const rows = await session.query(
    `SELECT a.pid, a.usename AS "user", nullif(a.application_name, '') AS application, host(a.client_addr) AS "from",
     to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
     me.rolsuper OR (NOT coalesce(o.rolsuper, true)
       AND (pg_has_role('pg_signal_backend', 'USAGE') OR pg_has_role(a.usesysid, 'USAGE'))) AS ours,
     coalesce(o.rolsuper, true) AS superuser
     FROM pg_stat_activity a LEFT JOIN pg_roles o ON o.oid = a.usesysid, pg_roles me
     WHERE a.datid = ${oid} AND a.pid <> pg_backend_pid() AND me.rolname = current_user
     AND a.usesysid IS NOT NULL ORDER BY a.backend_start, a.pid`,
  );
  return parse(clientSchema, rows);
}

/** What keeps a database from being renamed or dropped, and is not a session: a number of each. */
const boundSchema = z.object({prepared: z.number(), slots: z.number()});

export async function boundTo(session: Session, name: string): Promise<z.infer<typeof boundSchema>> {
  const [bound] = parse(
    boundSchema,
    await session.query(
      `SELECT (SELECT count(*) FROM pg_prepared_xacts WHERE database = ${literal(name)}) AS prepared,
       (SELECT count(*) FROM pg_replication_slots WHERE database = ${literal(name)}) AS slots`,
    ),
  );
  return bound ?? {prepared: 0, slots: 0};
}

/** Milliseconds between two looks at whether sessions have ended, and for how long they are waited for. */
const pause = 20;
const patience = 10_000;

/**
 * Ends what a restore that is gone still has at work on the server, and waits until it is.
 * @param application name of its sessions
 * @throws Error where it does not end
 */
export async function endOurs(session: Session, application: string): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    const left = await session.query(
      `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = ${literal(application)} AND pid <> pg_backend_pid()`,
    );
    if (left.length === 0) return;
    if (performance.now() > until) throw new Error('a session of this restore on the server does not end');
    await wait(pause);
  }
}

/** The most that a value of a setting may list; PostgreSQL keeps these as they are written in SQL. */
const listSettings = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** The names in a list of them, such as `"$user", public`. */
function listedNames(list: string): string[] {
  const found = list.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^\s",]+))\s*(?:,|$)/g);
  return [...found].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '');
}

const settingsSchema = z.object({role: text, config: z.string()});
const grantSchema = z.object({grantee: text, privilege: z.string(), grantable: z.boolean()});

/**
 * What gives a database the settings and grants of another one. What a role other than the owner has granted is granted
 * by the owner then.
 * @param to its name
 */
export async function copyStatements(session: Session, from: ServerDatabase, to: string): Promise<string[]> {
  const settings = parse(
    settingsSchema,
    await session.query(
      `SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END AS role, unnest(s.setconfig) AS config
       FROM pg_db_role_setting s WHERE s.setdatabase = ${from.oid}`,
    ),
  );
  const grants = parse(
    grantSchema,
    await session.query(
      `SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END AS grantee, a.privilege_type AS privilege,
       bool_or(a.is_grantable) AS grantable
       FROM pg_database d, aclexplode(d.datacl) a WHERE d.oid = ${from.oid} GROUP BY 1, 2`,
    ),
  );
  const [special] = await session.query(
    `SELECT 1 AS one FROM pg_database WHERE oid = ${from.oid} AND datacl IS NOT NULL`,
  );
  const database = identifier(to);
  const owner = identifier(from.owner);
  return [
    ...settings.map(({role, config}) => {
      const at = config.indexOf('=');
      const name = config.slice(0, at);
      const value = config.slice(at + 1);
      const values = listSettings.has(name.toLowerCase()) ? listedNames(value) : [value];
      const where =
        role === null ? `DATABASE ${database}` : `ROLE ${identifier(role)} IN DATABASE ${database}`;
      return `ALTER ${where} SET ${name.split('.').map(identifier).join('.')} TO ${values.map(literal).join(', ')}`;
    }),
    ...(special === undefined ? [] : [`REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${owner}`]),
    ...grants.map(
      ({grantee, privilege, grantable}) =>
        `GRANT ${privilege} ON DATABASE ${database} TO ${grantee === null ? 'PUBLIC' : identifier(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`,
    ),
  ];
}

/** How a database is made: whose it is, and how it holds texts. */
export type Shape = Pick<
  ServerDatabase,
  'owner' | 'encoding' | 'provider' | 'collate' | 'ctype' | 'locale' | 'rules' | 'tablespace'
>;

/** @param limit of connections, from its first moment on */
export function createStatement(name: string, shape: Shape, major: number, limit: number): string {
  const {owner, encoding, provider, collate, ctype, locale, rules, tablespace} = shape;
  const options = {
    OWNER: identifier(owner),
    TEMPLATE: 'template0',
    ENCODING: literal(encoding),
    LC_COLLATE: collate === null ? null : literal(collate),
    LC_CTYPE: ctype === null ? null : literal(ctype),
    LOCALE_PROVIDER: major < 15 ? null : provider === 'i' ? 'icu' : provider === 'b' ? 'builtin' : 'libc',
    ICU_LOCALE: provider === 'i' && locale !== null ? literal(locale) : null,
    BUILTIN_LOCALE: provider === 'b' && locale !== null ? literal(locale) : null,
    ICU_RULES: rules === null ? null : literal(rules),
    TABLESPACE: tablespace === 'pg_default' ? null : identifier(tablespace),
    'CONNECTION LIMIT': String(limit),
  };
  const said = Object.entries(options).flatMap(([option, value]) =>
    value === null ? [] : [`${option} = ${value}`],
  );
  return `CREATE DATABASE ${identifier(name)} WITH ${said.join(' ')}`;
}

/** Removes a database, and ends who is connected to it. */
export async function dropDatabase(session: Session, {oid, name}: ServerDatabase): Promise<void> {
  const drop = `DROP DATABASE ${identifier(name)}`;
  try {
    if (session.server.major >= 13) return await session.run(`${drop} WITH (FORCE)`);
  } catch (error) {
    // FORCE takes work of the server's own for somebody's, which a role may not end; without it the server ends that itself.
    if (!(error instanceof StatementError && error.state === '42501')) throw error;
  }
  await endSessions(session, oid);
  await session.run(drop);
}

/** Asks all sessions in a database to end. What the server does there of its own, as nobody, gives way by itself. */
async function endSessions(session: Session, oid: number): Promise<void> {
  await session.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid = ${oid} AND usesysid IS NOT NULL AND pid <> pg_backend_pid()`,
  );
}

/**
 * Renames a database while others are connected to it: once the server has it locked, none comes in any more, and those
 * that are in it are ended.
 * @param session has a transaction open, in another database
 * @param ending another session, which ends them meanwhile
 */
export async function renameDatabase(
  session: Session,
  ending: Session,
  {oid, name}: Pick<ServerDatabase, 'oid' | 'name'>,
  to: string,
): Promise<void> {
  let isOver = false;
  const renaming = session
    .run(`ALTER DATABASE ${identifier(name)} RENAME TO ${identifier(to)}`)
    .finally(() => {
      isOver = true;
    });
  // That it failed is told by what waits for it below.
  renaming.catch(() => {});
  while (!isOver) {
    await endSessions(ending, oid);
    await Promise.race([renaming.catch(() => {}), wait(pause)]);
  }
  await renaming;
}
