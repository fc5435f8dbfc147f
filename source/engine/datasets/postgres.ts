import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import {owns} from '../base/owner.ts';
import {fileTime, phpDate} from '../base/php-date.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {octal} from '../hashing/attributes.ts';
import type {CopyResult} from '../hashing/copy-files.ts';
import {type Connection, connectionName, serverName} from '../postgres/connection.ts';
import {DumpFileError, dumpDatabase, dumpGlobals, lookAtDatabase} from '../postgres/dump.ts';
import {countLiveRows} from '../postgres/live-rows.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import type {Facts} from '../storage/manifest/facts.ts';
import {nothingOf} from './resolve-source.ts';
import {dumpEstimate} from './space.ts';
import type {ConfiguredDataset, DatasetType, Produced, ProduceTask, Reach, SourceFile} from './type.ts';

const text = z.string().check(
  z.minLength(1),
  z.refine((said) => !said.includes('\0')),
);
/** A name of the server's: it would cut a longer one, and take another for it. */
const name = text.check(z.refine((said) => Buffer.byteLength(said) <= 63));

const fields = {
  connection: z.optional(text),
  service: z.optional(text),
  host: z.optional(text),
  socket: z.optional(text.check(z.startsWith('/'))),
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65_535))),
  database: z.optional(name),
  user: z.optional(name),
  sslmode: z.optional(z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])),
  passfile: z.optional(text.check(z.startsWith('/'))),
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

const whyNoDump = 'no two dumps of a database have the same bytes';

/** How a dataset is reached. @throws Problem, with no secret in it, where that is not known */
export async function connectionOf({name, reached}: PostgresDataset, reach: Reach): Promise<Connection> {
  if (typeof reached !== 'string') return reached;
  const found = await reach(reached);
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

/** Has a client write into a new file for its owner alone, and hashes that. */
async function writeDown(
  {to, as, algorithm, owner, pool, signal}: ProduceTask,
  dump: (fd: number) => Promise<{facts: Facts; at: Date}>,
): Promise<Produced> {
  const target = `${to}/${as}`;
  const failed = (status: 'failed' | 'unreadable' | 'cancelled', reason: string): Produced => {
    removeFile(target);
    return {result: {status, reason}, doubt: null};
  };
  const {O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR} = constants;
  let fd: number;
  try {
    fd = fs.openSync(target, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600);
  } catch (error) {
    return {result: {status: 'failed', reason: describeError(error)}, doubt: null};
  }
  try {
    const {facts, at} = await dump(fd);
    owns(fd, owner, 0o600);
    // It is the server's to say that it is done; that it is on the disk is ours.
    await new Promise<void>((resolve, reject) => {
      fs.fsync(fd, (error) => (error ? reject(new DumpFileError(describeError(error))) : resolve()));
    });
    const hashed = await pool.hash({directory: `${to}/.`, segments: [as], algorithm}, signal).result;
    if (hashed.status === 'cancelled') return failed('cancelled', 'cancelled');
    if (hashed.status !== 'read') return failed('failed', hashed.reason);
    const {uid, gid} = owner;
    const attributes = {mode: octal(0o600), uid, gid, mtime: fileTime(BigInt(at.getTime()) * 1_000_000n)};
    const result: CopyResult = {
      status: 'copied',
      hash: hashed.hash,
      bytes: hashed.bytes,
      attributes,
      changed: false,
    };
    return {result, doubt: null, facts};
  } catch (error) {
    if (signal.aborted) return failed('cancelled', 'cancelled');
    if (error instanceof DumpFileError) return failed('failed', error.message);
    return failed('unreadable', error instanceof Problem ? error.message : describeError(error));
  } finally {
    fs.closeSync(fd);
  }
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
  const about: Omit<Facts, 'format'> = {
    type: postgres.name,
    ...(typeof reached === 'string' && {connection: reached}),
    server,
  };
  const dump: SourceFile = {
    name,
    segments: [],
    below: [`${plainName(name)}.dump`],
    bytes,
    allocated: dumpEstimate(bytes),
    produce: (task) =>
      oneAfterTheOther(server, () =>
        writeDown(task, async (fd) => {
          const {signal} = task;
          const onProgress = (part: number): void => task.onProgress(part * bytes);
          const dumped = await dumpDatabase({connection, schemas, fd, signal, onProgress});
          task.onProgress(bytes);
          const {serverVersion, toolVersion, snapshotAt, rows} = dumped;
          const facts: Facts = {
            ...about,
            database: connection.database,
            format: 'custom',
            server_version: serverVersion,
            tool_version: toolVersion,
            snapshot_at: phpDate(snapshotAt),
            rows,
          };
          return {facts, at: snapshotAt};
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
          const format = passwords ? 'globals' : 'globals without passwords';
          return {facts: {...about, format, server_version: serverVersion, snapshot_at: phpDate(at)}, at};
        }),
      ),
  };
  return [dump, roles];
}

/** A dataset's name as the name of a file. */
const plainName = (name: string): string => copyNames([{name, basename: null}])[0]?.[0] ?? 'database';

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
      source: `${root}/storage/restore/${plainName(name)}.dump`,
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
  async look(_, dataset, __, reach) {
    try {
      const connection = await connectionOf(dataset, reach);
      const {bytes, readsPasswords} = await lookAtDatabase(connection);
      const files = filesOf(dataset, connection, bytes, readsPasswords);
      const reason = 'the user of the connection may not read them';
      const leftOut =
        dataset.globals && !readsPasswords
          ? [{name: `${dataset.name}/passwords of roles`, reason, grave: false}]
          : [];
      return {dataset, base: '', files, leftOut, missing: null};
    } catch (error) {
      return nothingOf(dataset, error instanceof Problem ? error.message : describeError(error));
    }
  },
  targetOf: (dataset, name) => (name === dataset.name ? dataset.source : null),
  reaches: ({reached, schemas}) => ({by: reached, schemas}),
  async count(dataset, reach, counting) {
    const connection = await connectionOf(dataset, reach);
    const live = await countLiveRows(connection, {...counting, schemas: dataset.schemas});
    return {...live, database: connection.database, server: serverName(connection)};
  },
  live: () => [],
};
