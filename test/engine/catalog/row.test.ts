import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Row, readRow, rowSignature} from '../../../source/engine/catalog/row.ts';
import {type BackupOptions, type BuiltBackup, makeBackup, phpHash} from '../../support/backups.ts';
import {makePipe} from '../../support/temporary.ts';

const now = Date.parse('2026-11-24T00:00:00Z');
const rowOf = ({backups, id}: BuiltBackup, at = now): Row => readRow(backups, id, at);

test('a sound backup', () => {
  const backup = makeBackup({
    label: 'pre-release 2',
    datasets: [
      {name: 'tenants', content: 'abc', algorithm: 'SHA256'},
      {name: 'ledger', content: '', hash: false},
    ],
  });
  expect(rowOf(backup)).toEqual({
    id: '20261123_131813_pre-release-2',
    state: 'complete',
    label: 'pre-release 2',
    createdAt: '2026-11-23T13:18:13+00:00',
    time: Date.parse('2026-11-23T13:18:13Z') / 1000,
    datasets: [
      {name: 'tenants', content: `sha256:${phpHash('sha256', 'abc')}`, bytes: 3, flaw: null},
      {name: 'ledger', content: null, bytes: 0, flaw: null},
    ],
    bytes: 3,
    verification: {state: 'never', at: null, failed: [], reason: null, changed: false},
    reason: null,
    hiddenFromPhp: null,
    notes: ['Made in /srv/magmoboce/storage/backups: the tree was moved or copied.'],
    brokenInside: [],
    soundInside: [],
    partial: [],
    origin: {
      backups: '/srv/magmoboce/storage/backups',
      sources: ['tenants', 'ledger'].map((name) => `/srv/magmoboce/storage/data/${name}.json`),
    },
  });
});

describe('interrupted', () => {
  const cut = 'cut off before its end; 2 files in it';
  const interrupted = (seconds: number): Row => {
    const backup = makeBackup({manifest: () => null});
    for (const name of ['', 'datasets', 'datasets/tenants.json', 'datasets/ledger.sqlite'])
      fs.utimesSync(path.join(backup.directory, name), now / 1000, now / 1000 - seconds);
    return rowOf(backup);
  };

  test.each([
    [0, `${cut}; last written 0s ago, it may still be running`],
    [119, `${cut}; last written 119s ago, it may still be running`],
    [120, cut],
    [-10, cut],
  ])('%i seconds ago', (seconds, reason) => {
    expect(interrupted(seconds)).toMatchObject({
      state: 'interrupted',
      reason,
      datasets: [],
      bytes: 0,
      lying: ['ledger.sqlite', 'tenants.json'],
    });
  });

  test('before anything was copied', () => {
    const backup = makeBackup({manifest: () => null});
    fs.rmSync(path.join(backup.directory, 'datasets'), {recursive: true});
    fs.utimesSync(backup.directory, 1, 1);
    expect(rowOf(backup)).toMatchObject({
      state: 'interrupted',
      reason: 'cut off before its end; it is empty',
    });
  });
});

describe('unreadable', () => {
  const cases: [string, string, string][] = [
    ['a husk', '{"metadata":{}}', 'manifest.json is only a stub'],
    ['empty', '', 'manifest.json is empty'],
    ['cut short', '{"id":', 'manifest.json is cut short'],
    ['no JSON', '<html>', 'manifest.json is not valid JSON'],
  ];
  test.each(cases)('%s', (_, text, reason) => {
    const row = rowOf(makeBackup({manifest: () => text}));
    expect(row).toMatchObject({state: 'unreadable', label: null, datasets: []});
    expect(row.reason?.startsWith(reason)).toBe(true);
  });

  test('a manifest that is a pipe', () => {
    const backup = makeBackup({manifest: () => null});
    makePipe(backup.manifestFile);
    expect(rowOf(backup)).toMatchObject({
      state: 'unreadable',
      reason: 'manifest.json is a pipe (FIFO), not a file',
    });
  });
});

describe('a complete one tells what it lacks', () => {
  const replaced = (make: (file: string) => void) => (backup: BuiltBackup) => {
    fs.unlinkSync(backup.copy('tenants'));
    make(backup.copy('tenants'));
  };
  const datasets = (make: (directory: string) => void) => (backup: BuiltBackup) => {
    const directory = path.join(backup.directory, 'datasets');
    fs.renameSync(directory, path.join(backup.directory, 'moved'));
    make(directory);
  };
  const both = (flaw: string) => `tenants: ${flaw}; ledger: ${flaw}`;
  const cases: [string, (backup: BuiltBackup) => void, string][] = [
    ['a copy', replaced(() => {}), 'tenants: the copy is missing'],
    [
      'a copy but for a link',
      replaced((file) => fs.symlinkSync('ledger.sqlite', file)),
      'tenants: the copy is a link',
    ],
    ['a copy but for a pipe', replaced(makePipe), 'tenants: the copy is a pipe (FIFO)'],
    [
      'a copy but for a directory',
      replaced((file) => fs.mkdirSync(file)),
      'tenants: the copy is a directory',
    ],
    ['all copies', datasets(() => {}), both('the copy is missing')],
    [
      'all copies but for a file',
      datasets((file) => fs.writeFileSync(file, '')),
      both('the copy is missing'),
    ],
    [
      'all copies but for a link',
      datasets((file) => fs.symlinkSync('moved', file)),
      both('a directory on the way to the copy is a link'),
    ],
  ];
  test.each(cases)('%s', (_, damage, reason) => {
    const backup = makeBackup();
    damage(backup);
    expect(rowOf(backup)).toMatchObject({state: 'complete', reason});
  });

  const texts: [string, BackupOptions, string][] = [
    ['datasets', {datasets: []}, 'it holds no datasets'],
    [
      'a field',
      {datasets: [{name: 'a'}], manifest: (text) => text.replace('"hash"', '"hush"')},
      'a: its entry in the manifest has no "hash"',
    ],
    [
      'a place',
      {datasets: [{name: 'a'}], manifest: (text) => text.replace('"backup"', '"back"')},
      'a: its entry in the manifest has no "backup"',
    ],
    [
      'a safe place',
      {datasets: [{name: 'a'}], manifest: (text) => text.replace('/datasets/', '/../')},
      'a: its recorded path leads out of the backup ("..")',
    ],
    [
      'a short name',
      {
        datasets: [{name: 'a'}],
        manifest: (text) => text.replace('/a.json"\n        }', `/${'x'.repeat(300)}"\n        }`),
      },
      'a: the copy cannot be looked at: the name is too long',
    ],
  ];
  test.each(texts)('%s', (_, options, reason) => {
    expect(rowOf(makeBackup(options))).toMatchObject({state: 'complete', reason});
  });
});

describe('notes', () => {
  test('none for a tree that never moved', () => {
    expect(rowOf(makeBackup({recordedRoot: 'here'})).notes).toEqual([]);
  });

  test('a byte order mark', () => {
    const backup = makeBackup({recordedRoot: 'here', manifest: (text) => `\ufeff${text}`});
    expect(rowOf(backup).notes).toEqual([
      'The manifest begins with a byte order mark: PHP cannot read it, and its verify would replace it.',
    ]);
  });

  test('a renamed directory', () => {
    const backup = makeBackup({recordedRoot: 'here'});
    fs.renameSync(backup.directory, path.join(backup.backups, 'kept'));
    expect(readRow(backup.backups, 'kept', now)).toMatchObject({
      state: 'complete',
      reason: null,
      time: null,
      notes: ['The manifest calls itself 20261123_131813: the directory was renamed.'],
    });
  });
});

describe('the signature', () => {
  const changes: [string, (backup: BuiltBackup) => void][] = [
    ['the manifest', ({manifestFile}) => fs.appendFileSync(manifestFile, ' ')],
    ['the record', ({directory}) => fs.writeFileSync(path.join(directory, 'verifications.jsonl'), '')],
    ['the list of copies', ({copy}) => fs.unlinkSync(copy('tenants'))],
  ];
  test.each(changes)('differs once %s changes', (_, change) => {
    const backup = makeBackup();
    fs.utimesSync(path.join(backup.directory, 'datasets'), 1, 1);
    const before = rowSignature(backup.directory);
    expect(rowSignature(backup.directory)).toBe(before);
    change(backup);
    expect(rowSignature(backup.directory)).not.toBe(before);
  });
});
