import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {hasProc} from '../base/open-inside.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';

/** How a database is reached. Where `service` names an entry of `pg_service.conf`, that says the host, port and user. */
export type Connection = {
  service?: string | undefined;
  /** A name, an address, or the directory of a socket. */
  host?: string | undefined;
  port?: number | undefined;
  database: string;
  user?: string | undefined;
  sslmode?: string | undefined;
  passfile?: string | undefined;
  password?: string | undefined;
};

/**
 * What the clients of one connection are started with; `close` takes the password away from them.
 * @property where names the database to a client, as a connection string
 */
export type Access = Disposable & {environment: NodeJS.ProcessEnv; where: string; close: () => void};

const accessBy = (environment: NodeJS.ProcessEnv, where: string, close: () => void): Access => ({
  environment,
  where,
  close,
  [Symbol.dispose]: close,
});

/** What of the caller's own environment says where something lies. All else would lead a client to another server. */
const kept = new Set([
  'PGSERVICEFILE',
  'PGSYSCONFDIR',
  'PGPASSFILE',
  'PGSSLCERT',
  'PGSSLKEY',
  'PGSSLROOTCERT',
  'PGSSLCRL',
  'PGSSLCRLDIR',
]);

/** Seconds that a server may take to answer. */
const connectTimeout = '10';

/** A network that says nothing more is noticed within half a minute, however long a statement takes. */
const alive = {
  keepalives_idle: 10,
  keepalives_interval: 5,
  keepalives_count: 4,
  tcp_user_timeout: 30_000,
};

/** A password as a line of a password file that holds for every server (PostgreSQL, "The Password File"). */
export function passwordLine(password: string): string {
  // No line can hold these, and the client would only say that the password is wrong.
  if (/[\0\r\n]/.test(password))
    throw new Problem(
      exitCode.failed,
      'The password of the connection holds a line break, which no password file can: change it.',
    );
  return `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`;
}

/** A file that has lost its name before the password is in it: a kill leaves nothing. @throws Problem where there is none */
function passFile(password: string): {file: string; close: () => void} {
  const line = passwordLine(password);
  let directory: string | undefined;
  let fd: number | undefined;
  const remove = (): void => {
    if (directory !== undefined) fs.rmSync(directory, {recursive: true, force: true});
  };
  try {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'magds-pass-'));
    fd = fs.openSync(`${directory}/pgpass`, 'wx', 0o600);
    if (hasProc) remove();
    fs.writeSync(fd, line);
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    remove();
    throw new Problem(
      exitCode.failed,
      `no file for the password of the connection can be made in ${os.tmpdir()}: ${describeError(error)}: set TMPDIR to a directory that can be written`,
    );
  }
  const opened = fd;
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    fs.closeSync(opened);
    if (!hasProc) remove();
  };
  // A client has descriptors of its own: ours is reached by our number.
  return {file: hasProc ? `/proc/${process.pid}/fd/${fd}` : `${directory}/pgpass`, close};
}

/** What of the caller's environment a client may go by; its messages in English. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') || kept.has(name));
  return {...Object.fromEntries(own), LC_ALL: 'C'};
}

/** For a client that reaches no server: one that reads a dump. */
export const noAccess = (): Access => accessBy(ownEnvironment(), '', () => {});

/** A connection string that says this and nothing else: no name is taken for one itself. */
export const conninfo = (said: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(said)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}='${String(value).replace(/[\\']/g, '\\$&')}'`],
    )
    .join(' ');

/**
 * The environment in which a client reaches a database, and no other. A password is in none of its variables.
 * @throws Problem where the password can be put into no file
 */
export function environmentOf(connection: Connection): Access {
  const {service, host, port, database, user, sslmode, passfile, password} = connection;
  const pass = password === undefined ? null : passFile(password);
  const environment: NodeJS.ProcessEnv = {
    ...ownEnvironment(),
    PGAPPNAME: 'magds',
    PGCONNECT_TIMEOUT: connectTimeout,
    PGDATABASE: database,
  };
  const said = {
    PGSERVICE: service,
    PGHOST: host,
    PGPORT: port === undefined ? undefined : String(port),
    PGUSER: user,
    PGSSLMODE: sslmode,
    PGPASSFILE: pass?.file ?? passfile,
  };
  for (const [name, value] of Object.entries(said)) if (value !== undefined) environment[name] = value;
  // What a service says goes before the environment, and not before this.
  const beside = service === undefined ? {} : {host, port, user, sslmode, passfile: said.PGPASSFILE};
  const where = conninfo({dbname: database, ...beside, ...alive});
  return accessBy(environment, where, () => pass?.close());
}

/** Where it is, without the database: `db.example:5432`, `service site`. */
export const serverName = ({service, host, port}: Connection): string =>
  `${service === undefined ? (host ?? 'the local server') : `service ${service}`}${port === undefined ? '' : `:${port}`}`;

/** How it is called: `database "magds" on db.example:5432`. */
export const connectionName = (connection: Connection): string =>
  `database "${connection.database}" ${connection.service === undefined ? 'on' : 'of'} ${serverName(connection)}`;

/**
 * Bytes free where a server of this machine keeps its data.
 * @param directory as the server names it; null where it does not
 * @returns null where it is on another machine, or not ours to see
 */
export function freeOnServer(
  {host, service}: Pick<Connection, 'host' | 'service'>,
  directory: string | null,
): number | null {
  const isHere = service === undefined && (host === undefined || host.startsWith('/'));
  if (!isHere || directory === null) return null;
  try {
    const {bavail, bsize} = fs.statfsSync(directory);
    return bavail * bsize;
  } catch {
    // It is of another user's, or in a container.
    return null;
  }
}

/**
 * Has a server answer within some seconds: one that takes a connection and says nothing more would be waited for without end.
 * @param given ends it before
 * @throws Problem where the time is over; what `use` throws
 */
export async function inTime<Value>(
  connection: Connection,
  seconds: number,
  given: AbortSignal | undefined,
  use: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    return await use(given ? AbortSignal.any([given, late]) : late);
  } catch (error) {
    if (!late.aborted || given?.aborted) throw error;
    throw new Problem(exitCode.failed, `${connectionName(connection)} did not answer within ${seconds} s`);
  }
}
