import {compact, isMap, likelyFirst, readValue, type Values} from './record-values.ts';
import type {Entry} from './scan-json.ts';
import {fieldsOf} from './scan-lines.ts';
import {blank, type ComparedAs, type RowDifference, type TableDifference} from './tables.ts';

/** Fields of the first entry that are tried. */
const mostFields = 6;

/** Two entries cannot be told apart so: all has to be read again, with the next field. */
export class Again extends Error {
  readonly table: string;
  constructor(table: string) {
    super('again');
    this.table = table;
  }
}

/** How the text of a file is made of entries. */
export type Format = Exclude<ComparedAs, 'sqlite'>;

/** The column names of a CSV file, and what parts them. */
export type Head = {names: string[]; separator: string};

/** One list or map of both sides. */
export class RecordTable {
  readonly id: string;
  readonly number: number;
  readonly format: Format;
  readonly isMap: boolean;
  readonly difference: TableDifference;
  /** What tells entries apart: undefined before the first one was seen, null for the whole of them. */
  #field: string | null | undefined;
  readonly #attempt: number;

  constructor(id: string, number: number, entry: Entry, format: Format, attempt: number) {
    this.id = id;
    this.number = number;
    this.format = format;
    this.isMap = entry.isMap;
    this.#attempt = attempt;
    this.#field = format === 'text' ? null : undefined;
    this.difference = {...blank(entry.under ?? ''), onlyOne: 0, onlyOther: 0, differ: 0};
    if (this.isMap) this.difference.by = 'key';
  }

  get isWhole(): boolean {
    return !this.isMap && this.#field === null;
  }

  /** What an entry says. @throws SyntaxError */
  valueOf(text: string, head: Head | null): unknown {
    if (this.format === 'text') return text;
    if (this.isMap) return Object.values(readValue(`{${text}}`) as Values)[0];
    if (this.format !== 'csv') return readValue(text);
    const fields = fieldsOf(text, head?.separator ?? ',');
    return Object.fromEntries(
      fields.map((field, index) => [head?.names[index] ?? `column ${index + 1}`, field]),
    );
  }

  /** @throws Again where it has nothing that tells it apart; SyntaxError */
  nameOf(entry: Entry, head: Head | null): string {
    if (entry.key !== null) return entry.key;
    const text = entry.bytes.toString();
    if (this.#field === null) return this.format === 'text' || this.format === 'csv' ? text : compact(text);
    const value = this.valueOf(text, head);
    this.#field ??= this.#choose(value, head);
    if (this.#field === null) return this.nameOf(entry, head);
    const name = isMap(value) && Object.hasOwn(value, this.#field) ? value[this.#field] : null;
    if (typeof name !== 'string' && typeof name !== 'number') throw new Again(this.id);
    return JSON.stringify(name);
  }

  #choose(value: unknown, head: Head | null): string | null {
    const fields =
      this.format === 'csv' ? (head?.names.slice(0, 1) ?? []) : isMap(value) ? candidates(value) : [];
    const field = fields[this.#attempt] ?? null;
    const failed = fields.slice(0, this.#attempt);
    if (failed.length > 0)
      this.difference.notes.push(`Not told apart by ${failed.join(', ')}: some have none, or the same.`);
    this.difference.by = field;
    return field;
  }

  list(row: RowDifference): void {
    this.difference.rows.push(row);
  }
}

function candidates(first: Values): string[] {
  const isScalar = (field: string): boolean => ['string', 'number'].includes(typeof first[field]);
  return likelyFirst(Object.keys(first)).filter(isScalar).slice(0, mostFields);
}
