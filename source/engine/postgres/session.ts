import type {ChildProcess} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import * as z from 'zod/mini';
import {exitCode, Problem} from '../base/problem.ts';
import {type Access, type Connection, connectionName, environmentOf} from './connection.ts';
import {literal} from './quote.ts';
import {startClient} from './run-client.ts';
import {type Clients, findClients} from './tools.ts';
import {whyFailed} from './why.ts';

/** Characters of one answer: a server that says more has lost its mind. */
const longestAnswer = 256 * 1024 * 1024;
/** Characters kept of what psql says. */
const mostSaid = 16 * 1024;
/** Milliseconds between asking psql to end and ending it. */
const grace = 5000;

/** What a role or a database may have set otherwise, and what would show us less than there is, or end us. */
const settings: Record<string, string> = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
  default_transaction_read_only: 'off',
  row_security: 'off',
  client_min_messages: 'error',
  // Where we are gone, what the server does for us ends soon.
  client_connection_check_interval: '2s',
};

/** What a server said of a statement. `state` is its SQLSTATE: `55006` where something is in use. */
export class StatementError extends Problem {
  readonly state: string;

  constructor(connection: Connection, state: string, message: string) {
    super(exitCode.failed, whyFailed(connection, message));
    this.state = state;
  }
}

export type Server = {
  major: number;
  /** As it says it: `15.14 (Debian 15.14-1)`. */
  version: string;
  /** A standby: what it holds can be read, and nothing can be written. */
  standby: boolean;
};

type Waiting = {mark: string; resolve: (lines: string[]) => void; reject: (error: Error) => void};

/**
 * A session on a server, held open by a psql of its own. One statement after the other; all of them see `pg_catalog`
 * only, so that nothing that a database holds is run in the place of what is meant.
 */
export class Session {
  readonly connection: Connection;
  readonly #child: ChildProcess;
  readonly #access: Access;
  readonly #signal: AbortSignal | undefined;
  readonly #ended: Promise<void>;
  #text = '';
  #said = '';
  #waiting: Waiting | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #server: Server | null = null;

  private constructor(
    connection: Connection,
    child: ChildProcess,
    access: Access,
    signal: AbortSignal | undefined,
  ) {
    this.connection = connection;
    this.#child = child;
    this.#access = access;
    this.#signal = signal;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-mostSaid);
    });
    // That it is gone is told by its end.
    child.stdin?.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      child.once('close', () => {
        this.#end();
        resolve();
      });
    });
    if (signal?.aborted) this.#stop();
    else signal?.addEventListener('abort', this.#stop, {once: true});
  }

  /**
   * Begins one. No password is ever asked for.
   * @param signal ends it, and what it is doing on the server
   * @param clients whose psql; by default the newest
   * @throws Problem in one line: no client, no server, not let in
   */
  static async open(
    connection: Connection,
    {signal, clients}: {signal?: AbortSignal | undefined; clients?: Clients | undefined} = {},
  ): Promise<Session> {
    const found = clients ?? (await findClients(null));
    const access = environmentOf(connection);
    let session: Session;
    try {
      const args = ['-X', '-q', '-A', '-t', '-w', `--dbname=${access.where}`];
      const child = await startClient(found, 'psql', args, 'SIGINT', {
        env: {...access.environment, PGCLIENTENCODING: 'UTF8'},
        stdio: 'pipe',
      });
      session = new Session(connection, child, access, signal);
    } catch (error) {
      access.close();
      throw error;
    }
    try {
      await session.#begin();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await this.run('SET search_path = pg_catalog');
    const named = Object.keys(settings).map(literal).join(', ');
    const values = Object.entries(settings).map(
      ([name, value]) => `WHEN ${literal(name)} THEN ${literal(value)}`,
    );
    await this.run(
      `SELECT set_config(name, CASE name ${values.join(' ')} END, false) FROM pg_settings WHERE name IN (${named})`,
    );
    const [row] = (await this.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_version') AS version, pg_is_in_recovery() AS standby`,
    )) as Server[];
    this.#server = row ?? null;
  }

  get server(): Server {
    if (this.#server === null) throw new Error('the session has not begun');
    return this.#server;
  }

  /**
   * The rows of a SELECT, each an object by its columns. The caller has zod look at them.
   * @param select without a semicolon; values in it as `literal`, names as `identifier`
   * @throws StatementError; Problem where the server or psql is gone, or this was cancelled
   */
  async query(select: string): Promise<unknown[]> {
    const lines = await this.#ask(`SELECT to_jsonb(q) FROM (${select}\n) AS q`);
    return lines.map((line) => JSON.parse(line));
  }

  /** Runs one statement, whatever it answers. @throws as `query` */
  async run(statement: string): Promise<void> {
    await this.#ask(statement);
  }

  /** Ends it; a transaction that is open is rolled back. Waits until psql is gone. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), grace);
    await this.#ended;
    clearTimeout(timer);
  }

  readonly #stop = (): void => {
    // It has the server cancel what it is doing. Before the first answer nothing is done there, and psql hears no such signal.
    this.#child.kill(this.#server === null ? 'SIGKILL' : 'SIGINT');
    void this.close();
  };

  #ask(statement: string): Promise<string[]> {
    const answer = this.#last.then(
      () =>
        new Promise<string[]>((resolve, reject) => {
          if (this.#isOver || this.#signal?.aborted) {
            reject(this.#whyOver());
            return;
          }
          const mark = randomUUID();
          this.#text = '';
          this.#waiting = {mark, resolve, reject};
          this.#child.stdin?.write(
            `${statement}\n;\n\\echo ${mark} :ERROR :SQLSTATE\n\\echo :LAST_ERROR_MESSAGE\n\\echo ${mark}.\n`,
          );
        }),
    );
    this.#last = answer.catch(() => {});
    return answer;
  }

  #read(text: string): void {
    this.#text += text;
    const waiting = this.#waiting;
    if (waiting === null) return;
    const {mark, resolve, reject} = waiting;
    if (this.#text.length > longestAnswer) {
      this.#child.kill('SIGKILL');
      return;
    }
    if (!this.#text.endsWith(`${mark}.\n`)) return;
    this.#waiting = null;
    const at = this.#text.lastIndexOf(`${mark} `);
    const [status = '', ...message] = this.#text.slice(at + mark.length + 1, -mark.length - 3).split('\n');
    const [failed, state = ''] = status.split(' ');
    if (failed === 'false') resolve(this.#text.slice(0, at).split('\n').slice(0, -1));
    else if (this.#signal?.aborted) reject(this.#whyOver());
    else if (failed === 'true') reject(new StatementError(this.connection, state, message.join(' ')));
    else
      reject(
        new Problem(exitCode.failed, 'psql is older than version 11: install a newer postgresql-client.'),
      );
  }

  #end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#access.close();
    this.#waiting?.reject(this.#whyOver());
    this.#waiting = null;
  }

  #whyOver(): Problem {
    if (this.#signal?.aborted) return new Problem(exitCode.cancelled, 'Cancelled.');
    return new Problem(
      exitCode.failed,
      this.#said.trim() === ''
        ? `${connectionName(this.connection)}: the session is over`
        : whyFailed(this.connection, this.#said),
    );
  }
}

/** Uses a session, and ends it whatever happens. @throws as `Session.open` and `use` */
export async function inSession<Value>(
  connection: Connection,
  options: {signal?: AbortSignal | undefined; clients?: Clients | undefined},
  use: (session: Session) => Promise<Value>,
): Promise<Value> {
  const session = await Session.open(connection, options);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

const maySchema = z.object({may: z.boolean()});
const idSchema = z.object({id: z.string()});

/**
 * The number that a server got when its data were first made. It tells servers apart that are reached by one address, such
 * as a socket's directory, on two machines.
 * @returns null where it is not told to our role
 */
export async function systemIdOf(session: Session): Promise<string | null> {
  const [row] = await session.query("SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS may");
  if (!maySchema.parse(row).may) return null;
  const [said] = await session.query('SELECT system_identifier::text AS id FROM pg_control_system()');
  return idSchema.parse(said).id;
}
