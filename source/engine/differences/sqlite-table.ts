import type {DatabaseSync} from 'node:sqlite';
import {type ColumnFacts, columnsOf, foldName, quoted, type Side} from './sqlite-schema.ts';
import {type SharedColumn, type TablePair, type Unlike, unlikeRows} from './sqlite-unlike.ts';
import {
  blank,
  longestBlob,
  longestValue,
  mostColumns,
  mostRows,
  type RowDifference,
  type TableDifference,
} from './tables.ts';

/** In halves, because SQLite takes only so many levels of an expression. */
function all(parts: string[]): string {
  if (parts.length <= 1) return parts[0] ?? '1';
  const middle = parts.length >> 1;
  return `(${all(parts.slice(0, middle))} AND ${all(parts.slice(middle))})`;
}

/** Whether a column says the very same in both rows, whatever its collation or affinity would call alike. */
const same = ({one, other, exact}: SharedColumn): string => {
  const is = `(+a.${quoted(one)}) COLLATE BINARY IS (+b.${quoted(other)})`;
  return exact ? is : `(${is} AND typeof(a.${quoted(one)}) = typeof(b.${quoted(other)}))`;
};

const sameKey = ({one, other}: SharedColumn): string => `a.${quoted(one)} = b.${quoted(other)}`;

/** A value for people: texts in quotes, the rest as it is; NULL by itself. */
const shown = (value: string): string => `CASE typeof(${value})
  WHEN 'null' THEN 'NULL'
  WHEN 'text' THEN '"' || substr(${value}, 1, ${longestValue}) || CASE WHEN length(${value}) > ${longestValue} THEN '…' ELSE '' END || '"'
  WHEN 'blob' THEN 'x''' || hex(substr(${value}, 1, ${longestBlob})) || '''' ||
    CASE WHEN length(${value}) > ${longestBlob} THEN '… ' || length(${value}) || ' bytes' ELSE '' END
  ELSE CAST(${value} AS TEXT) END`;

/** Types whose columns hold numbers as one kind: in others 1 and 1.0 are two. */
const settles = /int|char|clob|text|real|floa|doub|num|dec|bool|date/;

const count = (database: DatabaseSync, sql: string): number =>
  Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);

/** What tells the rows of both apart; none where nothing does on both sides, or what is one key here is two there. */
function keysOf(one: ColumnFacts[], other: ColumnFacts[]): ColumnFacts[] {
  const ordered = (columns: ColumnFacts[]) =>
    columns.filter(({key}) => key > 0).sort((a, b) => a.key - b.key);
  const said = (columns: ColumnFacts[]) =>
    columns.map(({name, type, collation}) => `${foldName(name)} ${type} ${collation}`).join();
  const [mine, theirs] = [ordered(one), ordered(other)];
  return said(mine) === said(theirs) ? mine : [];
}

/** Other columns are a difference of their own: rows are then compared by those that both have. */
function columnNotes(one: ColumnFacts[], other: ColumnFacts[]): string[] {
  const missing = (mine: ColumnFacts[], theirs: ColumnFacts[]): string[] =>
    mine
      .filter(({name}) => !theirs.some((each) => foldName(each.name) === foldName(name)))
      .map(({name}) => name);
  const said = (names: string[], mark: string): string[] =>
    names.length === 0
      ? []
      : [
          `Only on the ${mark} side, and not compared: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' …' : ''}.`,
        ];
  const generated = one.filter(({isGenerated}) => isGenerated).length;
  return [
    ...said(missing(one, other), '-'),
    ...said(missing(other, one), '+'),
    ...(generated > 0 ? [`Generated columns are not compared: ${generated}.`] : []),
  ];
}

/** A key that may be NULL tells nothing apart: SQLite lets many rows have it. */
const hasNull = (database: DatabaseSync, side: Side, table: string, keys: string[]): boolean =>
  keys.some(
    (key) =>
      database
        .prepare(`SELECT 1 FROM ${side}.${quoted(table)} WHERE ${quoted(key)} IS NULL LIMIT 1`)
        .get() !== undefined,
  );

type Listing = {
  /** Rows that may be listed still. */
  left: number;
};

/** Compares a table of two attached databases, its rows by their primary key, or as a whole where there is none. */
export function compareTable(
  database: DatabaseSync,
  {
    shown: name,
    one: mineCalled,
    other: theirsCalled,
  }: {shown: string; one: string | null; other: string | null},
  listing: Listing,
): TableDifference {
  const table = blank(name);
  const rowsIn = (side: Side, called: string | null): number | null =>
    called === null ? null : count(database, `SELECT count(*) FROM ${side}.${quoted(called)}`);
  table.one = rowsIn('main', mineCalled);
  table.other = rowsIn('other', theirsCalled);
  // There is no such table on one side: all its rows are only on the other.
  if (mineCalled === null || theirsCalled === null)
    return {...table, onlyOne: table.one ?? 0, onlyOther: table.other ?? 0, differ: 0};
  const names = {one: mineCalled, other: theirsCalled};
  const [one, other] = [columnsOf(database, 'main', names.one), columnsOf(database, 'other', names.other)];
  const columns = one.flatMap((mine): SharedColumn[] => {
    const theirs = other.find(({name}) => foldName(name) === foldName(mine.name));
    if (!theirs || mine.isGenerated || theirs.isGenerated) return [];
    const exact = mine.type === theirs.type && settles.test(mine.type);
    return [{one: mine.name, other: theirs.name, name: mine.name, exact}];
  });
  table.notes = columnNotes(one, other);
  if (columns.length > mostListed) table.notes.push(`Of a row the first ${mostListed} columns are listed.`);
  if (columns.length === 0) return {...table, reason: 'the two have no column in common'};
  const found = keysOf(one, other);
  const keys = found.flatMap((key) => columns.filter(({name}) => name === key.name));
  const nullable = found.filter(({mayBeNull}) => mayBeNull).map(({name}) => name);
  const isUsable =
    keys.length > 0 &&
    keys.length === found.length &&
    !hasNull(database, 'main', names.one, nullable) &&
    !hasNull(database, 'other', names.other, nullable);
  const mayBePlaced = ![...one, ...other].some(({name}) => foldName(name) === 'rowid');
  const pair = {...names, columns, keys: isUsable ? keys : [], mayBePlaced};
  // SQLite's own number of a row is looked up at once, and a key that it takes for another one only SQLite can tell.
  const isAsked =
    isUsable &&
    (isOwnNumber(found) ||
      keys.some(({exact}) => !exact) ||
      found.some(({collation}) => collation !== 'BINARY'));
  const unlike = isAsked ? null : unlikeRows(database, pair);
  return unlike || isUsable
    ? byKey(database, pair, table, listing, unlike)
    : byWholeRows(database, pair, table, listing);
}

const isOwnNumber = (keys: ColumnFacts[]): boolean => keys.length === 1 && keys[0]?.type === 'integer';

const from = ({one, other}: TablePair): string => `main.${quoted(one)} a CROSS JOIN other.${quoted(other)} b`;

/** How many rows are unlike, as SQLite tells that; null where a damaged index gave a row twice. */
function asked(
  database: DatabaseSync,
  pair: TablePair,
  {one, other}: TableDifference,
): Omit<Unlike, 'first'> | null {
  const [key, equal] = [all(pair.keys.map(sameKey)), all(pair.columns.map(same))];
  // With a limit it is worked out row by row: SQLite aggregates no more than 2000 columns at once.
  const each = `SELECT NOT ${equal} AS d FROM ${from(pair)} ON ${key} LIMIT -1`;
  const both = database.prepare(`SELECT count(*) AS n, total(d) AS d FROM (${each})`).get();
  const [onlyOne, onlyOther] = [(one ?? 0) - Number(both?.['n']), (other ?? 0) - Number(both?.['n'])];
  return Math.min(onlyOne, onlyOther) < 0 ? null : {onlyOne, onlyOther, differ: Number(both?.['d'])};
}

/** @param unlike where that is known already, of whole rows too: then nothing is looked for, but what is listed */
function byKey(
  database: DatabaseSync,
  pair: TablePair,
  table: TableDifference,
  listing: Listing,
  unlike: Unlike | null,
): TableDifference {
  const {keys, columns} = pair;
  const counts = unlike ?? asked(database, pair, table);
  if (!counts) return byWholeRows(database, {...pair, keys: []}, table, listing);
  const {onlyOne, onlyOther, differ} = counts;
  const by = keys.length === 0 ? null : keys.map(({name}) => name).join(', ');
  const result: TableDifference = {...table, by, onlyOne, onlyOther, differ};
  const keyOf = (letter: 'a' | 'b') =>
    keys.map((each) => shown(`${letter}.${quoted(letter === 'a' ? each.one : each.other)}`));
  const listed = columns.slice(0, mostListed);
  const [mine, theirs] = [`main.${quoted(pair.one)} a`, `other.${quoted(pair.other)} b`];
  const ask = (mark: RowDifference['mark'], many: number | null, parts: string[], rest: string): void => {
    const selected = parts.map((part, index) => `${part} AS c${index}`).join(', ');
    result.rows.push(
      ...rowsOf(database, `SELECT ${selected} FROM ${rest}`, {mark, many, columns, listing}, keys),
    );
  };
  const [ofOne, ofOther] = [
    listed.map((each) => shown(`a.${quoted(each.one)}`)),
    listed.map((each) => shown(`b.${quoted(each.other)}`)),
  ];
  const three = listed.flatMap((each, index) => [
    same(each),
    ofOne[index] as string,
    ofOther[index] as string,
  ]);
  const [key, equal] = [all(keys.map(sameKey)), all(columns.map(same))];
  const numbered = (rows: (number | number[])[]): string =>
    `(VALUES ${rows.map((row) => `(${row})`).join()}) v CROSS JOIN`;
  const [both, lone, other] = unlike
    ? [
        `${numbered(unlike.first['!'])} ${mine} ON a.rowid = v.column1 CROSS JOIN ${theirs} ON b.rowid = v.column2`,
        `${numbered(unlike.first['-'])} ${mine} ON a.rowid = v.column1`,
        `${numbered(unlike.first['+'])} ${theirs} ON b.rowid = v.column1`,
      ]
    : [
        `${from(pair)} ON ${key} WHERE NOT ${equal}`,
        `${mine} WHERE NOT EXISTS (SELECT 1 FROM ${theirs} WHERE ${key})`,
        `${theirs} WHERE NOT EXISTS (SELECT 1 FROM ${mine} WHERE ${key})`,
      ];
  ask('!', differ, [...keyOf('a'), ...three], both);
  ask('-', onlyOne, [...keyOf('a'), ...ofOne], lone);
  ask('+', onlyOther, [...keyOf('b'), ...ofOther], other);
  return result;
}

/** Columns that are asked for of a row: SQLite gives 2000, and three are needed for each. */
const mostListed = 300;

type Asked = {mark: RowDifference['mark']; many: number | null; columns: SharedColumn[]; listing: Listing};

/** The first rows of a kind, as many as may be listed. @param keys what tells it apart: the values begin with that */
function rowsOf(
  database: DatabaseSync,
  sql: string,
  {mark, many, columns, listing}: Asked,
  keys: SharedColumn[],
): RowDifference[] {
  const most = Math.min(mostRows, listing.left);
  if (many === 0 || most === 0) return [];
  const rows = database.prepare(`${sql} LIMIT ${most}`).all();
  listing.left -= rows.length;
  return rows.map((row) => {
    const values = Object.values(row);
    const rest = values.slice(keys.length);
    const said = columns.slice(0, mostListed).flatMap((column, index) => {
      const {name} = column;
      if (mark !== '!') {
        if (keys.includes(column)) return [];
        const value = String(rest[index]);
        return [{name, one: mark === '-' ? value : null, other: mark === '+' ? value : null}];
      }
      const [equal, one, other] = rest.slice(index * 3, index * 3 + 3);
      return equal === 1 ? [] : [{name, one: String(one), other: String(other)}];
    });
    const left = Math.max(0, said.length - mostColumns);
    return {mark, key: values.slice(0, keys.length).join(', '), columns: said.slice(0, mostColumns), left};
  });
}

/** Rows without a key: how often each stands on either side. What has the same place on both is the same already. */
function byWholeRows(
  database: DatabaseSync,
  pair: TablePair,
  table: TableDifference,
  listing: Listing,
): TableDifference {
  const {columns} = pair;
  const isPlaced = hasRowid(database, pair);
  const equal = all(columns.map(same));
  const side = (letter: 'a' | 'b', sign: 1 | -1): string => {
    const [mine, theirs] = [`main.${quoted(pair.one)} a`, `other.${quoted(pair.other)} b`];
    const names = columns.map(
      (each, index) => `${letter}.${quoted(letter === 'a' ? each.one : each.other)} AS c${index}`,
    );
    const unplaced = isPlaced
      ? ` WHERE NOT EXISTS (SELECT 1 FROM ${letter === 'a' ? theirs : mine} WHERE a.rowid = b.rowid AND ${equal})`
      : '';
    return `SELECT ${names.join(', ')}, ${sign} AS side FROM ${letter === 'a' ? mine : theirs}${unplaced}`;
  };
  const cells = columns.map((_, index) => `c${index}`);
  const groups = `SELECT ${cells.join(', ')}, sum(side) AS n FROM (${side('a', 1)} UNION ALL ${side('b', -1)})
    GROUP BY ${cells.map((cell) => `${cell} COLLATE BINARY, typeof(${cell})`).join(', ')} HAVING n <> 0`;
  const counts = database
    .prepare(`SELECT total(max(n, 0)) AS one, total(max(-n, 0)) AS other FROM (${groups})`)
    .get();
  const result = {
    ...table,
    onlyOne: Number(counts?.['one']),
    onlyOther: Number(counts?.['other']),
    differ: 0,
  };
  for (const [mark, where, many] of [
    ['-', 'n > 0', result.onlyOne],
    ['+', 'n < 0', result.onlyOther],
  ] as const) {
    const list = cells
      .slice(0, mostListed)
      .map((cell, index) => `${shown(cell)} AS s${index}`)
      .join(', ');
    const asked = {mark, many, columns, listing};
    result.rows.push(...rowsOf(database, `SELECT ${list} FROM (${groups}) WHERE ${where}`, asked, []));
  }
  return result;
}

/** Whether the rows of both have the number that SQLite gives them, under its usual name. */
function hasRowid(database: DatabaseSync, {one, other, mayBePlaced}: TablePair): boolean {
  if (!mayBePlaced) return false;
  try {
    for (const table of [`main.${quoted(one)}`, `other.${quoted(other)}`])
      database.prepare(`SELECT rowid FROM ${table} LIMIT 1`).get();
    return true;
  } catch {
    // A table WITHOUT ROWID: then every row is compared.
    return false;
  }
}
