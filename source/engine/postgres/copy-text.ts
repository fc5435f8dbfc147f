import {StringDecoder} from 'node:string_decoder';

/** The two names of a table, as a catalog has them. */
export type TableName = {schema: string; name: string};

const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;

const nameText = '"(?:[^"]|"")+"|[^".]+';
const both = new RegExp(`^(${nameText})[.](${nameText})$`);

/** Of `schema.table` as a server quotes it; null where it is none. */
export function tableName(quoted: string): TableName | null {
  const [, schema, name] = both.exec(quoted) ?? [];
  return schema === undefined || name === undefined ? null : {schema: unquoted(schema), name: unquoted(name)};
}

/** Columns as a statement lists them: `id, "full name"`. */
const columnsOf = (list: string): string[] => (list.match(/"(?:[^"]|"")+"|[^", ]+/g) ?? []).map(unquoted);

const escapes: Record<string, string> = {b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v'};

/** A value of COPY's text format (PostgreSQL, "COPY", "Text Format"). */
const valueIn = (text: string): string | null =>
  text === '\\N' ? null : text.replace(/\\([\s\S])/g, (_, letter: string) => escapes[letter] ?? letter);

/** Characters of one row; nobody could look at a longer one. */
const longestRow = 64 * 1024 * 1024;

/** Names may have line breaks in them. */
const statement = /^COPY .+ \((.*)\) FROM stdin;$/s;

/**
 * Takes the rows out of what COPY writes, or pg_restore of one table, as lines of JSON whose values are all text: written
 * alike, two of them say the same.
 */
export class CopyText {
  readonly #decoder = new StringDecoder('utf8');
  readonly #take: (line: string) => void;
  /** Of the rows that come; null outside of them. */
  #keys: string[] | null;
  #rest = '';
  /** Of a statement that is not at its end. */
  #begun = '';
  rows = 0;
  /** Rows came, or were announced. */
  isFound: boolean;
  /** Why nothing more can be taken; null while all is well. */
  flaw: string | null = null;

  /** @param columns null where the text says them itself */
  constructor(columns: readonly string[] | null, take: (line: string) => void) {
    this.#take = take;
    this.#keys = columns?.map((name) => JSON.stringify(name)) ?? null;
    this.isFound = columns !== null;
  }

  /** @returns false once nothing more is wanted */
  write(block: Buffer): boolean {
    const lines = (this.#rest + this.#decoder.write(block)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestRow) this.flaw = 'a row of it is longer than 64 MB';
    for (const line of lines) if (this.flaw === null) this.#line(line);
    return this.flaw === null;
  }

  #line(line: string): void {
    const keys = this.#keys;
    if (keys === null) {
      const encoding = /^SET client_encoding = '(.*)';$/.exec(line)?.[1];
      if (encoding !== undefined && encoding !== 'UTF8') this.flaw = `it is written in ${encoding}`;
      if (this.#begun === '' && !line.startsWith('COPY ')) return;
      this.#begun += this.#begun === '' ? line : `\n${line}`;
      const columns = statement.exec(this.#begun)?.[1];
      if (columns === undefined) return;
      this.#begun = '';
      this.#keys = columnsOf(columns).map((name) => JSON.stringify(name));
      this.isFound = true;
    } else if (line === '\\.') this.#keys = null;
    else {
      const values = line === '' && keys.length === 0 ? [] : line.split('\t');
      if (values.length !== keys.length) {
        this.flaw = `row ${this.rows + 1} of it has ${values.length} columns, not ${keys.length}`;
        return;
      }
      const said = values.map((value, index) => `${keys[index]}:${JSON.stringify(valueIn(value))}`);
      this.rows++;
      this.#take(`{${said}}\n`);
    }
  }
}
