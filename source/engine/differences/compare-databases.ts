import fs from 'node:fs';
import type {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import {Directory} from '../base/directory.ts';
import {inodeOf} from '../base/files.ts';
import {describeError} from '../base/problem.ts';
import {checkSqlite} from '../content/check-sqlite.ts';
import {openDatabase} from '../datasets/node-sqlite.ts';
import {quoted, readSchema, type SchemaFacts, schemaNotes} from './sqlite-schema.ts';
import {compareTable} from './sqlite-table.ts';
import {
  blank,
  type ComparisonJob,
  type ComparisonLine,
  mostRowsAtAll,
  type TableDifference,
} from './tables.ts';
import {takeSide} from './take-side.ts';

/** Bytes that SQLite may take of memory, whatever a file makes it do. */
const mostMemory = 96 * 1024 * 1024;
/** KiB of pages that it keeps of each database. */
const cache = 8000;
/** Tables that are looked at; more would be no use to anybody. */
const mostTables = 1000;

const sides = [
  ['one', '-'],
  ['other', '+'],
] as const;

/**
 * Compares two databases, on private copies that SQLite opens as immutable: nothing is made beside them, nothing of
 * their schemas is run but what SQLite holds harmless, and nothing is written. What is told of a table is about rows that
 * SQLite can read; whether it finds its structure sound is said before.
 */
export async function* compareDatabases(
  job: ComparisonJob,
  signal: AbortSignal,
): AsyncGenerator<ComparisonLine, void, undefined> {
  const {into} = job;
  if (into === null) throw new Error('no private place');
  using directory = Directory.open(into.path);
  if (inodeOf(directory.stats) !== into.inode)
    throw new Error('the directory for private copies was swapped');
  for (const [index, [side, mark]] of sides.entries()) {
    yield {is: 'doing', what: `copying the ${mark} side`, done: index, of: 4};
    const why = await takeSide(job[side].file, job[side].isLive, `${directory.path}/${side}`, signal);
    if (why !== null) {
      yield {is: 'not so', why: `of the ${mark} side there is no private copy: ${why}`};
      return;
    }
  }
  for (const [index, [side, mark]] of sides.entries()) {
    yield {is: 'doing', what: `SQLite's check of the ${mark} side`, done: index + 2, of: 4};
    const file = `${into.path}/${side}`;
    const {state, check, detail} = await checkSqlite(file, fs.statSync(file).size);
    if (state === 'broken')
      yield {
        is: 'note',
        text: `x The ${mark} side is broken inside: ${detail}. What is counted may not be all there was.`,
      };
    else if (state === 'not checked') yield {is: 'note', text: `! The ${mark} side: ${detail}.`};
    else yield {is: 'note', text: `+ The ${mark} side: SQLite finds it sound (${check}).`};
  }
  yield* compareTables(into.path);
}

async function* compareTables(into: string): AsyncGenerator<ComparisonLine, void, undefined> {
  using database = await openDatabase(`${into}/one`, {readOnly: true, immutable: '1'});
  try {
    database.exec(`PRAGMA cell_size_check=ON; PRAGMA hard_heap_limit=${mostMemory}`);
    const second = await openDatabase(`${into}/other`, {readOnly: true, immutable: '1'});
    try {
      if (encodingOf(database) !== encodingOf(second)) {
        yield* countedOnly(database, second);
        return;
      }
    } finally {
      second.close();
    }
    const other = pathToFileURL(`${into}/other`);
    other.searchParams.set('immutable', '1');
    database.prepare('ATTACH ? AS other').run(other.href);
    database.exec(`PRAGMA main.cache_size=-${cache}; PRAGMA other.cache_size=-${cache}`);
    const [mine, theirs] = [readSchema(database, 'main'), readSchema(database, 'other')];
    for (const text of schemaNotes(mine, theirs)) yield {is: 'note', text};
    const virtual = [...new Set([...mine.virtual, ...theirs.virtual])];
    if (virtual.length > 0)
      yield {
        is: 'note',
        text: `Virtual tables are not opened: ${virtual.slice(0, 10).join(', ')}${virtual.length > 10 ? ' …' : ''}. The tables that hold their data are compared.`,
      };
    yield* eachTable(database, mine, theirs);
  } catch (error) {
    yield {is: 'not so', why: `SQLite cannot compare them: ${describeError(error)}`};
  }
}

const encodingOf = (database: DatabaseSync): string =>
  String(database.prepare('PRAGMA encoding').get()?.['encoding']);

/** SQLite attaches no database whose texts are encoded otherwise: the rows of each side are counted by themselves. */
function* countedOnly(one: DatabaseSync, other: DatabaseSync): Generator<ComparisonLine> {
  yield {
    is: 'note',
    text: `! The - side keeps texts as ${encodingOf(one)}, the + side as ${encodingOf(other)}: SQLite compares no rows of the two.`,
  };
  const [mine, theirs] = [readSchema(one, 'main'), readSchema(other, 'main')];
  for (const text of schemaNotes(mine, theirs)) yield {is: 'note', text};
  const folded = [...new Set([...mine.tables.keys(), ...theirs.tables.keys()])].sort().slice(0, mostTables);
  const rowsIn = (database: DatabaseSync, called: string | undefined): number | null =>
    called === undefined
      ? null
      : Number(database.prepare(`SELECT count(*) AS n FROM ${quoted(called)}`).get()?.['n']);
  const names = folded.map((name) => (mine.tables.get(name) ?? theirs.tables.get(name))?.name ?? name);
  yield {is: 'tables', as: 'sqlite', names};
  for (const [index, name] of folded.entries()) {
    const counted = {
      one: rowsIn(one, mine.tables.get(name)?.name),
      other: rowsIn(other, theirs.tables.get(name)?.name),
    };
    const reason = 'the sides keep texts in two encodings';
    yield {is: 'table', index, table: {...blank(names[index] ?? name), ...counted, reason}};
  }
}

function* eachTable(
  database: DatabaseSync,
  mine: SchemaFacts,
  theirs: SchemaFacts,
): Generator<ComparisonLine> {
  const folded = [...new Set([...mine.tables.keys(), ...theirs.tables.keys()])].sort();
  const names = folded.map((name) => (mine.tables.get(name) ?? theirs.tables.get(name))?.name ?? name);
  yield {is: 'tables', as: 'sqlite', names: names.slice(0, mostTables)};
  if (names.length > mostTables)
    yield {is: 'note', text: `${names.length - mostTables} more tables are not compared.`};
  const listing = {left: mostRowsAtAll};
  for (const [index, name] of folded.slice(0, mostTables).entries()) {
    const shown = names[index] as string;
    yield {is: 'doing', what: `table ${shown}`, done: index, of: names.length};
    const [one, other] = [mine.tables.get(name)?.name ?? null, theirs.tables.get(name)?.name ?? null];
    yield {is: 'table', index, table: tableOf(database, shown, one, other, listing)};
  }
}

function tableOf(
  database: DatabaseSync,
  shown: string,
  one: string | null,
  other: string | null,
  listing: {left: number},
): TableDifference {
  try {
    return compareTable(database, {shown, one, other}, listing);
  } catch (error) {
    return {...blank(shown), reason: `SQLite cannot compare it: ${describeError(error)}`};
  }
}
