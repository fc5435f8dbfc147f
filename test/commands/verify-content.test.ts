import fs from 'node:fs';
import {expect, test} from 'vitest';
import {type DatasetOptions, makeBackup, makeRoot} from '../support/backups.ts';
import {brokenDatabase, databaseBytes} from '../support/databases.ts';
import {backup, phpFile} from '../support/php-config.ts';
import {jsonLines, magds} from '../support/run.ts';
import {treeState} from '../support/tree.ts';

const id = '20261123_100000_nightly';

/** A root with one backup of the tenants and of a ledger, and state of ours. */
function makePlace(ledger: DatasetOptions['content'], {json = '{"a":1}'} = {}) {
  const {root, backups} = makeRoot();
  fs.mkdirSync(`${root}/storage/runbook`);
  fs.mkdirSync(`${root}/config/base`, {recursive: true});
  fs.mkdirSync(`${root}/storage/data`);
  const datasets = ['tenants.json', 'ledger.sqlite'].map((file) => ({
    name: file.replace(/\..*/, ''),
    source: `storage/data/${file}`,
    type: 'file',
  }));
  fs.writeFileSync(`${root}/config/base/magds.php`, phpFile(backup({datasets})));
  for (const file of ['tenants.json', 'ledger.sqlite'])
    fs.writeFileSync(`${root}/storage/data/${file}`, '{}');
  const made = makeBackup({
    backups,
    id,
    recordedRoot: 'here',
    datasets: [
      {name: 'tenants', content: json},
      {name: 'ledger', file: 'ledger.sqlite', ...(ledger === undefined ? {} : {content: ledger})},
    ],
  });
  const verify = (...args: string[]) => magds(['backup', 'verify', '--root', root, `--id=${id}`, ...args]);
  return {root, made, verify};
}

test('what is sound inside is exit 0, and said after the hashes', async () => {
  const {verify} = makePlace(databaseBytes());
  const {code, stdout, stderr} = await verify('--content');
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  expect(stdout).toMatch(
    /ledger +match.*\n\+ \S+nightly {2}2 datasets can be read: .*\n {4}\+ tenants parses as JSON\n {4}\+ ledger passes SQLite's integrity_check\n1 passed; .*; nothing broken inside\n$/,
  );
});

test('unaltered but broken is a pass of the bytes, and no pass for whoever asked for the content', async () => {
  const {verify, made, root} = makePlace(brokenDatabase());
  const plain = await verify();
  expect(plain).toMatchObject({code: 0, stderr: ''});
  expect(plain.stdout).not.toContain('inside');
  const manifest = fs.readFileSync(made.manifestFile, 'utf8').replace(/"\d{4}-[^"]*"/g, '');
  const {code, stdout} = await verify('--content');
  expect(code).toBe(4);
  expect(stdout).toMatch(/\+ \S+ +passed: 2 of 2 datasets match the manifest\n/);
  expect(stdout).toMatch(/x \S+ {2}broken inside: ledger\n {4}x ledger: SQLite says: Tree \d+ page 4 /);
  // The record beside the backup is about bytes, whatever is in them.
  expect(fs.readFileSync(made.manifestFile, 'utf8').replace(/"\d{4}-[^"]*"/g, '')).toBe(manifest);
  const records = jsonLines(fs.readFileSync(`${made.directory}/verifications.jsonl`, 'utf8'));
  expect(records.map(({result}) => result)).toEqual(['passed', 'passed']);
  const list = await magds(['backup', 'list', '--root', root]);
  expect(list.stdout).toMatch(/^\S+nightly .*x broken/m);
  expect(list.stdout).toMatch(/! \S+nightly: ledger is broken inside: SQLite says: Tree/);
  const show = await magds(['backup', 'show', id, '--root', root]);
  expect(show.stdout).toMatch(/^inside +! ledger: SQLite says: Tree/m);
  const plan = await magds(['restore', '--dry-run', '--json', '--root', root, `--id=${id}`]);
  expect(JSON.parse(plan.stdout)).toMatchObject({
    broken_inside: [{name: 'ledger', detail: expect.stringMatching(/^SQLite says: Tree/) as string}],
    reasons: [],
  });
  const text = await magds(['restore', '--dry-run', '--root', root, `--id=${id}`]);
  expect(text).toMatchObject({code: 0});
  expect(text.stdout).toContain('! Inside: ledger is broken in this backup: SQLite says: Tree');
});

test('what could not be looked into is exit 3', async () => {
  const {verify, root} = makePlace(databaseBytes());
  const before = treeState(root);
  const {code, stdout} = await verify('--content', '--read-only');
  expect(code).toBe(3);
  expect(stdout).toContain('? ledger was not looked into: SQLite is asked on a private copy');
  expect(stdout).toMatch(/nothing broken inside; 1 not looked into\n$/);
  expect(treeState(root)).toEqual(before);
});

test('where nothing was due, nothing is said to be sound', async () => {
  const {verify, root} = makePlace(databaseBytes());
  await verify();
  const {code, stdout} = await magds(['backup', 'verify', '--root', root, '--max-age=1d', '--content']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^nothing was due, 1 verified recently and left out; .*; nothing was looked into\n$/,
  );
});

test('JSON has it beside the bytes, and an error for each that is broken', async () => {
  const {verify} = makePlace(databaseBytes(), {json: '{"a":\u001b}'});
  const {code, stdout} = await verify('--content', '--json');
  expect(code).toBe(4);
  expect(stdout).not.toContain('\u001b');
  const lines = jsonLines(stdout);
  const detail = 'line 1, column 6: something that is not JSON';
  expect(lines.at(-2)).toEqual({message_type: 'error', id, reason: `tenants: no JSON: ${detail}`});
  expect(lines.at(-1)).toMatchObject({
    message_type: 'summary',
    backups: [
      {
        id,
        result: 'passed',
        content: {
          result: 'broken',
          datasets: [
            {name: 'tenants', kind: 'json', state: 'broken', check: 'parse', detail},
            {name: 'ledger', kind: 'sqlite', state: 'sound', check: 'integrity_check', detail: null},
          ],
          others: 0,
          note: null,
        },
      },
    ],
  });
});
