import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {contentFacts} from '../../../source/engine/evidence/content-facts.ts';
import {knownOf} from '../../../source/engine/evidence/replaced-databases.ts';
import type {
  EvidenceBackup,
  EvidenceDatabase,
  EvidenceSession,
} from '../../../source/engine/evidence/schema.ts';
import {readManifest} from '../../../source/engine/storage/manifest/read.ts';
import {makeBackup, makeRoot, phpHash} from '../../support/backups.ts';
import {databaseBytes} from '../../support/databases.ts';
import {backup, dataset, restored, session} from '../../support/evidence-records.ts';

type Sides = {before: string | Uint8Array; after: string | Uint8Array};

const id = '20261123_131821';
const safetyId = '20261123_150103_before-restore-7';

type Change = {
  session?: Partial<EvidenceSession>;
  backup?: (given: EvidenceBackup) => EvidenceBackup;
  /** After both are there. */
  spoil?: (safety: string) => void;
};

/** What is counted of a restore that put `after` where `before` was, in files of this name. */
async function count(files: Record<string, Sides>, change: Change = {}) {
  const {root, backups} = makeRoot();
  const safety = `${root}/storage/runbook/safety`;
  const of = (side: keyof Sides) =>
    Object.entries(files).map(([file, {[side]: content}]) => ({name: file, file, content}));
  makeBackup({backups, id, datasets: of('after')});
  const saved = makeBackup({backups: safety, id: safetyId, datasets: of('before')});
  change.spoil?.(saved.directory);
  const manifest = readManifest(saved.directory);
  const names = Object.keys(files);
  const given = backup({
    id,
    datasets: Object.entries(files).map(([name, {after}]) =>
      dataset(name, {
        copy: `datasets/${name}`,
        bytes: Buffer.from(after).length,
        expected: phpHash('sha256', after),
      }),
    ),
  });
  return contentFacts({
    root,
    backups,
    safety,
    saved: manifest.state === 'read' ? manifest.manifest : null,
    backup: change.backup?.(given) ?? given,
    session: session({
      restored: names.map((name) => restored(name)),
      safety: {id: safetyId, path: `${safety}/${safetyId}`, kept: true, until: null},
      ...change.session,
    }),
  });
}

const lines = (...all: (string | number)[]) => `${all.join('\n')}\n`;
const entries = (...all: [string, number][]) => `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`;
const orders = (rows: string) => databaseBytes(`CREATE TABLE orders(id INTEGER PRIMARY KEY, v); ${rows}`, 0);
const text = {'a.txt': {before: lines(1, 2, 3), after: lines(1, 4)}};

describe('what was inside a file that gave way, and what is inside now', () => {
  test('rows of tables: those that went, those that came back, those that differ', async () => {
    const found = await count({
      'ledger.sqlite': {
        before: orders("INSERT INTO orders VALUES (1, 'a'), (2, 'changed'), (8, 'x')"),
        after: orders("INSERT INTO orders VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')"),
      },
    });
    expect(found?.[0]).toMatchObject({dataset: 'ledger.sqlite', of: 'rows', whole: true, reason: null});
    expect(found?.[0]?.tables.find(({name}) => name === 'orders')).toEqual({
      name: 'orders',
      before: 3,
      after: 4,
      only_before: 1,
      only_after: 2,
      differ: 1,
    });
  });

  test('entries of JSON, and lines of text', async () => {
    const found = await count({
      'a.json': {before: entries(['x', 1], ['y', 2]), after: entries(['x', 9], ['z', 3], ['w', 4])},
      ...text,
    });
    expect(found).toEqual([
      {
        dataset: 'a.json',
        of: 'entries',
        tables: [{name: '', before: null, after: null, only_before: 1, only_after: 2, differ: 1}],
        whole: true,
        reason: null,
      },
      {
        dataset: 'a.txt',
        of: 'lines',
        tables: [{name: '', before: null, after: null, only_before: 2, only_after: 1, differ: 0}],
        whole: true,
        reason: null,
      },
    ]);
  });

  test('nothing, where nothing differs, and why not where nothing can be counted', async () => {
    const found = await count({
      same: {before: lines(1), after: lines(1)},
      bytes: {before: Uint8Array.of(0, 1, 2), after: Uint8Array.of(0, 1, 3)},
    });
    expect(found?.map(({of, tables, whole}) => [of, tables, whole])).toEqual([
      [null, [], true],
      [null, [], false],
    ]);
    expect(found?.map(({reason}) => reason)).toEqual([null, expect.stringMatching(/\w/)]);
  });
});

const database = (change: Partial<EvidenceDatabase> = {}): EvidenceDatabase => ({
  dataset: 'a.txt',
  path: 'database "magds" on db:5432',
  name: 'magds',
  oid_before: 16389,
  oid_after: 16421,
  aside: 'magds_before_7',
  saved: true,
  loaded: true,
  rows: {'public.a': 3, 'public.new': 1},
  ended: [],
  ...change,
});

describe('of a database', () => {
  /** Its safety backup says how many rows the old one had. */
  const counted =
    (rows: Record<string, number> | null): Change['spoil'] =>
    (safety) => {
      const file = `${safety}/manifest.json`;
      const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
      const facts = {type: 'postgresql', format: 'custom', rows};
      if (rows) Object.assign(manifest.datasets['a.txt'], facts);
      fs.writeFileSync(file, JSON.stringify(manifest));
    };

  test('rows are those that the safety backup and the manifest count, table by table', async () => {
    const change = {session: {databases: [database()]}, spoil: counted({'public.a': 9, 'public.old': 2})};
    const none = {only_before: null, only_after: null, differ: null};
    expect(await count(text, change as Change)).toEqual([
      {
        dataset: 'a.txt',
        of: 'rows',
        tables: [
          {name: 'public.a', before: 9, after: 3, ...none},
          {name: 'public.new', before: null, after: 1, ...none},
          {name: 'public.old', before: 2, after: null, ...none},
        ],
        whole: false,
        reason: null,
      },
    ]);
  });

  test.each([
    ['no safety backup counts the rows of the old one', database(), counted(null)],
    ['the manifest counts no rows', database({rows: null}), counted({'public.a': 9})],
  ])('%s', async (reason, one, spoil) => {
    const found = await count(text, {session: {databases: [one]}, spoil} as Change);
    expect(found).toEqual([{dataset: 'a.txt', of: null, tables: [], whole: false, reason}]);
  });

  test.each<[string, Partial<EvidenceDatabase>, Partial<EvidenceSession>]>([
    ['its rows were counted right before the switch', {}, {}],
    ['it was not restored', {}, {state: 'rolled-back'}],
    ['its manifest counts no rows', {rows: null}, {}],
    ['it was put back by its name, and its rows were not counted', {loaded: false, rows: null}, {}],
    [
      'it was taken away, and no other took its place',
      {loaded: false, rows: null, oid_after: null, aside: null},
      {},
    ],
  ])('who checks the live files is told: %s', (told, change, of) => {
    const one = database(change);
    expect(knownOf(session({databases: [one], ...of}), one)).toBe(told);
  });
});

describe('what it was not counted for', () => {
  const only = (change: (given: EvidenceBackup['datasets'][number]) => Partial<typeof given>): Change => ({
    backup: (given) => ({...given, datasets: given.datasets.map((each) => ({...each, ...change(each)}))}),
  });
  test.each<[string, Change]>([
    ['it is larger than 512 MiB', only(() => ({bytes: 512 * 1024 * 1024 + 1}))],
    ['where its copy lies is not known', only(() => ({copy: null}))],
    ['where its copy lies is not known', only(() => ({name: 'another'}))],
    ['the safety backup does not have it', {spoil: (safety) => fs.rmSync(`${safety}/manifest.json`)}],
    [
      'the safety backup does not have it',
      {spoil: (safety) => fs.writeFileSync(`${safety}/manifest.json`, '{"id": 1}')},
    ],
  ])('%s', async (reason, change) => {
    expect(await count(text, change)).toEqual([
      {dataset: 'a.txt', of: null, tables: [], whole: false, reason},
    ]);
  });

  test('a copy that leads elsewhere is not followed', async () => {
    const found = await count(
      text,
      only(() => ({copy: '../../../../etc/passwd'})),
    );
    expect(found).toMatchObject([{of: null, tables: [], whole: false}]);
    const linked = await count(text, {
      spoil: (safety) => {
        fs.rmSync(`${safety}/datasets/a.txt`);
        fs.symlinkSync('/etc/passwd', `${safety}/datasets/a.txt`);
      },
    });
    expect(linked).toMatchObject([
      {of: null, tables: [], whole: false, reason: expect.stringMatching(/link/)},
    ]);
  });

  test('of more than 20 the first 20 are; what was not overwritten has nothing before it', async () => {
    const many = Object.fromEntries(Array.from({length: 21}, (_, index) => [`${index}.txt`, text['a.txt']]));
    expect(await count(many)).toHaveLength(20);
    const created = {restored: [restored('a.txt', {action: 'create', before: null})]};
    expect(await count(text, {session: created})).toEqual([]);
  });

  test('what last writers had left beside a database makes it no whole count', async () => {
    const beside = restored('a.txt', {role: 'sidecar', action: 'remove'});
    const found = await count(text, {session: {restored: [restored('a.txt'), beside]}});
    expect(found).toMatchObject([{of: 'lines', whole: false, reason: null}]);
  });
});

const safety = {id: safetyId, path: '/x', kept: true, until: null};

test.each<[string, Partial<EvidenceSession>]>([
  ['was rolled back', {state: 'rolled-back'}],
  ['was a drill', {drill: true}],
  ['was an undo', {undoes: 3}],
  ['saved nothing', {safety: null}],
  ['has its safety backup no more', {safety: {...safety, kept: false}}],
  ['names a safety backup that is none', {safety: {...safety, id: '../../backups/20261123_131821'}}],
])('nothing is told of a session that %s', async (_, change) => {
  expect(await count(text, {session: change})).toBeUndefined();
});
