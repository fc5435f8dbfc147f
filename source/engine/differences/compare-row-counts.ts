import {follow} from '../base/follow.ts';
import type {Comparing, Tables} from './collect-tables.ts';
import {type DatabaseSide, rowsOfSide, type SideRows, tablesOfRows} from './database-rows.ts';
import {usualLimit} from './tables.ts';

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
