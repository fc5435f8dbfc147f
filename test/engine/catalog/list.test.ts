import fs from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {glance, listBackups} from '../../../source/engine/catalog/list.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';
import {makePipe} from '../../support/temporary.ts';

function withDirectories(...names: string[]): string {
  const {backups} = makeRoot();
  for (const name of names) fs.mkdirSync(path.join(backups, name));
  return backups;
}

test('newest first, the longer of two names first', () => {
  const backups = withDirectories(
    '20261123_131814',
    '20261123_131813_b',
    '20261123_131813',
    '20270101_000000',
  );
  expect(listBackups(backups)).toEqual({
    ids: ['20270101_000000', '20261123_131814', '20261123_131813_b', '20261123_131813'],
    strays: [],
    held: [],
    exists: true,
  });
});

test('in the order of bytes, as PHP sees it', () => {
  const names = [
    '20261123_131813_\u{1f600}',
    '20261123_131813_\uff21',
    '20261123_131813_é',
    '20261123_131813_z',
  ];
  expect(listBackups(withDirectories(...names)).ids).toEqual(names);
});

test('a renamed backup is still one, with or without its manifest', () => {
  const backups = withDirectories('kept', 'before', 'empty');
  fs.writeFileSync(path.join(backups, 'kept/manifest.json'), '');
  fs.mkdirSync(path.join(backups, 'before/datasets'));
  expect(listBackups(backups)).toMatchObject({
    ids: ['kept', 'before'],
    strays: [{name: 'empty', reason: 'a directory that is not a backup'}],
    held: [],
  });
});

test('strays are named with a reason, and links are not followed', () => {
  const {backups} = makeRoot();
  const {id} = makeBackup({backups});
  fs.writeFileSync(path.join(backups, 'README.txt'), '');
  fs.writeFileSync(path.join(backups, '20261123_131899'), '');
  fs.symlinkSync(id, path.join(backups, '20261123_131814_latest'));
  makePipe(path.join(backups, 'pipe'));
  fs.mkdirSync(path.join(backups, '.cache'));
  expect(listBackups(backups)).toEqual({
    ids: [id],
    held: [],
    strays: [
      {name: '.cache', reason: 'a directory that is not a backup', isDirectory: true},
      {
        name: '20261123_131814_latest',
        reason: 'a link; links are not followed',
        isDirectory: true,
        leadsTo: path.join(backups, id),
      },
      {name: '20261123_131899', reason: 'not a directory', isDirectory: false},
      {name: 'README.txt', reason: 'not a directory', isDirectory: false},
      {name: 'pipe', reason: 'not a directory', isDirectory: false},
    ],
    exists: true,
  });
});

test('a name that is not UTF-8 is a stray', () => {
  const {backups} = makeRoot();
  fs.mkdirSync(Buffer.concat([Buffer.from(`${backups}/20261123_131813_`), Buffer.from([0xe9])]));
  expect(listBackups(backups).strays).toEqual([
    {name: '20261123_131813_\ufffd', reason: 'its name is not UTF-8', isDirectory: true},
  ]);
});

test('no backups directory yet', () => {
  expect(listBackups(`${makeRoot().root}/absent`)).toEqual({ids: [], strays: [], held: [], exists: false});
});

test('a backups directory that is a file', () => {
  const file = `${makeRoot().root}/file`;
  fs.writeFileSync(file, '');
  expect(() => listBackups(file)).toThrow(`${file} cannot be listed: not a directory.`);
});

test('a glance at a few entries is the whole listing', () => {
  const {backups} = makeRoot();
  makeBackup({backups});
  fs.writeFileSync(path.join(backups, 'README.txt'), '');
  expect(glance(backups, 10)).toEqual(listBackups(backups));
});

test('a glance at many looks only at the first, and shows no file among them', () => {
  const names = Array.from({length: 1100}, (_, index) => `20260101_00${String(index).padStart(4, '0')}`);
  const backups = withDirectories(...names);
  const newest = names.toReversed();
  const [first] = newest;
  fs.rmdirSync(path.join(backups, first as string));
  fs.writeFileSync(path.join(backups, first as string), '');
  fs.writeFileSync(path.join(backups, 'README.txt'), '');
  expect(glance(backups, 10)).toEqual({ids: newest.slice(1), strays: [], held: [], exists: true});
  expect(glance(`${backups}/absent`, 10).exists).toBe(false);
});
