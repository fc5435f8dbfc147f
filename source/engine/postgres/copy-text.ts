import {StringDecoder} from 'node:string_decoder';

/** The two names of a table, as a catalog has them. */
export type TableName = {schema: string; name: string};

const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;

const nameText = '"(?:[^"]|"")+"|[^". ]+';
// Who types a name may leave its quotes out.
const both = /^("(?:[^"]|"")+"|[^".]+)[.]("(?:[^"]|"")+"|[^".]+)$/;

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

/** Characters of a statement: 1,600 columns of 63 bytes, and more. */
const longestStatement = 1024 * 1024;

/** Names may have line breaks in them. */
const statement = new RegExp(`^COPY (?:${nameText})[.](?:${nameText}) (?:\\((.*)\\) )? *FROM stdin;$`, 's');

/**
 * Takes the rows out of what COPY writes, or pg_restore of one table, as lines of JSON whose values are all text: written
 * alike, two of them say the same.
 */
export class CopyText {
  readonly #decoder = new StringDecoder('utf8');
  readonly #take: (line: string) => void;
  /** Of the rows that come; null outside of them. */
  #keys: string[] | null;
  /** Of a row that is not at its end, and how long that is. */
  #rest: string[] = [];
  #length = 0;
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
    const [first = '', ...more] = this.#decoder.write(block).split('\n');
    this.#rest.push(first);
    this.#length += first.length;
    if (this.#length > longestRow) this.flaw = 'a row of it is longer than 64 MB';
    for (const next of more) {
      // A long row comes in many blocks: they are put together once.
      const line = this.#rest.join('');
      this.#rest = [next];
      this.#length = next.length;
      if (this.flaw === null) this.#line(line);
    }
    return this.flaw === null;
  }

  #line(line: string): void {
    const keys = this.#keys;
    if (keys === null) {
      const encoding = /^SET client_encoding = '(.*)';$/.exec(line)?.[1];
      if (encoding !== undefined && encoding !== 'UTF8') this.flaw = `it is written in ${encoding}`;
      if (this.#begun === '' && !line.startsWith('COPY ')) return;
      this.#begun += this.#begun === '' ? line : `\n${line}`;
      if (!line.endsWith(' FROM stdin;')) {
        if (this.#begun.length > longestStatement) this.flaw = 'a statement in it does not end';
        return;
      }
      const found = statement.exec(this.#begun);
      if (!found) return;
      this.#begun = '';
      this.#keys = columnsOf(found[1] ?? '').map((name) => JSON.stringify(name));
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
