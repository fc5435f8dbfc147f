import * as z from 'zod/mini';
import {exitCode, Problem} from '../base/problem.ts';
import {type Access, type Connection, environmentOf, noAccess} from './connection.ts';
import {CopyText, type TableName} from './copy-text.ts';
import {identifier, literal} from './quote.ts';
import {runClient} from './run-client.ts';
import {inSession, type Session} from './session.ts';
import {type Clients, findClients, type Tool} from './tools.ts';
import {tellingLine, whyFailed} from './why.ts';

export type RowReading = {
  table: TableName;
  signal: AbortSignal;
  /** Is given each row, a line of JSON. */
  take: (line: string) => void;
};

/** Runs a client that writes rows. @returns how many there were @throws Problem; what `take` throws */
async function rowsFrom(
  clients: Clients,
  [tool, ...args]: [Tool, ...string[]],
  access: Access,
  columns: readonly string[] | null,
  {signal, take}: RowReading,
  why: (said: string) => string,
): Promise<number> {
  let thrown: {error: unknown} | null = null;
  const text = new CopyText(columns, take);
  const onOutput = (block: Buffer): boolean => {
    try {
      return text.write(block);
    } catch (error) {
      thrown = {error};
      return false;
    }
  };
  const {code, said} = await runClient(clients, tool, args, access, {signal, onOutput});
  const failed = thrown as {error: unknown} | null;
  if (failed !== null) throw failed.error;
  if (signal.aborted) throw new Problem(exitCode.cancelled, 'Cancelled.');
  if (text.flaw !== null) throw new Problem(exitCode.failed, text.flaw);
  if (code !== 0) throw new Problem(exitCode.failed, why(said));
  if (!text.isFound)
    throw new Problem(
      exitCode.failed,
      'the dump holds no table of that name, or a partitioned one, whose rows lie in its partitions',
    );
  return text.rows;
}

/**
 * The rows of one table as a dump has them: nothing is loaded, and no server is asked.
 * @param file its path, as one that stays what it is
 * @returns how many there are
 * @throws Problem in one line; what `take` throws
 */
export async function dumpedRows(file: string, reading: RowReading): Promise<number> {
  const {schema, name} = reading.table;
  const args = ['--data-only', `--schema=${schema}`, `--table=${name}`, '-f', '-', file];
  const why = (said: string): string => `the dump cannot be read: ${tellingLine(said)}`;
  return rowsFrom(await findClients(null), ['pg_restore', ...args], noAccess(), null, reading, why);
}

/** What pg_dump, as we run it, sets too, so that the same value is written alike; and nothing of the database is run. */
const settings = [
  "search_path = 'pg_catalog'",
  "datestyle = 'ISO'",
  "timezone = 'UTC'",
  "intervalstyle = 'postgres'",
  'extra_float_digits = 3',
  "bytea_output = 'hex'",
  'row_security = off',
  'default_transaction_read_only = on',
  'statement_timeout = 0',
];

const tableSchema = z.object({partitioned: z.boolean(), columns: z.array(z.string())});

/** Its columns that a dump has too, which may be none: no generated ones. @throws Problem where there is no such table */
async function tableIn(session: Session, {schema, name}: TableName): Promise<z.infer<typeof tableSchema>> {
  const [row] = await session.query(
    `SELECT c.relkind = 'p' AS partitioned, ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${literal(schema)} AND c.relname = ${literal(name)} AND c.relkind IN ('r', 'p')`,
  );
  if (row === undefined) throw new Problem(exitCode.failed, 'the server has no such table any more');
  return tableSchema.parse(row);
}

/**
 * The rows that one table has on its server now, in one snapshot; reads only.
 * @returns how many there are
 * @throws Problem in one line; what `take` throws
 */
export async function liveRows(connection: Connection, reading: RowReading): Promise<number> {
  const {table, signal} = reading;
  const {columns, partitioned, major} = await inSession(connection, {signal}, async (session) => ({
    ...(await tableIn(session, table)),
    major: session.server.major,
  }));
  const only = partitioned ? '' : 'ONLY ';
  const names = columns.map(identifier).join(', ');
  const select = `SELECT ${names} FROM ${only}${identifier(table.schema)}.${identifier(table.name)}`;
  using access = environmentOf(connection);
  const args = [
    ...['-X', '-q', '-A', '-t', '-w', `--dbname=${access.where}`, '--set=ON_ERROR_STOP=1'],
    ...settings.map((each) => `--command=SET ${each}`),
    `--command=COPY (${select}) TO STDOUT`,
  ];
  return await rowsFrom(
    await findClients(major),
    ['psql', ...args],
    {...access, environment: {...access.environment, PGCLIENTENCODING: 'UTF8'}},
    columns,
    reading,
    (said) => whyFailed(connection, said),
  );
}
