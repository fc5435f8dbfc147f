import fs from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, expect, test} from 'vitest';
import {inodeOf} from '../../../source/engine/base/files.ts';
import {collectTables} from '../../../source/engine/differences/collect-tables.ts';
import {compareDatabases} from '../../../source/engine/differences/compare-databases.ts';
import type {TableDifference} from '../../../source/engine/differences/tables.ts';
import {slowDatabase} from '../../support/databases.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

function made(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  // Tests make what a hostile schema would.
  database.enableDefensive?.(false);
  database.exec(sql);
  database.close();
}

/** Compares two databases that were made so, in this process. */
async function compared(one: string | Buffer, other: string | Buffer) {
  const [directory, into] = [temporaryDirectory(), temporaryDirectory()];
  for (const [name, content] of [
    ['one', one],
    ['other', other],
  ] as const)
    if (typeof content === 'string') made(path.join(directory, name), content);
    else fs.writeFileSync(path.join(directory, name), content);
  const side = (name: string) => ({file: {directory, segments: [name]}, isLive: name === 'other'});
  const job = {
    as: 'sqlite' as const,
    one: side('one'),
    other: side('other'),
    into: {path: into, inode: inodeOf(fs.lstatSync(into))},
  };
  const found = {
    tables: new Map<string, TableDifference>(),
    notes: [] as string[],
    why: null as string | null,
  };
  for await (const told of compareDatabases(job, new AbortController().signal)) {
    if (told.is === 'table') found.tables.set(told.table.name, told.table);
    else if (told.is === 'note' && !told.text.startsWith('+')) found.notes.push(told.text);
    else if (told.is === 'not so') found.why = told.why;
  }
  expect(fs.readdirSync(directory)).toEqual(['one', 'other']);
  return {...found, table: found.tables.get('t')};
}

const accounts = (rows: string, columns = 'id INTEGER PRIMARY KEY, name TEXT, balance INTEGER') =>
  `CREATE TABLE t(${columns}); ${rows === '' ? '' : `INSERT INTO t VALUES ${rows};`}`;

describe('rows by their primary key', () => {
  test('are the same, differ, or are there on one side only; those that differ are listed', async () => {
    const {table, notes} = await compared(
      accounts(`(1,'a',5),(2,'b',6),(3,'c',7)`),
      accounts(`(1,'a',5),(2,'b',0),(4,NULL,x'00ff')`),
    );
    expect(notes).toEqual([]);
    expect(table).toMatchObject({
      by: 'id',
      one: 3,
      other: 3,
      onlyOne: 1,
      onlyOther: 1,
      differ: 1,
      reason: null,
    });
    expect(table?.rows).toEqual([
      {mark: '!', key: '2', columns: [{name: 'balance', one: '6', other: '0'}], left: 0},
      {
        mark: '-',
        key: '3',
        columns: [
          {name: 'name', one: '"c"', other: null},
          {name: 'balance', one: '7', other: null},
        ],
        left: 0,
      },
      {
        mark: '+',
        key: '4',
        columns: [
          {name: 'name', one: null, other: 'NULL'},
          {name: 'balance', one: null, other: "x'00FF'"},
        ],
        left: 0,
      },
    ]);
  });

  test('what a collation or an affinity calls alike is not the same', async () => {
    const columns = 'id TEXT COLLATE NOCASE PRIMARY KEY NOT NULL, v COLLATE NOCASE, w';
    const {table} = await compared(
      accounts(`('A','x',1),('b','y',1),('c','z','1')`, columns),
      accounts(`('a','x',1),('b','Y',1.0),('c','z',1)`, columns),
    );
    expect(table).toMatchObject({by: 'id', onlyOne: 0, onlyOther: 0, differ: 3});
    expect(table?.rows.map(({key, columns: of}) => [key, ...of.map(({name}) => name)])).toEqual([
      ['"A"', 'id'],
      ['"b"', 'v', 'w'],
      ['"c"', 'w'],
    ]);
  });

  test('wherever they lie, and told apart by bytes that read alike', async () => {
    const rows = (values: string[]) => accounts(values.join(), 'id TEXT PRIMARY KEY NOT NULL, v TEXT, w');
    const many = Array.from({length: 300}, (_, id) => `('k${id}', 'v', ${id})`);
    const one = [
      ...many,
      `('nul', 'a' || char(0) || 'x', 1)`,
      `('no text', CAST(x'61ff' AS TEXT), 1)`,
      `('1', 1, 1)`,
    ];
    const other = [
      `('1', '1', 1.0)`,
      `('no text', CAST(x'61fe' AS TEXT), 1)`,
      `('nul', 'a' || char(0) || 'y', 1)`,
    ];
    const {table} = await compared(rows(one), rows([...other, ...many.toReversed()]));
    expect(table).toMatchObject({by: 'id', one: 303, other: 303, onlyOne: 0, onlyOther: 0, differ: 3});
    expect(table?.rows.map(({key, columns}) => [key, ...columns.map(({name}) => name)])).toEqual([
      ['"1"', 'w'],
      ['"no text"', 'v'],
      ['"nul"', 'v'],
    ]);
  });

  test('as a whole where one side takes for one key what is two on the other', async () => {
    const of = (collation: string) => `id TEXT ${collation} PRIMARY KEY NOT NULL, v INTEGER`;
    const [folded, told] = [
      accounts(`('A',1),('b',2)`, of('COLLATE NOCASE')),
      accounts(`('A',1),('a',1),('b',2),('B',3)`, of('')),
    ];
    const damaged = `${accounts(`('A',1),('a',1)`, of(''))} PRAGMA writable_schema=ON;
      UPDATE sqlite_schema SET sql = replace(sql, 'id TEXT', 'id TEXT COLLATE NOCASE') WHERE name = 't';`;
    for (const [one, other, only] of [
      [folded, told, {onlyOne: 0, onlyOther: 2}],
      [told, folded, {onlyOne: 2, onlyOther: 0}],
      // As many rows on both sides, and still two of the one for one of the other.
      [folded, accounts(`('A',1),('a',1)`, of('')), {onlyOne: 1, onlyOther: 1}],
      // A damaged schema: what it says is one key stands there twice.
      [damaged, accounts(`('A',1)`, of('COLLATE NOCASE')), {onlyOne: 1, onlyOther: 0}],
    ] as const) {
      const {table} = await compared(one, other);
      expect(table).toMatchObject({by: null, ...only, differ: 0});
    }
  });

  test('of several columns, WITHOUT ROWID, with names that want quotes', async () => {
    const columns = `"a ""x" TEXT, "select" INTEGER, v BLOB, PRIMARY KEY ("select", "a ""x")) WITHOUT ROWID; --`;
    const make = (last: string) =>
      `CREATE TABLE "t'[;"(${columns}\n; INSERT INTO "t'[;" VALUES ('p', 1, NULL), ('q', 2, ${last});`;
    const {tables} = await compared(make('zeroblob(500)'), make('NULL'));
    expect([...tables.values()]).toMatchObject([
      {
        name: "t'[;",
        by: 'select, a "x',
        differ: 1,
        rows: [
          {
            key: '2, "q"',
            columns: [{name: 'v', one: `x'${'00'.repeat(16)}'… 500 bytes`, other: 'NULL'}],
          },
        ],
      },
    ]);
  });

  test('many columns, and only the first rows are listed', async () => {
    const names = Array.from({length: 1500}, (_, index) => `c${index}`);
    const wide = (value: number) =>
      `CREATE TABLE wide(id INTEGER PRIMARY KEY, ${names.join()}); INSERT INTO wide VALUES (1, ${names.map(() => value).join()});`;
    const many = (value: number) =>
      `CREATE TABLE t(id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, ${value} FROM n;`;
    const {table, tables} = await compared(wide(1) + many(1), wide(2) + many(2));
    expect(table).toMatchObject({differ: 5000});
    expect(table?.rows.length).toBe(100);
    expect(tables.get('wide')?.rows).toMatchObject([{key: '1', left: 269}]);
    expect(tables.get('wide')?.rows[0]?.columns.length).toBe(30);
  });
});

describe('rows by the whole of them', () => {
  const log = 'at, what TEXT';

  test('are counted as often as they stand there, wherever', async () => {
    const {table} = await compared(
      accounts(`(1,'a'),(1,'a'),(2,'b'),(3,NULL)`, log),
      accounts(`(2,'b'),(1,'a'),(3,NULL),(4,'d')`, log),
    );
    expect(table).toMatchObject({by: null, one: 4, other: 4, onlyOne: 1, onlyOther: 1, differ: 0});
    expect(
      table?.rows.map(({mark, columns}) => [mark, ...columns.map(({one, other}) => one ?? other)]),
    ).toEqual([
      ['-', '1', '"a"'],
      ['+', '4', '"d"'],
    ]);
  });

  test('also where a column is called rowid, or a key may be NULL', async () => {
    const named = await compared(
      accounts(`(7,'a'),(7,'b')`, 'rowid, v'),
      accounts(`(7,'b'),(7,'a')`, 'rowid, v'),
    );
    expect(named.table).toMatchObject({by: null, onlyOne: 0, onlyOther: 0, differ: 0});
    const key = 'id TEXT PRIMARY KEY, v';
    const nulls = await compared(accounts(`(NULL,1),(NULL,2)`, key), accounts(`(NULL,2),(NULL,3)`, key));
    expect(nulls.table).toMatchObject({by: null, onlyOne: 1, onlyOther: 1, differ: 0});
  });
});

describe('other schemas', () => {
  test('tables, columns, indexes and keys that only one side has', async () => {
    const {tables, notes} = await compared(
      `CREATE TABLE t(id INTEGER PRIMARY KEY, a, gone); CREATE TABLE old(x); INSERT INTO old VALUES (1); CREATE INDEX i ON t(a); INSERT INTO t VALUES (1,2,3)`,
      `CREATE TABLE T(id INTEGER PRIMARY KEY, A, fresh); CREATE VIEW v AS SELECT 1; INSERT INTO t VALUES (1,2,9)`,
    );
    expect(notes).toEqual([
      'Schema: index i is only on the - side.',
      'Schema: table old is only on the - side.',
      'Schema: table t is only on the - side.',
      'Schema: table T is only on the + side.',
      'Schema: view v is only on the + side.',
    ]);
    expect(tables.get('old')).toMatchObject({one: 1, other: null, onlyOne: 1, onlyOther: 0});
    expect(tables.get('t')).toMatchObject({
      by: 'id',
      differ: 0,
      notes: ['Only on the - side, and not compared: gone.', 'Only on the + side, and not compared: fresh.'],
    });
    const keys = await compared(
      'CREATE TABLE t(a INTEGER PRIMARY KEY, b)',
      'CREATE TABLE t(a TEXT PRIMARY KEY, b)',
    );
    expect(keys.table).toMatchObject({by: null, differ: 0});
    const none = await compared('CREATE TABLE t(a)', 'CREATE TABLE t(b)');
    expect(none.table).toMatchObject({reason: 'the two have no column in common'});
  });

  test('generated columns and virtual tables are said, and not opened', async () => {
    const make = (text: string) =>
      `CREATE TABLE t(id INTEGER PRIMARY KEY, a, b AS (a + 1)); INSERT INTO t(a) VALUES (1); CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('${text}')`;
    const {table, tables, notes} = await compared(make('one'), make('two'));
    expect(table).toMatchObject({differ: 0, notes: ['Generated columns are not compared: 1.']});
    expect(notes).toEqual([
      'Virtual tables are not opened: f. The tables that hold their data are compared.',
    ]);
    expect(tables.has('f')).toBe(false);
    expect(tables.get('f_content')).toMatchObject({differ: 1});
  });
});

test('one of another text encoding is told in words of its own, and how many rows each table has', async () => {
  const rows = `CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1,'a'),(2,'ü');`;
  const {why, tables, notes} = await compared(
    `PRAGMA encoding='UTF-16le'; ${rows}`,
    `${rows} CREATE TABLE u(v);`,
  );
  expect(why).toBeNull();
  expect(notes).toEqual([
    '! The - side keeps texts as UTF-16le, the + side as UTF-8: SQLite compares no rows of the two.',
    'Schema: table u is only on the + side.',
  ]);
  const reason = 'the sides keep texts in two encodings';
  expect([...tables.values()]).toMatchObject([
    {name: 't', one: 2, other: 2, onlyOne: null, reason},
    {name: 'u', one: null, other: 0, onlyOne: null, reason},
  ]);
});

test('what is broken inside is said first, and what can be read is compared', async () => {
  const sql = accounts(
    Array.from({length: 3000}, (_, index) => `(${index},'account ${index}',${index})`).join(),
  );
  const file = path.join(temporaryDirectory(), 'made');
  made(file, sql);
  const broken = fs.readFileSync(file);
  broken.fill(0xff, 4096 * 5 + 10, 4096 * 5 + 400);
  const {notes, table} = await compared(broken, `${sql} CREATE TABLE u(x)`);
  expect(notes[0]).toMatch(/^x The - side is broken inside: .*What is counted may not be all there was\.$/);
  expect(table?.reason).toMatch(/^SQLite cannot compare it: /);
});

test('commits that only lie in the WAL of a live database count, and nothing is written beside it', async () => {
  const [directory, into] = [temporaryDirectory(), temporaryDirectory()];
  made(path.join(directory, 'copy'), accounts(`(1,'a',1)`));
  const live = new DatabaseSync(path.join(directory, 'live'));
  live.exec(`PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; ${accounts(`(1,'a',1)`)}`);
  live.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  live.exec(`INSERT INTO t VALUES (2,'b',2)`);
  const state = () =>
    fs
      .readdirSync(directory)
      .map((name) => [name, fs.readFileSync(path.join(directory, name)).toString('hex')]);
  const before = state();
  const side = (name: string, isLive: boolean) => ({file: {directory, segments: [name]}, isLive, bytes: 0});
  const place = {root: null, readOnly: false};
  const found = [];
  const events = collectTables(
    'sqlite',
    side('copy', false),
    side('live', true),
    place,
    new AbortController().signal,
  );
  for (let step = await events.next(); ; step = await events.next()) {
    if (!step.done) continue;
    found.push(step.value);
    break;
  }
  live.exec('SELECT 1');
  expect(state()).toEqual(before);
  live.close();
  expect(found).toMatchObject([
    {kind: 'tables', as: 'sqlite', isWhole: true, tables: [{name: 't', onlyOne: 0, onlyOther: 1, differ: 0}]},
  ]);
  expect(fs.readdirSync(into)).toEqual([]);
});

describe('what takes long', () => {
  const sides = () => {
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, 'slow'), slowDatabase());
    const side = {file: {directory, segments: ['slow']}, isLive: false, bytes: 0};
    return [side, side] as const;
  };

  test('is ended at its limit, and says so', async () => {
    const place = {root: null, readOnly: false, limit: 1500};
    const events = collectTables('sqlite', ...sides(), place, new AbortController().signal);
    for (let step = await events.next(); ; step = await events.next()) {
      if (!step.done) continue;
      expect(step.value).toEqual({
        why: expect.stringMatching(/^it was stopped after 1\.5s, the time limit, while at: ./),
      });
      break;
    }
  });

  test('ends when it is told to, and is refused where nothing may be written', async () => {
    const stop = new AbortController();
    const events = collectTables('sqlite', ...sides(), {root: null, readOnly: false}, stop.signal);
    await expect(
      (async () => {
        for (;;) {
          const step = await events.next();
          if (step.done) return step.value;
          if (step.value.what.includes('check')) stop.abort();
        }
      })(),
    ).rejects.toThrow(/abort/i);
    const refused = collectTables(
      'sqlite',
      ...sides(),
      {root: null, readOnly: true},
      new AbortController().signal,
    );
    expect((await refused.next()).value).toEqual({
      why: 'SQLite is asked on a private copy, and --read-only writes nothing',
    });
  });
});
