import fs from 'node:fs';
import {expect, test} from 'vitest';
import {
  holdsBytes,
  isUnlike,
  knownContents,
  type Live,
  type LiveCache,
  noteLive,
  readLive,
} from '../../../source/engine/catalog/live.ts';
import {makeBackup, makeRoot, phpHash} from '../../support/backups.ts';
import {aRow, idAt} from '../../support/states.ts';
import {pool} from '../../support/verifying.ts';

/** What is told last of each live file. */
async function lastOf(
  configured: Record<string, {file: string} | {reason: string}>,
  note: (cache: LiveCache, file: (name: string) => string) => void = () => {},
  known = new Map([[1, new Set(['sha256:other'])]]),
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
    known: () => known,
    configured: new Map(
      Object.entries(configured).map(([name, source]) => [
        name,
        'file' in source ? {file: `${root}/${source.file}`} : source,
      ]),
    ),
  };
  for await (const {name, live} of readLive(options)) told[name] = live;
  return told;
}

const holding = (...contents: string[]): Live => ({state: 'read', contents: new Set(contents), bytes: 1});
const read = holding(`sha256:${phpHash('sha256', 'x')}`);

test('what is configured is looked at, else what the manifest says; a name that has no file is not compared', async () => {
  expect(await lastOf({})).toEqual({a: read, db: read});
  const reason = 'no two dumps are the same';
  expect(await lastOf({a: {file: 'elsewhere'}, db: {reason}})).toEqual({
    a: read,
    db: {state: 'unknown', reason},
  });
  expect(await lastOf({a: {file: 'gone'}, db: {file: 'gone'}})).toEqual({
    a: {state: 'missing'},
    db: {state: 'missing'},
  });
});

test('what is known of a live file already is not read, for as long as it is as it was', async () => {
  const noted = await lastOf({}, (cache, file) => {
    noteLive(cache, file('a'), 'SHA256', 'AB');
    noteLive(cache, file('db'), 'sha256', 'cd');
    fs.writeFileSync(file('db'), 'y');
    fs.utimesSync(file('db'), 1, 1);
    noteLive(cache, file('gone'), 'sha256', 'ef');
  });
  expect(noted).toEqual({
    a: holding('sha256:ab'),
    db: holding(`sha256:${phpHash('sha256', 'y')}`),
  });
});

test('it is hashed by the algorithm of every copy that it may be, and where its dataset is not in this backup', async () => {
  const copies = new Map([
    [1, new Set(['md5:one', 'sha256:two', 'frobnicate:three'])],
    [2, new Set(['sha1:longer'])],
  ]);
  const both = holding(`md5:${phpHash('md5', 'x')}`, `sha256:${phpHash('sha256', 'x')}`);
  expect(await lastOf({added: {file: 'elsewhere'}}, undefined, copies)).toEqual({
    a: both,
    added: both,
    db: both,
  });
  expect(await lastOf({}, undefined, new Map([[1, new Set(['frobnicate:three'])]]))).toMatchObject({
    a: {state: 'unreadable', reason: 'live file: unsupported'},
  });
});

test('a copy that was cut short does not hide that the live file holds what is recorded of it', () => {
  const row = (bytes: number) =>
    aRow(idAt(bytes), {datasets: [{name: 'a', bytes, content: 'sha256:x', flaw: null}]});
  expect(knownContents([row(5), row(2)], 'a')).toEqual(
    new Map([
      [5, new Set(['sha256:x'])],
      [2, new Set(['sha256:x'])],
    ]),
  );
});

test('of a copy by an algorithm that is not known only another size says that live is another', () => {
  const live = {state: 'read', contents: new Set(['sha256:x']), bytes: 5} as const;
  expect(isUnlike(live, {content: 'sha256:x', bytes: 5})).toBe(false);
  expect(holdsBytes(live, {content: 'sha256:x', bytes: 5})).toBe(true);
  expect(holdsBytes(live, {content: 'sha256:x', bytes: 4})).toBe(false);
  expect(isUnlike(live, {content: 'sha256:y', bytes: 5})).toBe(true);
  expect(isUnlike(live, {content: 'snefru:z', bytes: 5})).toBe(false);
  expect(isUnlike(live, {content: 'snefru:z', bytes: 4})).toBe(true);
  expect(isUnlike(live, {content: null, bytes: 4})).toBe(false);
});
