import * as z from 'zod/mini';
import type {Connection} from './connection.ts';
import {inSession, type Session, StatementError} from './session.ts';
import {addRows, countTable, readTables} from './tables.ts';

/** What a server has now of a database. */
export type LiveRows = {
  version: string;
  /** When they were counted, all of them in one snapshot. */
  at: Date;
  /** By `schema.table` as the server quotes it. */
  rows: Map<string, number>;
  /** Tables for which the time was over. */
  uncounted: string[];
};

export type Counting = {
  /** Null for all of them. */
  schemas: readonly string[] | null;
  /** Milliseconds that it may take. */
  limit: number;
  signal: AbortSignal;
  onTable: (table: string, done: number, of: number) => void;
};

/** The server ended a statement whose time was over. */
const isLate = (error: unknown): boolean => error instanceof StatementError && error.state === '57014';

/**
 * Counts the rows of the tables that a dump would hold, the small ones first, and reads only.
 * @throws Problem in one line, also where the time is over before the tables are known
 */
export async function countLiveRows(
  connection: Connection,
  {schemas, limit, signal, onTable}: Counting,
): Promise<LiveRows> {
  const until = performance.now() + limit;
  return await inSession(connection, {signal}, async (session) => {
    const {version} = session.server;
    await session.run('SET max_parallel_workers_per_gather = 0');
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const found = await readTables(session, schemas, 'known');
    const at = new Date();
    const rows = new Map<string, number>();
    const uncounted = new Set<string>();
    let isOver = false;
    for (const [done, table] of found.toSorted((a, b) => a.bytes - b.bytes).entries()) {
      onTable(table.counted, done, found.length);
      const left = Math.floor(until - performance.now());
      isOver ||= left <= 0;
      const count: number | null = isOver
        ? null
        : await session
            .run(`SET LOCAL statement_timeout = ${left}`)
            .then(() => countTable(session, table))
            .catch((error: unknown) => {
              if (!isLate(error)) throw error;
              return null;
            });
      isOver ||= count === null;
      if (count === null) uncounted.add(table.counted);
      else addRows(rows, table, count);
    }
    for (const table of uncounted) rows.delete(table);
    return {version, at, rows, uncounted: [...uncounted]};
  });
}

/**
 * Rows that have been written in a database, as its server counts them: more is more, and after a crash of the server it
 * begins again. Those of the catalog are among them, so that large objects and definitions count too; what ANALYZE notes is
 * nobody's data. Of a client that is connected the last seconds may be missing.
 * @param session in that database
 */
export async function writesIn(session: Session): Promise<bigint> {
  const [row] = await session.query(
    `SELECT coalesce(sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::text AS writes
       FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
       WHERE NOT c.relisshared AND s.schemaname <> 'pg_toast'
       AND s.relid NOT IN (SELECT to_regclass(name) FROM unnest(ARRAY['pg_statistic', 'pg_statistic_ext_data']) name
         WHERE to_regclass(name) IS NOT NULL)`,
  );
  return BigInt(z.object({writes: z.string()}).parse(row).writes);
}
