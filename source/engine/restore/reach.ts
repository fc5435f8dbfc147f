import {isDeepStrictEqual} from 'node:util';
import {exitCode, Problem} from '../base/problem.ts';
import {findConnections} from '../config/connections.ts';
import type {FindConnection} from '../datasets/type.ts';
import type {Connection} from '../postgres/connection.ts';
import {called} from '../postgres/load.ts';
import type {Session} from '../postgres/session.ts';
import {findClients} from '../postgres/tools.ts';
import {applicationName, type ServerAddress} from '../session/database-item.ts';
import type {Journal} from '../session/journal.ts';

/** Where one can be connected to while another database is renamed; each server has them. */
const maintenance = ['postgres', 'template1'] as const;

/** Which restore it is that asks a server. */
export type RestoreIdentity = Pick<Journal, 'root' | 'state' | 'session'> & {
  /** The machine that began it: others may have a root of the same name. */
  host: string;
  /** What finds connections of the PHP configuration, by the environment's name: it is read once for each. */
  found: Map<string | null, FindConnection>;
};

/** By who asks: for as long as that is kept, so are the passwords. */
const finders = new WeakMap<object, RestoreIdentity['found']>();

/** Connections that were found for somebody. */
export function foundFor(who: object): RestoreIdentity['found'] {
  const found = finders.get(who) ?? new Map();
  finders.set(who, found);
  return found;
}

/** @param file what keeps its journal */
export function identityOf(file: {journal: Journal}): RestoreIdentity {
  const {root, state, session, process} = file.journal;
  return {root, state, session, host: process.host, found: foundFor(file)};
}

/**
 * How a database is reached that a journal, or a plan, tells of: a password is read where it is configured.
 * @throws Problem where that is not known any more
 */
export async function reach(
  {root, found}: Pick<RestoreIdentity, 'root' | 'found'>,
  reached: ServerAddress,
  database: string,
): Promise<Connection> {
  const {named, environment, ...said} = reached;
  if (named === null) return {...said, database};
  const find = found.get(environment) ?? findConnections(root, process.env, environment ?? undefined);
  found.set(environment, find);
  try {
    const configured = await find(named);
    if ('reason' in configured) throw new Problem(exitCode.failed, `${configured.reason}.`);
    // The server is the one that was agreed to; its password, and how it is trusted, may have changed.
    return {...configured.connection, ...said, database};
  } catch (error) {
    // It may be in order when it is asked for again.
    found.delete(environment);
    throw error;
  }
}

/** Whether another database of that server may let us in: what a server says of one is in a language of its own. */
const isShut = (error: unknown): boolean =>
  error instanceof Problem &&
  !/Connection refused|timeout expired|timed out|could not translate host name|No such file or directory/.test(
    error.message,
  );

/**
 * Opens a session of a restore in one database. A load takes hours: where it is not let in any more, the configuration may
 * have another password by now.
 */
export async function within<Value>(
  identity: RestoreIdentity,
  reached: ServerAddress,
  database: string,
  use: (session: Session) => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  let began = false;
  const begin = (session: Session): Promise<Value> => {
    began = true;
    return use(session);
  };
  const open = (connection: Connection): Promise<Value> =>
    called(connection, applicationName(identity), {signal}, begin);
  const connection = await reach(identity, reached, database);
  try {
    return await open(connection);
  } catch (error) {
    if (began || reached.named === null || signal?.aborted) throw error;
    identity.found.delete(reached.environment);
    const now = await reach(identity, reached, database).catch(() => {
      throw error;
    });
    if (isDeepStrictEqual(now, connection)) throw error;
    return open(now);
  }
}

/** Milliseconds that somebody else may have a database locked. */
const lockWait = 10_000;

/** Opens a session beside the databases: where none of them is in its way. */
export async function beside<Value>(
  at: RestoreIdentity,
  reached: ServerAddress,
  use: (session: Session) => Promise<Value>,
): Promise<Value> {
  let began = false;
  const begin = async (session: Session): Promise<Value> => {
    began = true;
    // While a name is waited for, nobody comes into its database: a switch that cannot be made is given up soon.
    await session.run(`SET lock_timeout = ${lockWait}`);
    return use(session);
  };
  try {
    return await within(at, reached, maintenance[0], begin);
  } catch (error) {
    if (began || !isShut(error)) throw error;
    return within(at, reached, maintenance[1], begin).catch((second: unknown) => {
      throw began ? second : error;
    });
  }
}

/** The clients for a server. */
export const clientsFor = ({server}: Session) => findClients(server.major);
