import type {DatabaseSync} from 'node:sqlite';
import {hash, RecordIndex} from './record-index.ts';
import {quoted} from './sqlite-schema.ts';
import {mostRows} from './tables.ts';

/** A column of both sides; `exact` where equal values of it are always written alike. */
export type SharedColumn = {one: string; other: string; name: string; exact: boolean};

/** One table on both sides: its names, the columns that both have, and those that tell rows apart. */
export type TablePair = {
  one: string;
  other: string;
  columns: SharedColumn[];
  keys: SharedColumn[];
  /** Whether `rowid` may be SQLite's own number of a row: no column is called so. */
  mayBePlaced: boolean;
};

/** How many rows are unlike, and SQLite's numbers of the first of them, on the side that has them. */
export type Unlike = {
  onlyOne: number;
  onlyOther: number;
  differ: number;
  first: {'-': number[]; '+': number[]; '!': [one: number, other: number][]};
};

/**
 * What a value is, in ASCII: SQLite hands texts over only up to a NUL, and bytes that are no text as one and the same
 * character. Two are written alike only where they are the same.
 */
const written = (value: string): string =>
  `CASE typeof(${value}) WHEN 'text' THEN 't' || hex(${value}) ELSE quote(${value}) END`;

/** In halves, because SQLite takes only so many levels of an expression. */
function joined(parts: string[]): string {
  if (parts.length <= 1) return parts[0] ?? "''";
  const middle = parts.length >> 1;
  return `(${joined(parts.slice(0, middle))} || ',' || ${joined(parts.slice(middle))})`;
}

type Row = [place: number, key: string, says: string];

function rowsOf(
  database: DatabaseSync,
  side: 'one' | 'other',
  {columns, keys, ...names}: TablePair,
): Iterable<Row> {
  const text = (of: SharedColumn[]): string => joined(of.map((column) => written(quoted(column[side]))));
  const table = `${side === 'one' ? 'main' : 'other'}.${quoted(names[side])}`;
  const says = columns.filter((column) => !keys.includes(column));
  const rows = database.prepare(`SELECT rowid, ${text(keys)}, ${text(says)} FROM ${table}`);
  rows.setReturnArrays(true);
  return rows.iterate() as Iterable<unknown> as Iterable<Row>;
}

/** 53 bits of what a row says. */
function digest(says: string): number {
  const {low, high} = hash(says, 1);
  return (high & 0x1fffff) * 2 ** 32 + low;
}

/**
 * Which rows of two tables are unlike: each table is read once as it lies, and of the one side is kept what hashes say of
 * its rows. Looked up by their keys in the other one, rows that lie in another order would take a page each.
 * @returns null where rows have no number, or there are too many of them, or they are too large: SQLite compares them then
 */
export function unlikeRows(database: DatabaseSync, pair: TablePair): Unlike | null {
  if (!pair.mayBePlaced) return null;
  try {
    return unlike(database, pair);
  } catch {
    return null;
  }
}

function unlike(database: DatabaseSync, pair: TablePair): Unlike {
  const index = new RecordIndex();
  const isWhole = pair.keys.length === 0;
  for (const [place, key, says] of rowsOf(database, 'one', pair))
    if (!index.add(0, isWhole ? says : key, place, isWhole ? 0 : digest(says), isWhole) && !isWhole)
      throw new Error('a key stands twice');
  const result: Unlike = {onlyOne: 0, onlyOther: 0, differ: 0, first: {'-': [], '+': [], '!': []}};
  const {first} = result;
  for (const [place, key, says] of rowsOf(database, 'other', pair)) {
    const found = index.find(0, isWhole ? says : key);
    if (found === -1 || !index.meet(found)) {
      if (found !== -1 && !isWhole) throw new Error('a key stands twice');
      result.onlyOther++;
      if (first['+'].length < mostRows) first['+'].push(place);
    } else if (!isWhole) {
      const {at, bytes} = index.where(found);
      if (bytes === digest(says)) continue;
      result.differ++;
      if (first['!'].length < mostRows) first['!'].push([at, place]);
    }
  }
  for (let number = 0; number < index.count; number++) {
    const {at, left} = index.where(number);
    result.onlyOne += left;
    if (left > 0 && first['-'].length < mostRows) first['-'].push(at);
  }
  return result;
}
