import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {readRow} from '../../../source/engine/catalog/row.ts';
import {
  type ContentEvent,
  type ContentSummary,
  checkContent,
  checkLying,
} from '../../../source/engine/content/check.ts';
import {checkJson} from '../../../source/engine/content/check-json.ts';
import {checkSqlite, largestWhole} from '../../../source/engine/content/check-sqlite.ts';
import {PrivatePlace} from '../../../source/engine/content/private-place.ts';
import {readVerdicts, statePath, verdictsName} from '../../../source/engine/storage/content-verdicts.ts';
import {ownName} from '../../../source/engine/storage/runbook/left.ts';
import {type BuiltBackup, type DatasetOptions, makeBackup, makeRoot} from '../../support/backups.ts';
import {brokenDatabase, databaseBytes, pageSize, slowDatabase} from '../../support/databases.ts';
import {temporaryDirectory} from '../../support/temporary.ts';
import {treeState} from '../../support/tree.ts';
import {pool, verifyBackup} from '../../support/verifying.ts';

type Changes = {readOnly?: boolean; signal?: AbortSignal; onEvent?: (event: ContentEvent) => void};

/** A root with one backup, and, if told, a state directory of ours. */
function makeCase(datasets: DatasetOptions[], {state = true} = {}) {
  const {root, backups} = makeRoot();
  if (state) fs.mkdirSync(`${root}/storage/runbook`);
  return {root, backup: makeBackup({backups, datasets})};
}

async function look(
  root: string | null,
  backup: BuiltBackup,
  changes: Changes = {},
): Promise<ContentSummary> {
  const {datasets} = await verifyBackup(backup, {pool});
  const {onEvent, ...rest} = changes;
  const options = {backups: backup.backups, held: null, root, id: backup.id, datasets, readOnly: false};
  let summary: ContentSummary | null = null;
  for await (const event of checkContent({...options, ...rest})) {
    onEvent?.(event);
    if (event.type === 'content finished') summary = event.summary;
  }
  if (!summary) throw new Error('it did not finish');
  return summary;
}

/** `state check: detail` of one dataset. */
async function found(dataset: Omit<DatasetOptions, 'name'>): Promise<string> {
  const {root, backup} = makeCase([{name: 'it', ...dataset}]);
  const before = treeState(backup.backups);
  const {results, others} = await look(root, backup);
  // Whatever is done, a backup stays what it is, with nothing beside its copies.
  expect(treeState(backup.backups)).toEqual(before);
  expect(
    fs.existsSync(`${root}/storage/runbook/checking`)
      ? fs.readdirSync(`${root}/storage/runbook/checking`)
      : [],
  ).toEqual([]);
  const [result] = results;
  if (!result) return `${others} others`;
  return `${result.kind} ${result.state} ${result.check}: ${result.detail}`;
}

describe('SQLite', () => {
  const file = 'ledger.sqlite';
  test('a sound database', async () => {
    expect(await found({file, content: databaseBytes()})).toBe('sqlite sound integrity_check: null');
  });
  test('one in WAL mode, without its WAL', async () => {
    const content = databaseBytes('PRAGMA journal_mode=WAL;');
    expect(content[18]).toBe(2);
    expect(await found({file, content})).toBe('sqlite sound integrity_check: null');
  });
  test('a large one is checked quickly, and that is said', async () => {
    const copy = path.join(temporaryDirectory(), 'copy');
    fs.writeFileSync(copy, databaseBytes());
    expect(await checkSqlite(copy, largestWhole + 1)).toMatchObject({state: 'sound', check: 'quick_check'});
    fs.writeFileSync(copy, brokenDatabase());
    expect(await checkSqlite(copy, largestWhole + 1)).toMatchObject({state: 'broken', check: 'quick_check'});
  });
  test('whatever it is called', async () => {
    expect(await found({file: 'ledger', content: databaseBytes()})).toBe(
      'sqlite sound integrity_check: null',
    );
  });
  test('one with a broken page says where, its first complaints only', async () => {
    expect(await found({file, content: brokenDatabase()})).toMatch(
      /^sqlite broken integrity_check: Tree \d+ page 4 cell \d+: Offset 65535 out of range \d+\.\.\d+; [^;]*; [^;]*$/,
    );
  });
  test.each<[string, (whole: Buffer) => Buffer]>([
    ['truncated', (whole) => whole.subarray(0, pageSize * 2 + 100)],
    ['with a part of its header gone', (whole) => Buffer.from(whole).fill(0, 0, 4)],
    ['with zeros for a beginning', (whole) => Buffer.from(whole).fill(0, 0, pageSize)],
    ['of a header only', (whole) => whole.subarray(0, 16)],
  ])('one that is %s is broken', async (_, damage) => {
    expect(await found({file, content: damage(databaseBytes())})).toMatch(
      /^sqlite broken integrity_check: (database disk image is malformed|file is not a database)$/,
    );
  });
  test('one that begins like none may be encrypted, and an empty one holds nothing', async () => {
    expect(await found({file, content: Buffer.alloc(8192, 0x5a)})).toMatch(
      /^sqlite not checked null: .*encrypted/,
    );
    expect(await found({file, content: ''})).toMatch(/^sqlite not checked null: it is empty/);
  });
  test('what a hostile schema says stays short', async () => {
    const name = `\u001b]0;owned\u0007${'x'.repeat(3000)}`;
    const sql = `CREATE TABLE t (a); CREATE INDEX "${name}" ON t (a); INSERT INTO t VALUES (1), (2);`;
    // The index is on the third page, and says now that it has no entries.
    const content = Buffer.from(databaseBytes(sql)).fill(0, pageSize * 2 + 3, pageSize * 2 + 5);
    const text = await found({file, content});
    expect(text).toMatch(/^sqlite broken integrity_check: .*(in|from) index \u001b\]0;owned/);
    expect(text.length).toBeLessThan(1000);
  });
});

describe('JSON', () => {
  test('by its name, and by its first bytes', async () => {
    expect(await found({})).toBe('json sound parse: null');
    expect(await found({file: 'state', content: ' {"a": 1}'})).toBe('json sound parse: null');
  });
  test('broken says line and column', async () => {
    expect(await found({content: '{\n "a": }'})).toBe(
      'json broken parse: line 2, column 7: something that is not JSON',
    );
    expect(await found({content: ''})).toBe('json broken parse: it is empty');
  });
  test('of any size in the same memory', () => {
    const file = path.join(temporaryDirectory(), 'large.json');
    const space = Buffer.alloc(1024 * 1024, ' ');
    const fd = fs.openSync(file, 'w+');
    try {
      fs.writeSync(fd, '[');
      for (let count = 0; count < 48; count++) fs.writeSync(fd, space);
      fs.writeSync(fd, ']');
      const before = process.memoryUsage().rss;
      expect(checkJson(fd, fs.fstatSync(fd).size, true)).toMatchObject({state: 'sound'});
      expect(process.memoryUsage().rss - before).toBeLessThan(24 * 1024 * 1024);
    } finally {
      fs.closeSync(fd);
    }
  });
  test('a key that stands twice is said of one that is sound', async () => {
    expect(await found({content: '{"a":1,"a":2}'})).toMatch(/^json sound parse: the key "a" twice, line 1/);
  });
  test('lines of JSON, and other texts, are none of its business', async () => {
    expect(await found({file: 'audit.log', content: '{"a":1}\n{"a":2}\n'})).toBe('1 others');
    expect(await found({file: 'mobo.log', content: '[2026-11-23] booted'})).toBe('1 others');
    expect(await found({file: 'noise.bin', content: Buffer.alloc(1000, 0xfe)})).toBe('1 others');
  });
});

test('what the manifest does not name any more, or nobody could open, is not called sound', async () => {
  const {root, backup} = makeCase([{name: 'a'}, {name: 'b', file: 'ledger', content: databaseBytes()}]);
  const loseOne = (event: ContentEvent): void => {
    if (event.type === 'content started') fs.rmSync(backup.copy('b'));
  };
  expect(await look(root, backup, {onEvent: loseOne})).toMatchObject({
    outcome: 'not checked',
    others: 0,
    results: [
      {dataset: 'a', state: 'sound'},
      {dataset: 'b', kind: null, state: 'not checked', detail: 'the copy is missing'},
    ],
  });
  const changed = makeCase([{name: 'a'}]);
  const {datasets} = await verifyBackup(changed.backup, {pool});
  const {manifestFile, backups, id} = changed.backup;
  fs.writeFileSync(manifestFile, fs.readFileSync(manifestFile, 'utf8').replace('"a"', '"other"'));
  const options = {backups, held: null, root: null, id, datasets, readOnly: false};
  for await (const event of checkContent(options))
    if (event.type === 'content finished')
      expect(event.summary).toMatchObject({
        outcome: 'not checked',
        results: [{dataset: 'a', detail: 'the manifest was changed since it was verified'}],
      });
});

test.each([
  ['nothing to check', {name: 'a', file: 'a.bin', content: 'x'}],
  ['not checked', {name: 'a', hash: 'ab'.repeat(32)}],
])('%s is what it comes to where nothing was looked into', async (outcome, dataset) => {
  const {root, backup} = makeCase([dataset]);
  expect(await look(root, backup)).toMatchObject({outcome, results: []});
});

test('only what matched is looked into, and only while it is what was hashed', async () => {
  const {root, backup} = makeCase([{name: 'a'}, {name: 'b', hash: 'ab'.repeat(32)}, {name: 'c'}]);
  const touch = (event: ContentEvent): void => {
    if (event.type === 'content started') fs.appendFileSync(backup.copy('c'), ' ');
  };
  const {outcome, results} = await look(root, backup, {onEvent: touch});
  expect(outcome).toBe('not checked');
  expect(results).toMatchObject([
    {dataset: 'a', state: 'sound'},
    {dataset: 'c', state: 'not checked', detail: 'the copy was written to since it was verified'},
  ]);
});

test('read only asks SQLite nothing, because it would write a copy', async () => {
  const {root, backup} = makeCase([
    {name: 'tenants'},
    {name: 'ledger', file: 'l.sqlite', content: databaseBytes()},
  ]);
  const before = treeState(root);
  const {results} = await look(root, backup, {readOnly: true});
  expect(results).toMatchObject([
    {state: 'sound'},
    {state: 'not checked', detail: 'SQLite is asked on a private copy, and --read-only writes nothing'},
  ]);
  expect(treeState(root)).toEqual(before);
});

describe('the private copy', () => {
  const ledger = {name: 'ledger', file: 'l.sqlite', content: databaseBytes('', 20_000)};
  const leftIn = (directory: string): string[] =>
    fs.readdirSync(directory).filter((name) => name.startsWith(`magds-content-${process.pid}.`));

  test('lies in our own state where there is some, private, and nothing of it is left', async () => {
    const {root, backup} = makeCase([ledger]);
    const checking = `${root}/storage/runbook/checking`;
    const modes = new Set<number>();
    const watch = setInterval(() => {
      for (const name of fs.existsSync(checking) ? fs.readdirSync(checking) : [])
        modes.add((fs.lstatSync(`${checking}/${name}`, {throwIfNoEntry: false})?.mode ?? 0o700) & 0o777);
    }, 1);
    await look(root, backup);
    clearInterval(watch);
    expect([...modes]).toEqual([0o700]);
    expect(fs.readdirSync(checking)).toEqual([]);
  });

  test('makes no state of ours', async () => {
    const {root, backup} = makeCase([ledger], {state: false});
    const before = treeState(root);
    expect(await look(root, backup)).toMatchObject({outcome: 'sound'});
    expect(treeState(root)).toEqual(before);
    expect(leftIn(os.tmpdir())).toEqual([]);
  });

  test('of a check that was killed is removed by the next, of one at work not', async () => {
    const {root, backup} = makeCase([ledger]);
    const checking = `${root}/storage/runbook/checking`;
    const host = os
      .hostname()
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-');
    const gone = `${checking}/magds-content-4194999.boot-1.${host}.abcdef`;
    const elsewhere = `${checking}/magds-content-1.boot-1.other-host.abcdef`;
    const ours = `${checking}/${ownName()}abcdef`;
    for (const each of [gone, elsewhere, ours]) fs.mkdirSync(each, {recursive: true});
    fs.writeFileSync(`${gone}/database`, 'left');
    await look(root, backup);
    expect(fs.readdirSync(checking).toSorted()).toEqual(
      [elsewhere, ours].map((each) => path.basename(each)).toSorted(),
    );
  });

  test.runIf(process.getuid?.() === 0)('is not made where another user could swap it', async () => {
    const {root} = makeCase([ledger]);
    fs.mkdirSync(`${root}/storage/runbook`, {recursive: true});
    const place = new PrivatePlace(root, false);
    expect(place.prepare(1)).toMatchObject({path: expect.stringContaining(`${root}/storage/runbook/`)});
    fs.chownSync(`${root}/storage`, 33, 33);
    expect(place.prepare(1)).toMatchObject({path: expect.not.stringContaining(root)});
    expect(place.close()).toBe(null);
  });

  test('that finds no room is not made, and the reason is told', async () => {
    const {root, backup} = makeCase([ledger]);
    vi.spyOn(fs, 'statfsSync').mockReturnValue({
      blocks: 9,
      bavail: 1,
      bsize: 4096,
      type: 0xef53,
    } as fs.StatsFs);
    const {results} = await look(root, backup);
    vi.restoreAllMocks();
    expect(results[0]).toMatchObject({state: 'not checked', check: null});
    expect(results[0]?.detail).toMatch(
      /no place for a private copy \([\d.]+ .?B are needed, 4\.1 kB are free in /,
    );
  });

  test('goes at once when it is cancelled, in the middle of a check too', async () => {
    const {root, backup} = makeCase([{...ledger, content: slowDatabase()}]);
    const stop = new AbortController();
    const checking = `${root}/storage/runbook/checking`;
    const working = look(root, backup, {signal: stop.signal});
    await vi.waitFor(() => expect(fs.readdirSync(checking).length).toBe(1), {timeout: 10_000, interval: 1});
    stop.abort();
    expect(await working).toMatchObject({outcome: 'cancelled', results: []});
    expect(fs.readdirSync(checking)).toEqual([]);
    expect(readVerdicts(statePath(root)).size).toBe(0);
  });
});

test('cancelled between two datasets begins nothing any more', async () => {
  const {root, backup} = makeCase([{name: 'a'}, {name: 'b', file: 'b.sqlite', content: slowDatabase()}]);
  const stop = new AbortController();
  const onEvent = (event: ContentEvent): void => {
    if (event.type === 'content checking' && event.name === 'b') stop.abort();
  };
  expect(await look(root, backup, {signal: stop.signal, onEvent})).toMatchObject({
    outcome: 'cancelled',
    results: [{dataset: 'a'}],
  });
});

describe('what was found', () => {
  test('is kept by the bytes that it is about, once', async () => {
    const {root, backup} = makeCase([{name: 'a', content: '{'}, {name: 'b'}]);
    await look(root, backup);
    await look(root, backup);
    const lines = fs.readFileSync(`${root}/storage/runbook/${verdictsName}`, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(
      [...readVerdicts(statePath(root)).values()].map(({state, detail}) => `${state}: ${detail}`),
    ).toEqual(['broken: line 1, column 2: the end, too early', 'sound: null']);
  });

  test('belongs to what was asked of the bytes too: an empty file is broken only where it is called JSON', async () => {
    const {root, backup} = makeCase([
      {name: 'off', file: 'off.flag', content: ''},
      {name: 'tenants', file: 'tenants.json', content: ''},
      {name: 'text', file: 'notes', content: '# {'},
      {name: 'cut', file: 'cut.JSON', content: '# {'},
    ]);
    const {results, others} = await look(root, backup);
    expect({broken: results.map(({dataset}) => dataset), others}).toEqual({
      broken: ['tenants', 'cut'],
      others: 2,
    });
    const verdicts = readVerdicts(statePath(root));
    const row = readRow(backup.backups, backup.id, Date.now(), verdicts);
    expect(row.brokenInside.map(({name}) => name)).toEqual(['tenants', 'cut']);
  });

  test('that cannot be kept is still told', async () => {
    const {root, backup} = makeCase([{name: 'a', content: '{'}]);
    fs.mkdirSync(`${root}/storage/runbook/${verdictsName}`);
    expect(await look(root, backup)).toMatchObject({
      outcome: 'broken',
      note: expect.stringMatching(/^What was found inside could not be kept/) as string,
    });
  });

  test('is read from whatever lies there without a fault', () => {
    const directory = temporaryDirectory();
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), (data) => {
        fs.writeFileSync(`${directory}/${verdictsName}`, data);
        expect(readVerdicts(directory).size).toBe(0);
      }),
    );
  });
});

test('never throws, whatever the bytes', async () => {
  const names = ['a.json', 'b.sqlite', 'c'];
  const whole = databaseBytes('', 50);
  const contents = fc.sample(
    fc.oneof(
      fc.uint8Array({maxLength: 300}),
      fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({minLength: 1, maxLength: 200})).map(([at, data]) => {
        const damaged = Buffer.from(whole);
        damaged.set(data.subarray(0, whole.length - at), at);
        return damaged;
      }),
    ),
    60,
  );
  const datasets = contents.map((content, index) => ({
    name: `d${index}`,
    file: `${index}-${names[index % 3]}`,
    content,
  }));
  const {root, backup} = makeCase(datasets);
  const {results, others, note} = await look(root, backup);
  expect(results.length + others).toBe(datasets.length);
  expect(note).toBeNull();
  expect(results.filter(({detail}) => /stopped/.test(detail ?? ''))).toEqual([]);
});

test('what lies in a backup without a manifest is looked into, and nothing of it is kept', async () => {
  const {root, backups} = makeRoot();
  fs.mkdirSync(`${root}/storage/runbook`);
  const {id} = makeBackup({
    backups,
    manifest: () => null,
    datasets: [
      {name: 'tenants'},
      {name: 'state', file: 'system.json', content: '{"cut": '},
      {name: 'x', file: 'x.txt', content: 'words'},
    ],
  });
  const options = {backups, held: null, root, id, readOnly: false};
  const said: string[] = [];
  for await (const event of checkLying(options, new Map([['system.json', 'kernel_state']])))
    if (event.type === 'content checked') said.push(`${event.name} ${event.result?.state ?? 'neither'}`);
  expect(said.toSorted()).toEqual(['kernel_state broken', 'tenants sound', 'x neither']);
  expect(readVerdicts(statePath(root)).size).toBe(0);
});
