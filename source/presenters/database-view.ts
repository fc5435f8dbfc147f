import {counted, listed} from '../engine/base/format.ts';
import type {Copy} from '../engine/catalog/copies.ts';
import type {RecordedDump} from '../engine/catalog/row.ts';
import {type SideRows, tablesOfRows} from '../engine/differences/database-rows.ts';
import {momentOf} from './moment.ts';

/** `6,412`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 row`, `6,412 rows`. */
const rowsText = (count: number): string => `${grouped(count)} ${count === 1 ? 'row' : 'rows'}`;

/** Rows in four or five columns: `6412`, `12.3k`, `1.2M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return String(count);
  const units = ['k', 'M', 'G', 'T'];
  let value = count / 1000;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

/** What a copy is in a column: of a database its rows, of all else its version. */
export const copyNumber = ({dump}: Copy, version: number | undefined): string =>
  dump === null ? String(version ?? '') : shortCount(dump.rows);

/** `6,412 rows in 41 tables`. */
export const tablesText = (rows: number, tables: number): string =>
  `${rowsText(rows)} in ${counted(tables, 'table')}`;

/** `6,412 rows in 41 tables at 17:46:08Z`. */
export const dumpText = ({rows, tables, at}: RecordedDump, now: number): string =>
  `${tablesText(rows, tables)} at ${momentOf(at, now)}`;

/** Where it was, and of which server: `database "magds" on db.example:5432, PostgreSQL 15.14`. */
export function serverText({database, server, serverVersion}: RecordedDump): string {
  const where = server === null ? '' : ` on ${server}`;
  const version = serverVersion === null ? '' : `, PostgreSQL ${serverVersion.split(' ')[0]}`;
  return `database "${database}"${where}${version}`;
}

/** Tables, the largest first. */
export const largestFirst = (rows: ReadonlyMap<string, number>): [table: string, rows: number][] =>
  [...rows].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));

/** Tables that are named in a sentence. */
const mostNamed = 2;

/** `live has 5,184 rows fewer (public.accounts), 1 more (public.postings)`: how two sides differ, as far as that was counted. */
export function rowsDifferText(one: SideRows, other: SideRows, name: string): string {
  const tables = tablesOfRows(one, other).filter(({reason}) => reason === null);
  const side = (of: 'onlyOne' | 'onlyOther', word: string): string[] => {
    const some = tables.filter((table) => (table[of] ?? 0) > 0);
    if (some.length === 0) return [];
    const count = some.reduce((sum, table) => sum + (table[of] ?? 0), 0);
    const names = listed(
      some.map((table) => table.name),
      mostNamed,
    );
    return [`${rowsText(count)} ${word} (${names})`];
  };
  const said = [...side('onlyOne', 'fewer'), ...side('onlyOther', 'more')];
  const alone = tables.filter(({one, other}) => one === null || other === null).map((table) => table.name);
  return said.length > 0 ? `${name} has ${said.join(', ')}` : `only on one side: ${listed(alone, mostNamed)}`;
}
