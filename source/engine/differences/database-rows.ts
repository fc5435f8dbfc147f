import {follow} from '../base/follow.ts';
import {Problem} from '../base/problem.ts';
import type {LiveCounts} from '../datasets/type.ts';
import type {Counting} from '../postgres/live-rows.ts';
import type {RowReading} from '../postgres/table-rows.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';
import {blank, type Comparing, isAlike, type TableDifference, type Tables, usualLimit} from './tables.ts';

/** What tells how many rows one side of a database has: its dump's manifest, or its server. @throws Problem */
type Counted = {facts: CopyFacts} | {count: (counting: Omit<Counting, 'schemas'>) => Promise<LiveCounts>};

/** One side of a database; a server also gives the rows of one table, and says how many there are. */
export type DatabaseSide = {facts: CopyFacts} | (Counted & {rows: (reading: RowReading) => Promise<number>});

/** The rows of one side. */
export type SideRows = {
  /** Its name, and its server's; null where they are not known. */
  database: string | null;
  server: string | null;
  version: string | null;
  /** The time that all of them are of. */
  at: string | null;
  rows: ReadonlyMap<string, number>;
  /** Tables for which there was no time. */
  uncounted: readonly string[];
};

/** What its manifest says of a dump; a reason where it has no counts. */
function recordedRows({
  format,
  database,
  server,
  server_version,
  snapshot_at,
  rows,
}: CopyFacts): SideRows | {reason: string} {
  // No map at all is written of a database without tables.
  if (format !== 'custom') return {reason: `its manifest counts no rows (${format})`};
  return {
    database: database ?? null,
    server: server ?? null,
    version: server_version ?? null,
    at: snapshot_at ?? null,
    rows: rows ?? new Map(),
    uncounted: [],
  };
}

/**
 * The rows of one side: of a dump as its manifest has them, of a server as it counts them now, in the time there is.
 * @returns why they are not known, in one line
 * @throws what the signal is aborted with
 */
export async function rowsOfSide(
  side: Counted,
  {
    limit = usualLimit,
    signal,
    onTable = () => {},
  }: {
    limit?: number | undefined;
    signal: AbortSignal;
    onTable?: (table: string, done: number, of: number) => void;
  },
): Promise<SideRows | {reason: string}> {
  if ('facts' in side) return recordedRows(side.facts);
  const late = AbortSignal.timeout(Math.max(1, Math.ceil(limit)));
  try {
    const counting = {limit: limit * 0.9, signal: AbortSignal.any([signal, late]), onTable};
    const {version, at, ...counts} = await side.count(counting);
    return {...counts, version, at: at.toISOString()};
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return {reason: `its server did not answer within ${Math.ceil(limit) / 1000} s`};
    if (error instanceof Problem) return {reason: error.message};
    throw error;
  }
}

/** How many rows of a table each side has: it is not known which of them are the same. */
function tableOf(name: string, one: SideRows, other: SideRows): TableDifference {
  const [left, right] = [one.rows.get(name) ?? null, other.rows.get(name) ?? null];
  const table = {...blank(name), one: left, other: right, isCounted: true};
  if ([...one.uncounted, ...other.uncounted].includes(name))
    return {...table, reason: 'its rows were not counted: the time was over'};
  const more = (left ?? 0) - (right ?? 0);
  return {...table, onlyOne: Math.max(0, more), onlyOther: Math.max(0, -more)};
}

/** The tables of both sides by how much their numbers of rows differ, the largest difference first. */
export function tablesOfRows(one: SideRows, other: SideRows): TableDifference[] {
  const names = [one, other].flatMap(({rows, uncounted}) => [...rows.keys(), ...uncounted]);
  const apart = ({onlyOne, onlyOther}: TableDifference): number => (onlyOne ?? 0) + (onlyOther ?? 0);
  return [...new Set(names)]
    .map((name) => tableOf(name, one, other))
    .toSorted((a, b) => apart(b) - apart(a) || (a.name < b.name ? -1 : 1));
}

/** What differs between two sides: `alike` where every table has as many rows. */
export function relateRows(one: SideRows, other: SideRows): 'differs' | 'alike' | 'unknown' {
  const tables = tablesOfRows(one, other);
  if (tables.some((table) => table.reason === null && !isAlike(table))) return 'differs';
  return tables.some(({reason}) => reason !== null) ? 'unknown' : 'alike';
}

const named = ({database, server, version}: SideRows): string =>
  `database "${database ?? '?'}" on ${server ?? '?'}${version === null ? '' : `, PostgreSQL ${version.split(' ')[0]}`}`;

/** What a reader has to know of the two sides. */
function notesOn(one: SideRows, other: SideRows): string[] {
  const isOther = one.database !== other.database || one.server !== other.server;
  const lost = one.uncounted.length + other.uncounted.length;
  return [
    ...(isOther ? [`! The - side is ${named(one)}; the + side is ${named(other)}.`] : []),
    ...(lost > 0
      ? [`! ${lost} ${lost === 1 ? 'table was' : 'tables were'} not counted: the time was over.`]
      : []),
    `Rows were counted, not compared: - at ${one.at ?? '?'}, + at ${other.at ?? '?'}. As many rows may say something else.`,
    ...(isOther ? [] : [`Both are ${named(one)}.`]),
  ];
}

/**
 * How many rows each table has on both sides.
 * @returns why that is not known, in its place
 * @throws what the signal is aborted with
 */
export async function* compareRowCounts(
  one: DatabaseSide,
  other: DatabaseSide,
  limit: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Comparing, Tables | {why: string}, undefined> {
  const left = new AbortController();
  const both = AbortSignal.any([signal, left.signal]);
  let found: Tables | {why: string} = {why: 'nothing was counted'};
  let doing: Comparing = {
    type: 'comparing',
    what: 'asking the server',
    done: 0,
    of: 0,
    limit: limit ?? usualLimit,
  };
  yield* follow<Comparing>(
    async () => {
      const onTable = (table: string, done: number, of: number): void => {
        doing = {...doing, what: `table ${table}`, done, of};
      };
      const [mine, theirs] = await Promise.all([
        rowsOfSide(one, {limit, signal: both, onTable}),
        rowsOfSide(other, {limit, signal: both, onTable}),
      ]);
      if ('reason' in mine) found = {why: `of the - side ${mine.reason}`};
      else if ('reason' in theirs) found = {why: `of the + side ${theirs.reason}`};
      else {
        const tables = tablesOfRows(mine, theirs);
        const isWhole = tables.every(({reason}) => reason === null);
        found = {kind: 'tables', as: 'postgres', tables, notes: notesOn(mine, theirs), isWhole};
      }
    },
    {interval: 200, progress: () => doing, stop: () => left.abort()},
  );
  return found;
}
