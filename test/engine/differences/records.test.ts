import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {beforeEach, describe, expect, test, vi} from 'vitest';
import {compareRecords} from '../../../source/engine/differences/compare-records.ts';
import type {Format} from '../../../source/engine/differences/record-table.ts';
import {JsonScan} from '../../../source/engine/differences/scan-json.ts';
import {fieldsOf, scanLines} from '../../../source/engine/differences/scan-lines.ts';
import type {TableDifference} from '../../../source/engine/differences/tables.ts';
import {Window} from '../../../source/engine/differences/window.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

let directory = '';
beforeEach(() => {
  directory = temporaryDirectory();
});

/** Compares two texts by their entries, in this process. */
function compared(
  one: string,
  other: string,
  format: Format = 'json',
  onDoing: (what: string) => void = () => {},
) {
  fs.writeFileSync(path.join(directory, 'one'), one);
  fs.writeFileSync(path.join(directory, 'other'), other);
  const side = (name: string) => ({file: {directory, segments: [name]}, isLive: false});
  const found = {
    tables: [] as TableDifference[],
    notes: [] as string[],
    why: null as string | null,
    isPart: false,
  };
  compareRecords({as: format, one: side('one'), other: side('other'), into: null}, format, (told) => {
    if (told.is === 'table') found.tables.push(told.table);
    else if (told.is === 'note') found.notes.push(told.text);
    else if (told.is === 'not so') found.why = told.why;
    else if (told.is === 'in part') found.isPart = true;
    else if (told.is === 'doing') onDoing(told.what);
  });
  return {...found, table: found.tables.find(({name}) => name === 'tenants') ?? found.tables[0]};
}

const counts = (table: TableDifference | undefined) =>
  table && [table.by, table.one, table.other, table.onlyOne, table.onlyOther, table.differ];
const order = 'Compared wherever they stand: another order is no difference.';

describe('JSON', () => {
  test('lists by the field that tells entries apart, formatted anyhow, in any order', () => {
    const {tables, table, notes} = compared(
      '{"revision": 1, "tenants": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"id": 3, "n": "c"}]}',
      '{"revision":1,"tenants":[{"id":4,"n":"d"},{"n":"a","id":1},{\n"id":2,"n":"B"}]}',
    );
    expect(counts(table)).toEqual(['id', 3, 3, 1, 1, 1]);
    expect(table?.rows).toEqual([
      {mark: '+', key: '4', columns: [{name: 'n', one: null, other: '"d"'}], left: 0},
      {mark: '!', key: '2', columns: [{name: 'n', one: '"b"', other: '"B"'}], left: 0},
      {mark: '-', key: '3', columns: [{name: 'n', one: '"c"', other: null}], left: 0},
    ]);
    expect(counts(tables[0])).toEqual(['key', 1, 1, 0, 0, 0]);
    expect(notes).toEqual([order]);
  });

  test('maps by their keys, and maps of more keys than anybody looks into', () => {
    const {table, notes} = compared('{"a": 1, "b": {"x": 1}, "c": 3}', '{"c": 3, "a": 1.0, "d": null}');
    expect(counts(table)).toEqual(['key', 2, 3, 0, 1, 1]);
    expect(table?.rows).toEqual([
      {mark: '!', key: 'a', columns: [], left: 0},
      {mark: '+', key: 'd', columns: [{name: '', one: null, other: 'null'}], left: 0},
    ]);
    expect(notes).toEqual([]);
    const many = (last: number) =>
      JSON.stringify(
        Object.fromEntries(
          Array.from({length: 500}, (_, index) => [`k${index}`, {v: index === 7 ? last : 0}]),
        ),
      );
    expect(compared(many(1), many(2)).tables.map(counts)).toEqual([['key', 500, 500, 0, 0, 1]]);
  });

  test('where ids are equal, the next field, else the whole of them; a key twice is said', () => {
    const next = compared(
      '[{"id":1,"mail":"a"},{"id":1,"mail":"b"}]',
      '[{"id":1,"mail":"b"},{"id":2,"mail":"a"}]',
    );
    expect(counts(next.table)).toEqual(['mail', 2, 2, 0, 0, 1]);
    expect(next.table?.notes).toEqual(['Not told apart by id: some have none, or the same.']);
    const whole = compared('[1, 2, 2, {"a": 1}]', '[2, {"a":1}, 3]');
    expect(counts(whole.table)).toEqual([null, 4, 3, 2, 1, 0]);
    const twice = compared('{"a": 1, "b": 1, "a": 2}', '{"a": 2, "b": 1}');
    expect(twice.notes).toEqual(['! A key stands twice on one side; readers take the last.']);
    expect(twice.table).toMatchObject({onlyOne: 0, onlyOther: 0, differ: 0});
  });

  test('of what is cut off, or deeper than anything reads, what stands before that', () => {
    const {table, notes, isPart} = compared(
      '{"tenants": [{"id": 1}, {"id": 2}]}',
      '{"tenants": [{"id": 1}, {"i',
    );
    expect(isPart).toBe(false);
    expect(counts(table)).toEqual(['id', 2, 1, 1, 0, 0]);
    expect(notes).toContain('x The + side: it is cut off at byte 27. What stands before that is compared.');
    const deep = compared(`[1, ${'['.repeat(10_000)}${']'.repeat(10_000)}]`, '[1]');
    expect(deep.isPart).toBe(true);
    expect(deep.notes[0]).toMatch(/^x The - side: it is nested deeper than 512 levels/);
    expect(counts(deep.table)).toEqual([null, 1, 1, 0, 0, 0]);
    expect(compared('nothing', 'of that').why).toBe(
      'of the - side it is not JSON from byte 0 on; of the + side it is not JSON from byte 0 on',
    );
  });
});

test('lines of JSON, lines of text', () => {
  const lines = compared(
    '{"id":"a","v":1}\n\n{"id":"b","v":2}\n',
    '{"id":"b","v":3}\n{"id":"c","v":1}',
    'json lines',
  );
  expect(counts(lines.table)).toEqual(['id', 2, 2, 1, 1, 1]);
  const text = compared('a\r\nb\nb\n', 'b\na\nc\n', 'text');
  expect(counts(text.table)).toEqual([null, 3, 3, 1, 1, 0]);
});

test('CSV by its first column, its columns by their names', () => {
  const {table} = compared(
    'id,name,n\n1,"a, ""b""",2\n2,"x\ny",3\n3,z,4\n',
    'id,n,name\n2,3,"x\ny"\n1,9,"a, ""b"""\n',
    'csv',
  );
  expect(counts(table)).toEqual(['id', 3, 2, 1, 0, 1]);
  expect(table?.rows[0]).toEqual({
    mark: '!',
    key: '"1"',
    columns: [{name: 'n', one: '"2"', other: '"9"'}],
    left: 0,
  });
  expect(counts(compared('id;v\n1;a\n1;b\n', 'id;v\n1;b\n1;c\n', 'csv').table)).toEqual([
    null,
    2,
    2,
    1,
    1,
    0,
  ]);
  expect(fieldsOf('"a""b",,c,', ',')).toEqual(['a"b', '', 'c', '']);
});

/** What is found in a text that is read so many bytes at once. */
function scanned(
  text: string,
  bytes: number,
  scan: (window: Window, on: (text: string) => void) => void,
): string[] {
  const file = path.join(directory, 'scanned');
  fs.writeFileSync(file, text);
  const fd = fs.openSync(file, 'r');
  const found: string[] = [];
  try {
    scan(new Window(fd, Buffer.byteLength(text), () => {}, bytes), (each) => found.push(each));
  } finally {
    fs.closeSync(fd);
  }
  return found;
}

test('entries are found wherever what is read at once ends', () => {
  const spaces = fc.constantFrom(undefined, 2, '\t');
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), spaces, fc.integer({min: 1, max: 40}), (values, space, bytes) => {
      const text = JSON.stringify(values, null, space);
      const found = scanned(text, bytes, (window, on) =>
        new JsonScan(window, (entry) => on(entry.bytes.toString())).run(true),
      );
      expect(found.map((each) => JSON.parse(each))).toEqual(JSON.parse(JSON.stringify(values)));
    }),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      spaces,
      fc.integer({min: 1, max: 40}),
      (map, space, bytes) => {
        const found = scanned(JSON.stringify(map, null, space), bytes, (window, on) =>
          new JsonScan(window, (entry) => on(`{${entry.bytes}}`)).run(false),
        );
        expect(Object.fromEntries(found.flatMap((each) => Object.entries(JSON.parse(each))))).toEqual(
          JSON.parse(JSON.stringify(map)),
        );
      },
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z,é ]*$/)), fc.integer({min: 1, max: 20}), (lines, bytes) => {
      const found = scanned(lines.map((line) => `${line}\n`).join(''), bytes, (window, on) =>
        scanLines(window, (entry) => on(entry.bytes.toString()), true),
      );
      expect(found).toEqual(lines);
    }),
  );
});

test('a quote that is never closed is told: what stands behind it is one entry', () => {
  const rows = (last: string) => `id,n\n1,a\n2,"b\n3,c\n4,${last}\n`;
  const {notes, isPart, table} = compared(rows('d'), rows('e'), 'csv');
  expect(counts(table)).toEqual(['id', 2, 2, 0, 0, 1]);
  expect(isPart).toBe(true);
  expect(notes.slice(0, 2)).toEqual(
    ['-', '+'].map(
      (mark) => `x The ${mark} side: a quote is never closed. All behind it is taken for one entry.`,
    ),
  );
});

test('entries that are too large to be held twice, and keys too long to be listed, take no memory', () => {
  const line = (megabytes: number, last: string) =>
    `{"id":1,"v":"${'x'.repeat(megabytes * 1024 * 1024)}${last}"}\n`;
  const found = compared(line(9, 'a'), line(9, 'b'), 'json lines');
  expect(found.why).toBe(
    'of the - side one entry is larger than 8 MB; of the + side one entry is larger than 8 MB',
  );
  const {table} = compared('{"a":1}', `{"a":1,"${'k'.repeat(100_000)}":2}`);
  expect(counts(table)).toEqual(['key', 1, 2, 0, 1, 0]);
  expect(table?.rows[0]?.key).toBe(`${'k'.repeat(80)}…`);
});

test.each([
  ['-', 'one'],
  ['+', 'other'],
])('that the %s side was written to meanwhile is said first', (mark, name) => {
  const text = '[{"id":1}]';
  const write = (change: () => void) => (what: string) => {
    if (what.includes(`the ${mark} side`)) change();
  };
  const file = path.join(directory, name);
  const note = `! The ${mark} side was written to while it was compared.`;
  const longer = compared(
    text,
    text,
    'json',
    write(() => fs.appendFileSync(file, ' ')),
  );
  expect(longer.notes).toEqual([note, order]);
  const touched = compared(
    text,
    text,
    'json',
    write(() => fs.utimesSync(file, 1, 1)),
  );
  expect(touched.notes).toEqual([note, order]);
  expect(compared(text, text).notes).toEqual([order]);
});

test('in another order, no more is read than what each entry needs', () => {
  const entries = Array.from({length: 20_000}, (_, id) => ({id, name: `tenant ${id}`, v: 'x'.repeat(60)}));
  const text = JSON.stringify(entries);
  const spy = vi.spyOn(fs, 'readSync');
  try {
    const bytesOf = (other: unknown): number => {
      spy.mockClear();
      expect(counts(compared(text, JSON.stringify(other)).table)).toEqual(['id', 20_000, 20_000, 0, 0, 0]);
      return spy.mock.results.reduce((sum, {value}) => sum + Number(value), 0);
    };
    // Each side once, and the entries of the one once more.
    expect(bytesOf(entries)).toBeLessThan(text.length * 4);
    expect(
      bytesOf(entries.toSorted((a, b) => ((a.id * 7919) % 20_000) - ((b.id * 7919) % 20_000))),
    ).toBeLessThan(20_000 * 4096 + text.length * 3);
    // What goes backwards is read in pages too.
    expect(bytesOf(entries.toReversed())).toBeLessThan(20_000 * 4096 + text.length * 3);
  } finally {
    spy.mockRestore();
  }
});

test('counts are those of a comparison that holds everything', () => {
  const list = fc.uniqueArray(
    fc.record({id: fc.integer({min: 0, max: 30}), v: fc.integer({min: 0, max: 2})}),
    {
      selector: ({id}) => id,
      minLength: 1,
    },
  );
  fc.assert(
    fc.property(list, list, (one, other) => {
      const {table} = compared(JSON.stringify({tenants: one}), JSON.stringify({tenants: other}, null, 2));
      const [mine, theirs] = [
        new Map(one.map(({id, v}) => [id, v])),
        new Map(other.map(({id, v}) => [id, v])),
      ];
      const only = (a: Map<number, number>, b: Map<number, number>) =>
        [...a.keys()].filter((id) => !b.has(id)).length;
      const differ = [...mine].filter(([id, v]) => theirs.has(id) && theirs.get(id) !== v).length;
      expect(counts(table)).toEqual([
        'id',
        one.length,
        other.length,
        only(mine, theirs),
        only(theirs, mine),
        differ,
      ]);
    }),
    {numRuns: 60},
  );
});
