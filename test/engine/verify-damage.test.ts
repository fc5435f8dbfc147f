import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type BackupOptions, type BuiltBackup, flipBit, makeBackup, makeRoot} from '../support/backups.ts';
import {makePipe} from '../support/temporary.ts';
import {verifyBackup, verifyEvents} from '../support/verifying.ts';

const replaceBy = (make: (file: string) => void) => (backup: BuiltBackup) => {
  fs.unlinkSync(backup.copy('tenants'));
  make(backup.copy('tenants'));
};
const datasetsBy = (make: (directory: string) => void) => (backup: BuiltBackup) => {
  const directory = path.join(backup.directory, 'datasets');
  fs.renameSync(directory, path.join(backup.directory, 'moved'));
  make(directory);
};

describe('one damaged copy fails the backup', () => {
  const cases: [string, (backup: BuiltBackup) => void, string, string][] = [
    [
      'a flipped bit',
      ({copy}) => flipBit(copy('tenants'), 3),
      'mismatch',
      'the copy is not what the manifest recorded',
    ],
    [
      'a byte more',
      ({copy}) => fs.appendFileSync(copy('tenants'), '\n'),
      'mismatch',
      'the copy is not what the manifest recorded',
    ],
    [
      'cut off',
      ({copy}) => fs.truncateSync(copy('tenants'), 0),
      'mismatch',
      'the copy is not what the manifest recorded',
    ],
    ['missing', replaceBy(() => {}), 'missing', 'the copy is missing'],
    [
      'a link',
      replaceBy((file) => fs.symlinkSync('ledger.sqlite', file)),
      'unsafe',
      'the copy is a link, not a file',
    ],
    ['a pipe', replaceBy(makePipe), 'unsafe', 'the copy is a pipe (FIFO), not a file'],
    ['a directory', replaceBy((file) => fs.mkdirSync(file)), 'unsafe', 'the copy is a directory, not a file'],
  ];
  test.each(cases)('%s', async (_, damage, status, reason) => {
    const backup = makeBackup();
    damage(backup);
    const result = await verifyBackup(backup);
    expect(result).toMatchObject({result: 'failed', reason: `tenants: ${status}`});
    expect(result.datasets).toMatchObject([{status, reason}, {status: 'match'}]);
  });
});

describe('the directory of the copies', () => {
  const cases: [string, (backup: BuiltBackup) => void, string][] = [
    ['missing', datasetsBy(() => {}), 'missing'],
    ['a file', datasetsBy((directory) => fs.writeFileSync(directory, '')), 'missing'],
    ['a link to the copies', datasetsBy((directory) => fs.symlinkSync('moved', directory)), 'unsafe'],
    ['a link to itself', datasetsBy((directory) => fs.symlinkSync('datasets', directory)), 'unsafe'],
  ];
  test.each(cases)('%s', async (_, damage, status) => {
    const backup = makeBackup();
    damage(backup);
    expect(await verifyBackup(backup)).toMatchObject({
      result: 'failed',
      reason: `tenants: ${status}, ledger: ${status}`,
    });
  });
});

describe('a recorded path', () => {
  const cases: [string, string, string, string][] = [
    ['outside', '/etc/passwd', 'unsafe', 'its recorded path lies outside the backup'],
    ['upwards', '/b/20261123_131813/../x', 'unsafe', 'its recorded path leads out of the backup ("..")'],
    [
      'with NUL',
      '/b/20261123_131813/datasets/\\u0000',
      'unsafe',
      'its recorded path contains a NUL character',
    ],
    [
      'too long',
      `/b/20261123_131813/datasets/${'x'.repeat(300)}`,
      'unreadable',
      'the copy cannot be opened: the name is too long',
    ],
  ];
  test.each(cases)('%s fails only its dataset', async (_, recorded, status, reason) => {
    const backup = makeBackup({
      manifest: (text) => text.replace(/"backup": ".*tenants.json"/, () => `"backup": "${recorded}"`),
    });
    expect((await verifyBackup(backup)).datasets).toMatchObject([{status, reason}, {status: 'match'}]);
  });
});

describe('what cannot be checked never passes', () => {
  const cases: [string, BackupOptions, string, string][] = [
    [
      'an unknown algorithm',
      {datasets: [{name: 'a', algorithm: 'rot13', hash: 'x'}]},
      'unsupported',
      'the algorithm "rot13" is not supported here',
    ],
    [
      'no hash',
      {datasets: [{name: 'a', hash: false}]},
      'unsupported',
      'the manifest records no hash (false): nothing to compare with',
    ],
    [
      'an empty hash',
      {datasets: [{name: 'a', hash: ''}]},
      'mismatch',
      'the manifest records no sha256 hash: ""',
    ],
    [
      'a hash of another length',
      {datasets: [{name: 'a', hash: 'abc'}]},
      'mismatch',
      'the manifest records no sha256 hash: "abc"',
    ],
    [
      'a hash that is none',
      {datasets: [{name: 'a', hash: 'g'.repeat(64)}]},
      'mismatch',
      `the manifest records no sha256 hash: "${'g'.repeat(64)}"`,
    ],
    [
      'a flawed entry',
      {datasets: [{name: 'a'}], manifest: (text) => text.replace('"hash"', '"hush"')},
      'unreadable',
      'its entry in the manifest has no "hash"',
    ],
  ];
  test.each(cases)('%s', async (_, options, status, reason) => {
    const result = await verifyBackup(makeBackup(options));
    expect(result).toMatchObject({result: 'failed', reason: `a: ${status}`});
    expect(result.datasets).toMatchObject([{status, reason}]);
  });

  test.each([
    ['an unknown algorithm', {algorithm: 'rot13', hash: 'x'}],
    ['no hash', {hash: false as const}],
  ])('%s: that the copy is missing says more', async (_, dataset) => {
    const backup = makeBackup({datasets: [{name: 'a', ...dataset}]});
    fs.unlinkSync(backup.copy('a'));
    expect((await verifyBackup(backup)).datasets).toMatchObject([
      {status: 'missing', reason: 'the copy is missing'},
    ]);
  });
});

describe('a backup that holds nothing to check fails', () => {
  const husk = '{\n    "metadata": {\n        "last_verified_at": "2026-11-23T13:18:19+00:00"\n    }\n}';
  const cases: [string, BackupOptions, RegExp][] = [
    ['no datasets', {datasets: []}, /^it holds no datasets: nothing was checked$/],
    ['a husk', {manifest: () => husk}, /^manifest\.json is only a stub: /],
    ['an empty manifest', {manifest: () => ''}, /^manifest\.json is empty: /],
    ['a manifest cut short', {manifest: (text) => text.slice(0, -1)}, /^manifest\.json is cut short: /],
    ['no manifest', {manifest: () => null}, /^cut off before its end; 2 files in it/],
  ];
  test.each(cases)('%s', async (_, options, reason) => {
    const backup = makeBackup(options);
    for (const name of fs.readdirSync(backup.directory, {recursive: true, encoding: 'utf8'}).concat('.'))
      fs.utimesSync(path.join(backup.directory, name), 1, 1);
    const result = await verifyBackup(backup);
    expect(result).toMatchObject({result: 'failed', datasets: []});
    expect(result.reason).toMatch(reason);
  });

  test('but one that is gone, of which nothing is said', async () => {
    const backup = makeBackup();
    fs.rmSync(backup.directory, {recursive: true});
    expect(await verifyBackup(backup)).toMatchObject({
      result: 'gone',
      reason: 'it was deleted meanwhile: it has no result',
      recorded: null,
    });
  });

  test('one that is a link to a sound one', async () => {
    const backup = makeBackup();
    fs.symlinkSync(backup.id, path.join(backup.backups, 'link'));
    expect(await verifyBackup({...backup, id: 'link'})).toMatchObject({
      result: 'failed',
      reason: 'it is a link or a file, not a directory',
    });
  });

  test('and leaves the next one to pass', async () => {
    const {backups} = makeRoot();
    const bad = makeBackup({backups, label: 'bad', manifest: () => '{'});
    const last = (await verifyEvents([bad, makeBackup({backups})])).at(-1);
    expect(last).toMatchObject({results: [{result: 'failed'}, {result: 'passed'}]});
  });
});
