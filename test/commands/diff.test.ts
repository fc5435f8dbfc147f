import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {hostileText, unprintable} from '../support/hostile.ts';
import {jsonLines, magds} from '../support/run.ts';
import {treeState} from '../support/tree.ts';

const id = '20261123_100000_nightly';
const before = '20261122_100000_nightly';

/** A backup of two datasets, live files beside it, and a backup of before that is the same. */
function makePlace(live: {tenants?: string; ledger?: string} = {}) {
  const {root, backups} = makeRoot();
  const datasets = [
    {name: 'tenants', content: '{"a": 1, "b": 2}\n'},
    {name: 'ledger', content: 'SQLite format 3\0 one'},
  ];
  const [built] = [id, before].map((each) => makeBackup({backups, id: each, recordedRoot: 'here', datasets}));
  fs.mkdirSync(`${root}/storage/data`);
  fs.writeFileSync(`${root}/storage/data/tenants.json`, live.tenants ?? '{"a": 1, "b": 2}\n');
  fs.writeFileSync(`${root}/storage/data/ledger.json`, live.ledger ?? 'SQLite format 3\0 one');
  const diff = (...args: string[]) => magds(['backup', 'diff', ...args, '--root', root]);
  return {root, backups, built: built as NonNullable<typeof built>, diff};
}

test('all the same is 0, and nothing is written', async () => {
  const {root, diff} = makePlace();
  const tree = treeState(root);
  const {code, stdout, stderr} = await diff(id);
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  expect(stdout).toMatch(/^tenants +17 B +2026-11-23T10:00:00\+00:00 +17 B +2\S+Z +=\ssame$/m);
  expect(stdout).toMatch(/^ledger .*= same$/m);
  expect((await diff(id, `--with=${before}`)).code).toBe(0);
  expect(treeState(root)).toEqual(tree);
});

test('what differs is 4; of one dataset the lines are shown', async () => {
  const {diff} = makePlace({tenants: '{"b": 3, "a": 1}\n'});
  const all = await diff(id);
  expect(all.code).toBe(4);
  expect(all.stdout).toMatch(/^tenants .*! differs\n[\s\S]*^! tenants: 1 entry differs$/m);
  expect(all.stdout).not.toContain('@@');
  const one = await diff(id, '--dataset=tenants');
  expect(one.code).toBe(4);
  expect(one.stdout).not.toContain('ledger');
  expect(one.stdout.split('\n').slice(3)).toEqual([
    `- ${id}`,
    '+ live',
    'Entries: 1 differs (b); 1 the same.',
    'Keys sorted, one value a line: how it is formatted is no difference.',
    '@@ from line 1 @@',
    '  {',
    '    "a": 1,',
    '-   "b": 2',
    '+   "b": 3',
    '  }',
    '',
  ]);
});

test('only the formatting, and what has no lines, are said', async () => {
  const {diff} = makePlace({tenants: '{"b": 2, "a": 1}\n', ledger: 'SQLite format 3\0 two'});
  const json = await diff(id, '--dataset=tenants');
  expect(json.code).toBe(4);
  expect(json.stdout).toContain(
    'The same JSON: only its formatting or the order of its keys differs.\nThe bytes differ, first at offset 2.\n',
  );
  const sqlite = await diff(id, '--dataset', 'ledger');
  expect(sqlite.stdout).toContain(
    'The bytes differ, first at offset 17.\nNo more can be said: of the + side there is no private copy: SQLite cannot read it: file is not a database.\n',
  );
});

test('as JSON', async () => {
  const {root, diff} = makePlace({tenants: 'x'});
  const {code, stdout} = await diff(id, '--dataset=tenants', '--json');
  expect(code).toBe(4);
  expect(jsonLines(stdout)).toEqual([
    {
      message_type: 'summary',
      command: 'backup:diff',
      root,
      id,
      with: 'live',
      result: 'differs',
      datasets: [
        {
          name: 'tenants',
          relation: 'differs',
          algorithm: 'sha256',
          // What is no JSON may hold entries that cannot be read.
          counted: {of: 'entries', only_live: 0, differ: 0, only_copy: 2, whole: false},
          one: expect.objectContaining({state: 'there', bytes: 17, altered: false}),
          other: expect.objectContaining({state: 'there', bytes: 1, altered: null}),
        },
      ],
      difference: expect.objectContaining({kind: 'lines', as: 'text', removed: 1, added: 1}),
    },
  ]);
});

test('as JSON all that differ are counted, as in the plan of a restore', async () => {
  const {diff} = makePlace({tenants: '{"b": 3, "c": 4}\n'});
  const {stdout} = await diff(id, '--json');
  const {datasets} = jsonLines(stdout).at(-1) as {datasets: {name: string; counted: unknown}[]};
  expect(datasets.map(({name, counted}) => [name, counted])).toEqual([
    ['tenants', {of: 'entries', only_live: 1, differ: 1, only_copy: 1, whole: true}],
    ['ledger', null],
  ]);
});

test('a damaged copy is never 0, also where the other side is damaged alike', async () => {
  const {root, backups, diff, built} = makePlace();
  flipBit(built.copy('ledger'), 18);
  fs.copyFileSync(built.copy('ledger'), `${root}/storage/data/ledger.json`);
  const {code, stdout} = await diff(id);
  expect(code).toBe(4);
  expect(stdout).toMatch(/^ledger .* x damaged, same: the copy is not what the manifest recorded$/m);
  fs.writeFileSync(`${root}/storage/data/ledger.json`, 'else');
  expect((await diff(id)).stdout).toMatch(
    /^ledger .* x damaged, differs: the copy is not what the manifest recorded$/m,
  );
  fs.rmSync(`${backups}/${before}/datasets/tenants.json`);
  const missing = await diff(before, '--dataset=tenants');
  expect(missing.code).toBe(3);
  expect(missing.stdout).toMatch(/^tenants .*\? not compared: the copy is missing$/m);
});

describe('what cannot be asked', () => {
  test('is wrong usage, or nothing that is there', async () => {
    const {backups, diff} = makePlace();
    expect((await diff()).code).toBe(2);
    expect((await diff(id, '--with=')).code).toBe(2);
    expect((await diff(id, '--with=../x')).code).toBe(2);
    expect((await diff('20200101_000000')).code).toBe(10);
    expect((await diff(id, '--with=20200101_000000')).code).toBe(10);
    const nowhere = await diff(id, '--dataset=nothing');
    expect(nowhere).toMatchObject({code: 10, stdout: ''});
    expect(nowhere.stderr).toBe(
      `magds: No dataset "nothing" on either side. "magds backup diff ${id}" shows what there is.\n`,
    );
    const alone = await magds(['backup', 'diff', id, '--backups', backups]);
    expect(alone).toMatchObject({code: 2, stdout: ''});
    expect((await magds(['backup', 'diff', id, `--with=${before}`, '--backups', backups])).code).toBe(0);
  });

  test('a manifest that cannot be read is a failure in words, an empty one nothing to compare', async () => {
    const {backups, diff} = makePlace();
    makeBackup({backups, id: '20261121_100000', manifest: () => '{"id'});
    const broken = await diff('20261121_100000');
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/^magds: 20261121_100000 cannot be compared: manifest\.json is cut short/);
    makeBackup({backups, id: '20261120_100000', datasets: []});
    const empty = await diff('20261120_100000');
    expect(empty).toMatchObject({code: 10, stdout: 'It holds no datasets: there is nothing to compare.\n'});
  });
});

test('nothing of a file reaches the terminal as it is', async () => {
  const {diff} = makePlace({tenants: `${hostileText}\nb`});
  for (const args of [[], ['--json']]) {
    const {stdout} = await diff(id, '--dataset=tenants', ...args);
    for (const line of stdout.split('\n')) expect(line).not.toMatch(unprintable);
  }
});
