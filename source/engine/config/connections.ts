import type {FindConnection} from '../datasets/type.ts';
import type {Connection} from '../postgres/connection.ts';
import {loadLayers} from './layers.ts';
import {Settings} from './php-settings.ts';
import {type Scalar, toText, type Value, valueAt} from './php-value.ts';

/** A pair as `conninfo_parse` of libpq reads it: what follows `=` may stand behind blanks, and a quoted value may end at once. */
const pair =
  /[ \t-\r]*([^= \t-\r]*)[ \t-\r]*=[ \t-\r]*(?:'((?:[^'\\]|\\.)*)'|((?!')(?:[^\\ \t-\r]|\\.)*)\\?)[ \t-\r]*/sy;

/** What a connection string of libpq says, of two with one key the last; null where libpq would refuse it. */
export function parseConninfo(text: string): Map<string, string> | null {
  const values = new Map<string, string>();
  pair.lastIndex = 0;
  const end = text.trimEnd().length;
  while (pair.lastIndex < end) {
    const found = pair.exec(text);
    if (!found) return null;
    const [, key = '', quoted, bare = ''] = found;
    values.set(key, (quoted ?? bare).replace(/\\(.)/gs, '$1'));
  }
  return values;
}

/** What PHP's PDO takes where a connection does not say (the framework's `MagDB::connect`). */
const usual = {host: '127.0.0.1', port: '5432', database: ''};

/** What a DSN may say that changes neither which database is reached, nor how it is trusted. */
const harmless = new Set(['connect_timeout', 'application_name', 'fallback_application_name', 'keepalives']);
const carried = ['service', 'host', 'port', 'dbname', 'user', 'password', 'sslmode', 'passfile'];

/**
 * One of `database.connections` of the PHP configuration: how it is reached, or why that is not known. It may hold a
 * password: nothing but a client of the server is given it.
 */
export type PhpConnection = {
  name: string;
  /** `config/database.php:12`. */
  from: string;
  /** PHP backs up, and writes to, this one (`magds.primary.connection`). */
  isPrimary: boolean;
  /** Another server's copy of the primary: a backup of that one holds its data. */
  isReplica: boolean;
  reached: {connection: Connection} | {reason: string; isForeign: boolean};
};

/** Why it is not known how a connection is reached; quotes nothing of it. */
class Unknown extends Error {
  /** It leads to no PostgreSQL. */
  isForeign = false;
}

class Foreign extends Unknown {
  override isForeign = true;
}

const scalarAt = (entry: Value, key: string, origin: Settings['origin']): Scalar => {
  const value = valueAt(entry, [key]);
  if (value === undefined) return null;
  if (value.kind === 'unknown')
    throw new Unknown(`its ${key} (${origin(value)}) cannot be told without running PHP`);
  if (value.kind === 'array') throw new Unknown(`its ${key} (${origin(value)}) is an array, not a text`);
  return value.value;
};

/** As PHP has it: what its PDO makes of the settings is read by the rules of libpq. */
function connectionOf(entry: Value, origin: Settings['origin']): Connection {
  const at = (key: string): string | null => {
    const value = scalarAt(entry, key, origin);
    const text = value === null ? null : toText(value);
    if (text?.includes('\0')) throw new Unknown(`its ${key} holds a NUL byte`);
    return text;
  };
  if (entry.kind !== 'array') throw new Unknown('it is not known without running PHP, or no array');
  const driver = at('driver');
  if (driver !== null && driver !== 'pgsql') throw new Foreign(`its driver is ${driver}, not pgsql`);
  const [host, port, database] = (['host', 'port', 'database'] as const).map((key) => at(key) ?? usual[key]);
  const dsn = at('dsn') ?? `pgsql:host=${host};port=${port};dbname=${database}`;
  if (!dsn.startsWith('pgsql:')) throw new Foreign('its dsn is not one of pgsql');
  // PDO writes it so, before libpq reads it.
  const values = parseConninfo(dsn.slice('pgsql:'.length).replaceAll(';', ' '));
  if (!values)
    throw new Unknown('PHP cannot connect by it either: a value with a space or a quote needs quotes');
  // Which is not quoted: in a password that needs quotes, it may be a part of it.
  if ([...values.keys()].some((key) => !carried.includes(key) && !harmless.has(key)))
    throw new Unknown(`its dsn says more than ${carried.join(', ')}: name the database by a "service"`);
  // `host= port=5432`, as libpq reads it.
  if (values.get('host')?.includes('=')) throw new Unknown('its host is empty');
  const user = at('username') ?? values.get('user');
  const number = values.get('port') || undefined;
  if (number !== undefined && !/^\d{1,5}$/.test(number)) throw new Unknown('its port is not one number');
  const found = {
    service: values.get('service'),
    host: values.get('host') || undefined,
    port: number === undefined ? undefined : Number(number),
    // As libpq does where none is named.
    database: values.get('dbname') || (values.has('service') ? undefined : user),
    user: user || undefined,
    sslmode: at('sslmode') ?? values.get('sslmode'),
    passfile: values.get('passfile'),
    password: at('password') ?? values.get('password'),
  };
  if (!found.database) throw new Unknown('it names no database');
  const said = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as Connection;
}

function namesOfReplicas(merged: Value): Set<string> {
  const replicas = valueAt(merged, ['magds', 'replicas']);
  const all = replicas?.kind === 'array' ? [...replicas.items.values()] : [];
  return new Set(
    all.flatMap((each) => {
      const name = valueAt(each, ['connection']);
      return name?.kind === 'scalar' && typeof name.value === 'string' ? [name.value] : [];
    }),
  );
}

/**
 * The databases that the PHP configuration of a root connects to, read without running PHP, and only for those who ask:
 * nothing else keeps any of it.
 * @param given the environment named by `--env`
 * @returns a problem where none of them is known
 */
export async function readConnections(
  root: string,
  env: NodeJS.ProcessEnv,
  given?: string,
): Promise<{connections: PhpConnection[]; problem: string | null}> {
  const {merged, faults} = await loadLayers(root, env, given, [
    ['database', 'connections'],
    ['database', 'default'],
    ['magds', 'primary', 'connection'],
    ['magds', 'replicas'],
  ]);
  const settings = new Settings(root, merged);
  const all = valueAt(merged, ['database', 'connections']);
  const [fault] = faults;
  if (fault) {
    // It may set any of them.
    const problem = `${settings.origin(fault)} ${fault.message}: what it says of databases is not known`;
    return {connections: [], problem};
  }
  if (all?.kind === 'unknown') {
    const problem = `database.connections (${settings.origin(all)}) cannot be told without running PHP`;
    return {connections: [], problem};
  }
  const nameAt = (keys: string[]): string | null => {
    const value = valueAt(merged, keys);
    return value?.kind === 'scalar' && typeof value.value === 'string' && value.value !== ''
      ? value.value
      : null;
  };
  const primary = nameAt(['magds', 'primary', 'connection']) ?? nameAt(['database', 'default']) ?? 'magdsdb';
  const replicas = namesOfReplicas(merged);
  const connections = (all?.kind === 'array' ? [...all.items] : []).map(([name, entry]): PhpConnection => {
    const isPrimary = name === primary;
    const about = {
      name,
      from: settings.origin(entry),
      isPrimary,
      isReplica: !isPrimary && replicas.has(name),
    };
    try {
      return {...about, reached: {connection: connectionOf(entry, settings.origin)}};
    } catch (error) {
      if (!(error instanceof Unknown)) throw error;
      return {...about, reached: {reason: error.message, isForeign: error.isForeign}};
    }
  });
  return {connections, problem: null};
}

/** Why there is none of a name. */
export const whyNoConnection = (name: string, all: PhpConnection[]): string =>
  `the PHP configuration has no connection ${name}; it has ${all.map((each) => each.name).join(', ') || 'none'}`;

/** One of them by its name; a reason that quotes no secret where it is not known how it is reached. */
function connectionNamed(
  name: string,
  {connections, problem}: Awaited<ReturnType<typeof readConnections>>,
): Awaited<ReturnType<FindConnection>> {
  if (problem !== null) return {reason: problem};
  const found = connections.find((each) => each.name === name);
  if (!found) return {reason: whyNoConnection(name, connections)};
  const {reached, from} = found;
  return 'reason' in reached
    ? {reason: `database.connections.${name} (${from}): ${reached.reason}`}
    : reached;
}

/**
 * Finds connections of the PHP configuration by their names. It is read when the first is asked for, and once: for as long
 * as what is returned is kept, so are their passwords.
 */
export function findConnections(root: string, env: NodeJS.ProcessEnv, given?: string): FindConnection {
  let all: ReturnType<typeof readConnections> | undefined;
  return async (name) => {
    all ??= readConnections(root, env, given);
    return connectionNamed(name, await all);
  };
}
