import fs from 'node:fs';
import {expect, test} from 'vitest';
import {
  type Live,
  type LiveCache,
  type LiveOptions,
  noteLive,
  readLive,
} from '../../../source/engine/catalog/live.ts';
import {makeBackup, makeRoot, phpHash} from '../../support/backups.ts';
import {pool} from '../../support/verifying.ts';

/** What is told last of each live file. */
async function lastOf(
  configured: LiveOptions['configured'],
  note: (cache: LiveCache, file: (name: string) => string) => void = () => {},
): Promise<Record<string, Live>> {
  const {root, backups} = makeRoot();
  const {id} = makeBackup({
    backups,
    recordedRoot: 'here',
    datasets: [{name: 'a', content: 'x'}, {name: 'db'}],
  });
  fs.mkdirSync(`${root}/storage/data`);
  for (const name of ['a', 'db']) fs.writeFileSync(`${root}/storage/data/${name}.json`, 'x');
  fs.writeFileSync(`${root}/elsewhere`, 'x');
  const told: Record<string, Live> = {};
  const cache = {contents: new Map(), reads: new Map()};
  note(cache, (name) => `${root}/storage/data/${name}.json`);
  const options = {
    place: {root, backups},
    id,
    pool,
    signal: new AbortController().signal,
    cache,
    sizes: () => new Set([1]),
    configured: (name: string) => {
      const known = configured(name);
      return known && 'file' in known ? {file: `${root}/${known.file}`} : known;
    },
  };
  for await (const {name, live} of readLive(options)) told[name] = live;
  return told;
}

const read: Live = {state: 'read', content: `sha256:${phpHash('sha256', 'x')}`, bytes: 1};

test('what is configured is looked at, else what the manifest says; a name that has no file is not compared', async () => {
  expect(await lastOf(() => null)).toEqual({a: read, db: read});
  const reason = 'no two dumps are the same';
  expect(await lastOf((name) => (name === 'db' ? {reason} : {file: 'elsewhere'}))).toEqual({
    a: read,
    db: {state: 'unknown', reason},
  });
  expect(await lastOf(() => ({file: 'gone'}))).toEqual({a: {state: 'missing'}, db: {state: 'missing'}});
});

test('what is known of a live file already is not read, for as long as it is as it was', async () => {
  const noted = await lastOf(
    () => null,
    (cache, file) => {
      noteLive(cache, file('a'), 'SHA256', 'AB');
      noteLive(cache, file('db'), 'sha256', 'cd');
      fs.writeFileSync(file('db'), 'y');
      fs.utimesSync(file('db'), 1, 1);
      noteLive(cache, file('gone'), 'sha256', 'ef');
    },
  );
  expect(noted).toEqual({
    a: {...read, content: 'sha256:ab'},
    db: {...read, content: `sha256:${phpHash('sha256', 'y')}`},
  });
});
