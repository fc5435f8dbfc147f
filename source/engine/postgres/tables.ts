import * as z from 'zod/mini';
import {identifier, literal} from './quote.ts';
import type {Session} from './session.ts';

/** A table whose rows a dump holds. A partition counts for the table that it is a part of. */
const tableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  /** The table that it counts for: `schema.table` as the server quotes it. */
  counted: z.string(),
  bytes: z.number(),
});
export type Table = z.infer<typeof tableSchema>;

const countSchema = z.object({count: z.number()});

const sizes = {
  /** Waits for a table that another session has locked for itself. */
  now: 'coalesce(pg_table_size(c.oid), 0)',
  /** Of the last time that it was analysed; waits for nothing. */
  known: 'c.relpages::float8 * 8192',
};

/**
 * The tables of a session's database whose rows pg_dump writes down: no views, none of the system's or of an extension,
 * none that lie elsewhere, and on a standby none that only the primary holds.
 * @param schemas null for all of them
 */
export async function readTables(
  session: Session,
  schemas: readonly string[] | null,
  size: keyof typeof sizes = 'now',
): Promise<Table[]> {
  const where =
    schemas === null
      ? "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
      : `n.nspname IN (${schemas.map(literal).join(', ')})`;
  const rows = await session.query(
    `SELECT n.nspname AS schema, c.relname AS name,
      format('%I.%I', tn.nspname, t.relname) AS counted, ${sizes[size]} AS bytes
    FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_class t ON t.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::oid ELSE c.oid END
      JOIN pg_namespace tn ON tn.oid = t.relnamespace
    WHERE c.relkind = 'r' AND ${where}
      AND c.relpersistence IN ('p'${session.server.standby ? '' : ", 'u'"})
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2`,
  );
  return z.array(tableSchema).parse(rows);
}

/** Its own rows, without those of tables that inherit from it. */
export async function countTable(session: Session, {schema, name}: Table): Promise<number> {
  const [row] = await session.query(
    `SELECT count(*) AS count FROM ONLY ${identifier(schema)}.${identifier(name)}`,
  );
  return countSchema.parse(row).count;
}

/** Adds the rows of a table to those of the one that it counts for. */
export const addRows = (rows: Map<string, number>, {counted}: Table, count: number): void =>
  void rows.set(counted, (rows.get(counted) ?? 0) + count);

/** Rows of each table, by the names that they count for. */
export async function countRows(session: Session, tables: readonly Table[]): Promise<Map<string, number>> {
  const rows = new Map<string, number>();
  for (const table of tables) addRows(rows, table, await countTable(session, table));
  return rows;
}

/**
 * Rows of some tables, by the names that a dump counts them by.
 * @returns null where one of them is not there
 */
export async function countTables(session: Session, wanted: string[]): Promise<Map<string, number> | null> {
  const names = new Set(wanted);
  const all = await readTables(session, null, 'known');
  const counted = await countRows(
    session,
    all.filter((each) => names.has(each.counted)),
  );
  return wanted.every((name) => counted.has(name)) ? counted : null;
}
