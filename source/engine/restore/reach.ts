import {exitCode, Problem} from '../base/problem.ts';
import {readConnection} from '../config/connections.ts';
import type {Connection} from '../postgres/connection.ts';
import {called} from '../postgres/load.ts';
import type {Session} from '../postgres/session.ts';
import {findClients} from '../postgres/tools.ts';
import {applicationName, type Reached} from '../session/database-item.ts';
import type {Journal} from '../session/journal.ts';

/** Where one can be connected to while another database is renamed; each server has them. */
const maintenance = ['postgres', 'template1'] as const;

/**
 * How a database is reached that a journal, or a plan, tells of: a password is read again where it is configured.
 * @throws Problem where that is not known any more
 */
export async function reach(root: string, reached: Reached, database: string): Promise<Connection> {
  const {named, environment, ...said} = reached;
  if (named === null) return {...said, database};
  const found = await readConnection(named, root, process.env, environment ?? undefined);
  if ('reason' in found) throw new Problem(exitCode.failed, `${found.reason}.`);
  // The server is the one that was agreed to; its password, and how it is trusted, may have changed.
  return {...found.connection, ...said, database};
}

export type Reach = Pick<Journal, 'root' | 'state' | 'session'>;

/** Whether another database of that server may let us in: what a server says of one is in a language of its own. */
const isShut = (error: unknown): boolean =>
  error instanceof Problem &&
  !/Connection refused|timeout expired|timed out|could not translate host name|No such file or directory/.test(
    error.message,
  );

/** Opens a session of a restore in one database. */
export async function within<Value>(
  {root, state, session}: Reach,
  reached: Reached,
  database: string,
  use: (session: Session) => Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const connection = await reach(root, reached, database);
  return called(connection, applicationName({state, session}), {signal}, use);
}

/** Milliseconds that somebody else may have a database locked. */
const lockWait = 10_000;

/** Opens a session beside the databases: where none of them is in its way. */
export async function beside<Value>(
  at: Reach,
  reached: Reached,
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
