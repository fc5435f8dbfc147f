import * as z from 'zod/mini';
import {phpDate} from '../base/php-date.ts';
import {exitCode, Problem, reasonOf} from '../base/problem.ts';
import {type Connection, connectionName, inTime, serverName} from '../postgres/connection.ts';
import {dumpDatabase, dumpGlobals, lookAtDatabase} from '../postgres/dump.ts';
import {countLiveRows} from '../postgres/live-rows.ts';
import {whyUnread} from '../postgres/standing.ts';
import {liveRows} from '../postgres/table-rows.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';
import {nothingOf} from './resolve-source.ts';
import {dumpEstimate} from './space.ts';
import type {ConfiguredDataset, DatasetType, FindConnection, SourceFile} from './type.ts';
import {writeDown} from './write-down.ts';
import {dumpFacts, dumpName, dumpSource, placeFacts} from './write-dump.ts';

const text = z.string().check(
  z.minLength(1),
  z.refine((said) => !said.includes('\0')),
);
/** A name of the server's: it would cut a longer one, and take another for it. */
const name = text.check(z.refine((said) => Buffer.byteLength(said) <= 63));
/** `z.startsWith` would have the published schema name a format that JSON Schema does not know. */
const absolute = text.check(z.regex(/^\//));

const fields = {
  connection: z.optional(text),
  service: z.optional(text),
  host: z.optional(text),
  socket: z.optional(absolute),
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65_535))),
  database: z.optional(name),
  user: z.optional(name),
  sslmode: z.optional(z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])),
  passfile: z.optional(absolute),
  schemas: z.optional(z.array(name).check(z.minLength(1))),
  globals: z.optional(z.boolean()),
};
const entrySchema = z.object({name: z.string(), ...fields});
type Entry = z.infer<typeof entrySchema>;

/** The fields that say how it is reached, where no connection of the PHP configuration does. */
const direct = ['service', 'host', 'socket', 'port', 'database', 'user', 'sslmode', 'passfile'] as const;

/** A database of a PostgreSQL server. */
export type PostgresDataset = ConfiguredDataset & {
  /** A connection of the PHP configuration by its name, or how it is reached. */
  reached: string | Connection;
  /** Null for all of them. */
  schemas: readonly string[] | null;
  /** Roles too, and what else belongs to the server as a whole. */
  globals: boolean;
};

/** The name of its other file: roles, as SQL. */
const globalsName = 'globals.sql';

/** Seconds that a server may take to answer before a backup: the size of a database with many tables is a look at each file. */
const patience = 60;

const whyNoDump = 'no two dumps of a database have the same bytes';

/** How a dataset is reached. @throws Problem, with no secret in it, where that is not known */
async function connectionOf({name, reached}: PostgresDataset, find: FindConnection): Promise<Connection> {
  if (typeof reached !== 'string') return reached;
  const found = await find(reached);
  if ('connection' in found) return found.connection;
  throw new Problem(exitCode.failed, `Dataset ${name}: ${found.reason}.`);
}

/** What of a server is at work: databases of one are dumped one after the other. */
const atWork = new Map<string, Promise<unknown>>();

function oneAfterTheOther<Value>(server: string, work: () => Promise<Value>): Promise<Value> {
  const turn = (atWork.get(server) ?? Promise.resolve()).then(work, work);
  atWork.set(server, turn);
  return turn;
}

/** The files of a dataset, before its server was asked. */
function filesOf(
  dataset: PostgresDataset,
  connection: Connection,
  bytes: number,
  passwords: boolean,
): SourceFile[] {
  const {name, reached, schemas, globals} = dataset;
  const server = serverName(connection);
  const named = typeof reached === 'string' ? reached : null;
  const dump: SourceFile = {
    name,
    segments: [],
    below: [dumpName(name)],
    bytes,
    allocated: dumpEstimate(bytes),
    produce: (task) =>
      oneAfterTheOther(server, () =>
        writeDown(task, async (fd) => {
          const {signal} = task;
          const onProgress = (part: number): void => task.onProgress(part * bytes);
          const dumped = await dumpDatabase({connection, schemas, fd, signal, onProgress});
          task.onProgress(bytes);
          return {facts: dumpFacts(dumped, connection, named), at: dumped.snapshotAt};
        }),
      ),
  };
  if (!globals) return [dump];
  const roles: SourceFile = {
    name: `${name}/${globalsName}`,
    segments: [],
    below: [globalsName],
    bytes: 0,
    allocated: 0,
    produce: (task) =>
      oneAfterTheOther(server, () =>
        writeDown(task, async (fd) => {
          const at = new Date();
          const {serverVersion} = await dumpGlobals(connection, {fd, passwords, signal: task.signal});
          const facts: CopyFacts = {
            ...placeFacts(connection, named),
            format: passwords ? 'globals' : 'globals without passwords',
            server_version: serverVersion,
            snapshot_at: phpDate(at),
          };
          return {facts, at};
        }),
      ),
  };
  return [dump, roles];
}

/**
 * A database of a PostgreSQL server. It has no live file: what a manifest records as its source is where PHP's restore
 * lays the dump, which harms nothing; the data come from the server, and go back there.
 */
export const postgres: DatasetType<Entry, PostgresDataset> = {
  name: 'postgres',
  fields,
  isTree: false,
  whyNotComparable: whyNoDump,
  whyUnfit(entry) {
    const said = direct.filter((field) => entry[field] !== undefined);
    if (entry.connection !== undefined)
      return said.length > 0 ? `"connection" says all of it: "${said[0]}" does not go with it` : null;
    if (entry.database === undefined)
      return 'it needs a "connection" of the PHP configuration, or a "database" and where that is';
    if (entry.host !== undefined && entry.socket !== undefined)
      return '"host" and "socket" do not go together';
    const beside = said.find((field) => ['host', 'socket', 'port', 'user'].includes(field));
    return entry.service !== undefined && beside !== undefined
      ? `the service says all of it: "${beside}" does not go with it`
      : null;
  },
  read(entry, root, from) {
    const {name, connection, database = '', service, host, socket, port, user, sslmode, passfile} = entry;
    return {
      name,
      source: dumpSource(root, name),
      type: postgres as DatasetType,
      from,
      reached: connection ?? {service, host: socket ?? host, port, database, user, sslmode, passfile},
      schemas: entry.schemas ?? null,
      globals: entry.globals ?? false,
    };
  },
  describe({reached, schemas}) {
    const which = typeof reached === 'string' ? `connection ${reached}` : connectionName(reached);
    return schemas === null ? which : `${which}, schemas ${schemas.join(', ')}`;
  },
  counted: (files) => (files > 1 ? 'with roles' : null),
  copyName: () => null,
  async look(_, dataset, __, {find, signal, ask}) {
    try {
      const connection = await connectionOf(dataset, find);
      const {bytes, readsPasswords, role, ...unread} = ask
        ? await ask(dataset)
        : await inTime(connection, patience, signal, (until) =>
            lookAtDatabase(connection, dataset.schemas, until),
          );
      const why = whyUnread(unread, role);
      const missing = why === null ? null : `${connectionName(connection)}: ${why}`;
      // The roles can be written down all the same.
      const files = filesOf(dataset, connection, bytes, readsPasswords).slice(missing === null ? 0 : 1);
      const reason = 'the user of the connection may not read them';
      const leftOut =
        dataset.globals && !readsPasswords
          ? [{name: `${dataset.name}/passwords of roles`, reason, grave: false}]
          : [];
      return {dataset, base: '', files, leftOut, missing};
    } catch (error) {
      return nothingOf(dataset, reasonOf(error));
    }
  },
  targetOf: (dataset, name) => (name === dataset.name ? dataset.source : null),
  reaches: ({reached, schemas}) => ({by: reached, schemas}),
  tables: {
    async count(dataset, find, counting) {
      const connection = await connectionOf(dataset, find);
      const live = await countLiveRows(connection, {...counting, schemas: dataset.schemas});
      return {...live, database: connection.database, server: serverName(connection)};
    },
    async rows(dataset, find, reading) {
      return liveRows(await connectionOf(dataset, find), reading);
    },
  },
  live: () => [],
};
