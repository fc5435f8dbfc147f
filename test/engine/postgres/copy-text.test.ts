import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {CopyText, tableName} from '../../../source/engine/postgres/copy-text.ts';

/** As COPY writes a value (PostgreSQL, "COPY", "Text Format"). */
const written = (value: string | null): string =>
  value === null
    ? '\\N'
    : value
        .replaceAll('\\', '\\\\')
        .replaceAll('\b', '\\b')
        .replaceAll('\f', '\\f')
        .replaceAll('\n', '\\n')
        .replaceAll('\r', '\\r')
        .replaceAll('\t', '\\t')
        .replaceAll('\v', '\\v');

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const read = (text: Uint8Array, columns: string[] | null, step = 7) => {
  const rows: unknown[] = [];
  const reader = new CopyText(columns, (line) => rows.push(JSON.parse(line)));
  for (let at = 0; at < text.length; at += step) reader.write(Buffer.from(text.subarray(at, at + step)));
  return {rows, reader};
};

const name = fc
  .string({unit: 'grapheme', minLength: 1})
  .filter((text) => !text.includes('\0') && text.isWellFormed());
const value = fc.option(
  fc.string({unit: 'grapheme'}).filter((text) => !text.includes('\0') && text.isWellFormed()),
);
const table = fc.uniqueArray(name, {minLength: 1, maxLength: 4}).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.tuple(...columns.map(() => value)), {maxLength: 5}),
  }),
);

describe('rows as COPY writes them', () => {
  test('come out as they went in, wherever the blocks are cut', () => {
    fc.assert(
      fc.property(table, fc.integer({min: 1, max: 20}), ({columns, rows}, step) => {
        const text = rows.map((row) => `${row.map(written).join('\t')}\n`).join('');
        const found = read(Buffer.from(text), columns, step);
        expect(found.reader).toMatchObject({flaw: null, rows: rows.length});
        expect(
          found.rows.map((row) => columns.map((column) => (row as Record<string, unknown>)[column])),
        ).toEqual(rows);
      }),
    );
  });

  test('come out of what pg_restore writes around them', () => {
    fc.assert(
      fc.property(table, name, ({columns, rows}, of) => {
        const text = [
          "SET client_encoding = 'UTF8';",
          "SELECT pg_catalog.set_config('search_path', '', false);",
          `COPY public.${quoted(of)} (${columns.map(quoted).join(', ')}) FROM stdin;`,
          ...rows.map((row) => row.map(written).join('\t')),
          '\\.',
          'not\ta row',
          '',
        ].join('\n');
        const found = read(Buffer.from(text), null);
        expect(found.reader).toMatchObject({flaw: null, isFound: true, rows: rows.length});
        expect(found.rows.map((row) => Object.values(row as object).length)).toEqual(
          rows.map(() => columns.length),
        );
      }),
    );
  });

  test('of a table without columns are counted', () => {
    const {reader, rows} = read(Buffer.from('COPY public.t  FROM stdin;\n\n\n\\.\n'), null);
    expect(reader).toMatchObject({flaw: null, rows: 2});
    expect(rows).toEqual([{}, {}]);
  });

  test('of another number of columns are told', () => {
    const {reader, rows} = read(Buffer.from('1\ta\n2\n3\tc\n'), ['id', 'name']);
    expect(rows).toEqual([{id: '1', name: 'a'}]);
    expect(reader.flaw).toBe('row 2 of it has 1 columns, not 2');
  });

  test('in another encoding are told', () => {
    const {reader} = read(Buffer.from("SET client_encoding = 'LATIN1';\n"), null);
    expect(reader).toMatchObject({flaw: 'it is written in LATIN1', isFound: false});
  });

  test('that are not there are not found', () => {
    expect(read(Buffer.from("SET client_encoding = 'UTF8';\n"), null).reader).toMatchObject({
      flaw: null,
      isFound: false,
    });
  });
});

describe('the name of a table', () => {
  test('is what a server quotes', () => {
    fc.assert(
      fc.property(name, name, (schema, of) => {
        expect(tableName(`${quoted(schema)}.${quoted(of)}`)).toEqual({schema, name: of});
      }),
    );
    expect(tableName('public.accounts')).toEqual({schema: 'public', name: 'accounts'});
    expect(tableName('public.to come')).toEqual({schema: 'public', name: 'to come'});
  });

  test.each(['', 'accounts', 'a.b.c', '"a.b', 'a."b"c'])('%j is none', (text) => {
    expect(tableName(text)).toBeNull();
  });
});
