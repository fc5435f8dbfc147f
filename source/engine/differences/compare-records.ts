import fs from 'node:fs';
import {openInside} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {RecordIndex} from './record-index.ts';
import {Again, type Format, type Head, RecordTable} from './record-table.ts';
import {readValue, rowOf, saysSame} from './record-values.ts';
import {type Entry, JsonScan} from './scan-json.ts';
import {fieldsOf, scanLines, separatorOf} from './scan-lines.ts';
import {type ComparisonJob, type ComparisonLine, mostRows, mostRowsAtAll} from './tables.ts';
import {CutShort, EntryReader, Window} from './window.ts';

/** Bytes between two times that it is told how far it is. */
const toldEvery = 16 * 1024 * 1024;
/** Keys at the top of a map up to which what stands under each is looked into; more are entries themselves. */
const mostTables = 100;
/** Times that all is read again. */
const mostAttempts = 12;

class Flat extends Error {}

type Side = {mark: '-' | '+'; fd: number; stats: fs.Stats; head: Head | null};
type How = {format: Format; isDeep: boolean; attempts: Map<string, number>};

/**
 * Compares two files by their entries: of JSON, of lines of JSON, of CSV, or by lines. Both are read from beginning to end
 * and never held: of one is known where each entry lies, the other's are compared with them byte by byte, and what
 * differs so is looked at.
 */
export function compareRecords(
  {one, other}: ComparisonJob,
  format: Format,
  tell: (telling: ComparisonLine) => void,
): void {
  const sides: Side[] = [];
  try {
    for (const [{file}, mark] of [
      [one, '-'],
      [other, '+'],
    ] as const) {
      const opened = openInside(file.directory, file.segments);
      if ('status' in opened) throw new Error(`on the ${mark} side ${opened.reason}`);
      sides.push({mark, fd: opened.fd, stats: opened.stats, head: null});
    }
    const [first, second] = sides as [Side, Side];
    const how: How = {format, isDeep: true, attempts: new Map()};
    for (let attempt = 1; ; attempt++) {
      try {
        new Comparison(first, second, how, tell).run();
        break;
      } catch (error) {
        if (attempt === mostAttempts) throw error;
        if (error instanceof Flat) how.isDeep = false;
        else if (error instanceof Again)
          how.attempts.set(error.table, (how.attempts.get(error.table) ?? 0) + 1);
        else throw error;
      }
    }
  } catch (error) {
    tell({is: 'not so', why: describeError(error)});
  } finally {
    for (const {fd} of sides) fs.closeSync(fd);
  }
}

class Comparison {
  readonly #sides: [Side, Side];
  readonly #how: How;
  readonly #tell: (telling: ComparisonLine) => void;
  readonly #tables = new Map<string, RecordTable>();
  readonly #index = new RecordIndex();
  readonly #notes: string[] = [];
  /** Why not all of a side is compared. */
  readonly #flaws: string[] = [];
  #listed = 0;
  /** Whether the same bytes say the same: of CSV where the columns are. */
  #isLiteral = true;
  /** Of the entry before: most are of the same table. */
  #last: {entry: Entry; table: RecordTable} | null = null;

  constructor(one: Side, other: Side, how: How, tell: (telling: ComparisonLine) => void) {
    this.#sides = [one, other];
    this.#how = how;
    this.#tell = tell;
  }

  run(): void {
    const [one, other] = this.#sides;
    const {format} = this.#how;
    this.#scan(one, (entry, table) => {
      const {difference, number, isWhole} = table;
      difference.one = (difference.one ?? 0) + 1;
      const name = table.nameOf(entry, one.head);
      const isNew = this.#index.add(number, name, entry.at, entry.bytes.length, isWhole);
      if (!isNew && !isWhole) this.#twice(table);
    });
    const entries = new EntryReader(one.fd);
    this.#scan(other, (entry, table) => this.#match(entry, table, entries));
    this.#rest(entries);
    for (const {fd, mark, stats} of this.#sides) {
      const {size, mtimeMs} = fs.fstatSync(fd);
      if (size !== stats.size || mtimeMs !== stats.mtimeMs)
        this.#notes.unshift(`! The ${mark} side was written to while it was compared.`);
    }
    const tables = [...this.#tables.values()].map(({difference}) => difference);
    if (tables.length === 0) throw new Error(this.#flaws.join('; ') || 'there are no entries');
    this.#tell({is: 'tables', as: format, names: tables.map(({name}) => name)});
    for (const [index, table] of tables.entries()) this.#tell({is: 'table', index, table});
    if (![...this.#tables.values()].every(({isMap}) => isMap))
      this.#notes.push('Compared wherever they stand: another order is no difference.');
    for (const text of this.#notes) this.#tell({is: 'note', text});
  }

  /** A key that stands twice in a map is no field that another could take the place of: the later one counts. */
  #twice(table: RecordTable): void {
    if (!table.isMap) throw new Again(table.id);
    const note = `! ${table.difference.name === '' ? 'A key' : `${table.difference.name}: a key`} stands twice on one side; readers take the last.`;
    if (!this.#notes.includes(note)) this.#notes.push(note);
  }

  #table(entry: Entry): RecordTable {
    const {under, isMap} = entry;
    if (this.#last && this.#last.entry.under === under && this.#last.entry.isMap === isMap)
      return this.#last.table;
    const id = `${isMap ? 'map' : 'list'} ${under === null ? '' : JSON.stringify(under)}`;
    let table = this.#tables.get(id);
    if (!table) {
      if (this.#tables.size === mostTables) throw new Flat();
      table = new RecordTable(
        id,
        this.#tables.size,
        entry,
        this.#how.format,
        this.#how.attempts.get(id) ?? 0,
      );
      this.#tables.set(id, table);
    }
    this.#last = {entry, table};
    return table;
  }

  #scan(side: Side, on: (entry: Entry, table: RecordTable) => void): void {
    const {fd, mark, stats} = side;
    const {format, isDeep} = this.#how;
    let read = 0;
    const window = new Window(fd, stats.size, (bytes) => {
      const before = read;
      read += bytes;
      if (Math.floor(read / toldEvery) === Math.floor(before / toldEvery) && before > 0) return;
      const part = stats.size === 0 ? 100 : Math.floor((read / stats.size) * 100);
      this.#tell({is: 'doing', what: `reading the ${mark} side, ${part}%`, done: 0, of: 0});
    });
    this.#last = null;
    side.head = null;
    const each = (entry: Entry): void => {
      if (format === 'json lines' && entry.bytes.length < 4 && entry.bytes.toString().trim() === '') return;
      const isHead = format === 'csv' && side.head === null;
      if (isHead) {
        side.head = headOf(entry.bytes.toString());
        const [one, other] = this.#sides.map(({head}) => JSON.stringify(head));
        this.#isLiteral = one === other;
      } else on(entry, this.#table(entry));
    };
    try {
      if (format === 'json') new JsonScan(window, each).run(isDeep);
      else if (!scanLines(window, each, format === 'csv')) {
        this.#notes.push(
          `x The ${mark} side: a quote is never closed. All behind it is taken for one entry.`,
        );
        this.#tell({is: 'in part'});
      }
    } catch (error) {
      const isNone = error instanceof SyntaxError;
      const flaw = isNone ? new CutShort('an entry is not JSON') : error instanceof CutShort ? error : null;
      if (!flaw) throw error;
      this.#flaws.push(`of the ${mark} side ${flaw.message}`);
      this.#notes.push(`x The ${mark} side: ${flaw.message}. What stands before that is compared.`);
      // What stands behind may be on the other side too.
      if (!flaw.isEnd) this.#tell({is: 'in part'});
    }
  }

  #match(entry: Entry, table: RecordTable, entries: EntryReader): void {
    const [one, other] = this.#sides;
    const {difference, number} = table;
    difference.other = (difference.other ?? 0) + 1;
    const name = table.nameOf(entry, other.head);
    const found = this.#index.find(number, name);
    if (found === -1 || !this.#index.meet(found)) {
      if (found !== -1 && !table.isWhole) {
        this.#twice(table);
        return;
      }
      difference.onlyOther = (difference.onlyOther ?? 0) + 1;
      this.#list(table, '+', name, undefined, entry.bytes.toString());
      return;
    }
    if (table.isWhole) return;
    const {at, bytes} = this.#index.where(found);
    const mine = entries.at(at, bytes);
    if (this.#isLiteral && mine.equals(entry.bytes)) return;
    const [left, right] = [mine.toString(), entry.bytes.toString()];
    const isSame =
      table.format === 'csv'
        ? saysSame(
            JSON.stringify(table.valueOf(left, one.head)),
            JSON.stringify(table.valueOf(right, other.head)),
          )
        : table.isMap
          ? saysSame(`{${left}}`, `{${right}}`)
          : saysSame(left, right);
    if (isSame) return;
    difference.differ = (difference.differ ?? 0) + 1;
    this.#list(table, '!', name, left, right);
  }

  /** What the other side did not meet. */
  #rest(entries: EntryReader): void {
    const tables = [...this.#tables.values()];
    for (let number = 0; number < this.#index.count; number++) {
      const {at, bytes, table: of, left} = this.#index.where(number);
      const table = tables[of];
      if (left === 0 || !table) continue;
      table.difference.onlyOne = (table.difference.onlyOne ?? 0) + left;
      this.#list(table, '-', null, entries.at(at, bytes).toString(), undefined);
    }
  }

  #list(table: RecordTable, mark: '-' | '+' | '!', name: string | null, one?: string, other?: string): void {
    const {rows, by} = table.difference;
    if (this.#listed === mostRowsAtAll || rows.filter((row) => row.mark === mark).length >= mostRows) return;
    const [mine, theirs] = this.#sides;
    try {
      const left = one === undefined ? undefined : table.valueOf(one, mine.head);
      const right = other === undefined ? undefined : table.valueOf(other, theirs.head);
      const value = (left ?? right) as {[field: string]: unknown} | null;
      const key = table.isWhole
        ? ''
        : table.isMap
          ? (name ?? keyOf(one))
          : JSON.stringify(value?.[by ?? ''] ?? '');
      table.list(rowOf(key, left, right, table.isMap ? null : by));
      this.#listed++;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // It is counted; what it says cannot be shown.
    }
  }
}

const keyOf = (entry = ''): string => Object.keys(readValue(`{${entry}}`) as object)[0] ?? '';

function headOf(line: string): Head {
  const separator = separatorOf(line);
  return {names: fieldsOf(line, separator), separator};
}
