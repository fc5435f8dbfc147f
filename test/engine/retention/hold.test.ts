import fs from 'node:fs';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import {listBackups} from '../../../source/engine/catalog/list.ts';
import {hold} from '../../../source/engine/retention/hold.ts';
import {openState} from '../../../source/engine/storage/runbook/state-directory.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';

test('many copies in one directory are held with few calls for each', async () => {
  const {root, backups} = makeRoot();
  const id = '20260101_000000';
  const {directory} = makeBackup({backups, id});
  const file = path.join(directory, 'manifest.json');
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
  const copies = path.join(directory, 'datasets/media');
  fs.mkdirSync(copies);
  const [entry] = Object.values(manifest.datasets) as [object];
  for (let number = 0; number < 100; number++) {
    fs.writeFileSync(`${copies}/${number}`, '{}');
    manifest.datasets[`media/${number}`] = {...entry, backup: `${copies}/${number}`};
  }
  fs.writeFileSync(file, JSON.stringify(manifest));
  const state = openState(root);
  const spies = (['mkdirSync', 'openSync', 'lstatSync'] as const).map((name) => vi.spyOn(fs, name));
  const held = await hold(state, backups, id, 'x');
  const [made = 0, opened = 0, looked = 0] = spies.map(({mock}) => mock.calls.length);
  vi.restoreAllMocks();
  state.close();
  expect(held.linked).toBeGreaterThan(100);
  expect(fs.statSync(`${copies}/7`).ino).toBe(
    fs.statSync(`${root}/storage/runbook/held/${id}/datasets/media/7`).ino,
  );
  expect(made).toBeLessThan(40);
  expect(opened).toBeLessThan(100);
  expect(looked).toBeLessThan(300);
});

test('a copy that cannot be looked for keeps no list from being made', async () => {
  const {root, backups} = makeRoot();
  const {id, manifestFile, manifest} = makeBackup({backups});
  using state = openState(root);
  await hold(state, backups, id, 'x');
  fs.writeFileSync(manifestFile, manifest.replaceAll('tenants.json', 'x'.repeat(300)));
  expect(listBackups(backups, `${root}/storage/runbook/held`).held).toMatchObject([{id, only: false}]);
});

test('what was linked before PHP deleted the rest stays held', async () => {
  const {root, backups} = makeRoot();
  const {id, directory} = makeBackup({backups});
  using state = openState(root);
  const link = fs.linkSync;
  vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
    link(from, to);
    fs.rmSync(directory, {recursive: true, force: true});
  });
  const held = await hold(state, backups, id, 'x').finally(() => vi.restoreAllMocks());
  expect(held).toEqual({linked: 1, copied: 0, without: [{name: 'ledger', reason: 'the copy is missing'}]});
  const there = `${root}/storage/runbook/held/${id}`;
  expect(fs.readdirSync(`${there}/datasets`)).toEqual(['tenants.json']);
  expect(fs.statSync(`${there}/datasets`).mode & 0o077).toBe(0);
  expect(listBackups(backups, path.dirname(there)).held).toMatchObject([{id, only: true}]);
});
