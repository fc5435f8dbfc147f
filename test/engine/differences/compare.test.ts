import fs from 'node:fs';
import path from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {file} from '../../../source/engine/datasets/file.ts';
import {type CompareEvent, type CompareOptions, compare} from '../../../source/engine/differences/compare.ts';
import {createPool} from '../../../source/engine/hashing/pool.ts';
import {
  type BuiltBackup,
  type DatasetOptions,
  flipBit,
  makeBackup,
  makeRoot,
  phpHash,
} from '../../support/backups.ts';
import {aConfiguration} from '../../support/run-states.ts';

const pool = createPool(2);
afterAll(() => pool.close());

const id = '20261123_100000_nightly';
const before = '20261122_100000_nightly';

function makePlace(datasets: DatasetOptions[], live: Record<string, string>) {
  const {root, backups} = makeRoot();
  fs.mkdirSync(`${root}/storage/data`);
  for (const [file, text] of Object.entries(live)) fs.writeFileSync(`${root}/storage/data/${file}`, text);
  const built = makeBackup({backups, id, recordedRoot: 'here', datasets});
  return {root, backups, built};
}

type Options = Partial<CompareOptions>;

async function eventsOf(place: {root: string | null; backups: string}, options: Options = {}) {
  const events: CompareEvent[] = [];
  const given = {place, configuration: null, id, other: null, pool, ...options};
  for await (const event of compare(given)) events.push(event);
  return events;
}

async function compared(place: {root: string | null; backups: string}, options: Options = {}) {
  const events = await eventsOf(place, options);
  const last = events.at(-1);
  const datasets = events.flatMap((event) => (event.type === 'dataset' ? [event.dataset] : []));
  return {
    result: last?.type === 'finished' ? last.result : null,
    relations: Object.fromEntries(datasets.map(({name, relation}) => [name, relation])),
    named: (name: string) => datasets.find((each) => each.name === name),
  };
}

describe('with the live files', () => {
  const datasets = [
    {name: 'same', content: 'a'},
    {name: 'changed', content: 'a'},
    {name: 'longer', content: 'a'},
    {name: 'gone', content: 'a'},
  ];
  const live = {'same.json': 'a', 'changed.json': 'b', 'longer.json': 'aa'};

  test('each is the same, differs, or is there on one side only', async () => {
    const {root, backups} = makePlace(datasets, live);
    const {result, relations, named} = await compared({root, backups});
    expect(relations).toEqual({same: 'same', changed: 'differs', longer: 'differs', gone: 'one side'});
    expect(result).toBe('differs');
    const {mtimeMs} = fs.statSync(`${root}/storage/data/changed.json`);
    expect(named('changed')).toMatchObject({
      algorithm: 'sha256',
      one: {bytes: 1, at: '2026-11-23T10:00:00+00:00', hash: phpHash('sha256', 'a'), altered: false},
      other: {bytes: 1, at: new Date(mtimeMs).toISOString(), hash: phpHash('sha256', 'b'), altered: null},
    });
    expect(named('gone')?.other).toMatchObject({state: 'absent', reason: 'the live file is missing'});
  });

  test('all the same', async () => {
    const {root, backups} = makePlace([{name: 'same', content: 'a'}], live);
    expect(await compared({root, backups})).toMatchObject({result: 'same', relations: {same: 'same'}});
  });

  test('a copy that was damaged is no copy of the live file, whatever the manifest records', async () => {
    const {root, backups, built} = makePlace([{name: 'same', content: 'aa'}], {'same.json': 'aa'});
    flipBit(built.copy('same'));
    const {result, named} = await compared({root, backups});
    expect(result).toBe('differs');
    expect(named('same')?.one).toMatchObject({
      altered: true,
      reason: 'the copy is not what the manifest recorded',
    });
  });

  test('a weak algorithm is not relied on', async () => {
    const {root, backups} = makePlace([{name: 'same', content: 'a', algorithm: 'crc32b'}], live);
    const {named} = await compared({root, backups});
    expect(named('same')).toMatchObject({algorithm: 'sha256', relation: 'same', one: {altered: null}});
  });

  test('what no bytes tell is not compared, and why is said', async () => {
    const {root, backups} = makePlace([{name: 'same', content: 'a'}], live);
    const whyNotComparable = 'no two dumps are the same';
    const type = {...file, whyNotComparable};
    const value = [{name: 'same', source: `${root}/storage/data/same.json`, type, from: 'test'}];
    const configuration = aConfiguration({datasets: {value, from: 'test', problem: null}});
    const {result, named} = await compared({root, backups}, {configuration});
    expect(result).toBe('unknown');
    expect(named('same')).toMatchObject({relation: 'unknown', other: {reason: whyNotComparable}});
  });

  test('of a database with a write-ahead log nobody knows that it is the same', async () => {
    const content = 'SQLite format 3\0 rows';
    const {root, backups} = makePlace([{name: 'db', content, file: 'db.sqlite'}], {'db.sqlite': content});
    const wal = `${root}/storage/data/db.sqlite-wal`;
    fs.writeFileSync(wal, '');
    expect((await compared({root, backups})).relations).toEqual({db: 'same'});
    fs.writeFileSync(wal, 'commits');
    const {result, named} = await compared({root, backups});
    expect(result).toBe('unknown');
    expect(named('db')).toMatchObject({
      relation: 'unknown',
      one: {beside: null},
      other: {beside: 'db.sqlite-wal'},
    });
  });

  test('without a project nobody knows', async () => {
    const {backups} = makePlace([{name: 'same', content: 'a'}], live);
    const {result, named} = await compared({root: null, backups});
    expect(result).toBe('unknown');
    expect(named('same')?.other).toMatchObject({state: 'unknown', reason: 'no project, no live file'});
  });

  test('a link in the place of a live file, and a missing copy, are not compared', async () => {
    const {root, backups, built} = makePlace(
      [
        {name: 'same', content: 'a'},
        {name: 'changed', content: 'a'},
      ],
      live,
    );
    const file = path.join(root, 'storage/data/same.json');
    fs.renameSync(file, `${file}.real`);
    fs.symlinkSync(`${file}.real`, file);
    fs.rmSync(built.copy('changed'));
    const {result, relations, named} = await compared({root, backups});
    expect(relations).toEqual({same: 'unknown', changed: 'unknown'});
    expect(result).toBe('unknown');
    expect(named('same')?.other.reason).toBe('the live file is a link, not a file');
    expect(named('changed')?.one.reason).toBe('the copy is missing');
  });
});

describe('with another backup', () => {
  const withOther = (datasets: DatasetOptions[], others: DatasetOptions[]) => {
    const place = makePlace(datasets, {});
    const other: BuiltBackup = makeBackup({backups: place.backups, id: before, datasets: others});
    return {...place, other};
  };

  test('by what the copies hold, also where the algorithms differ', async () => {
    const {root, backups} = withOther(
      [{name: 'a'}, {name: 'b', content: 'x'}, {name: 'c'}],
      [{name: 'a', algorithm: 'md5'}, {name: 'b', content: 'y'}, {name: 'd'}],
    );
    const {result, relations, named} = await compared({root, backups}, {other: before});
    expect(relations).toEqual({a: 'same', b: 'differs', c: 'one side', d: 'one side'});
    expect(result).toBe('differs');
    expect(named('c')?.other).toMatchObject({state: 'absent', reason: 'not in that backup'});
    expect(named('d')?.one).toMatchObject({state: 'absent', reason: 'not in the backup'});
  });

  test('only one dataset; of a name that is nowhere there is nothing', async () => {
    const {root, backups} = withOther([{name: 'a'}, {name: 'b'}], [{name: 'a'}]);
    expect(await compared({root, backups}, {other: before, only: 'a'})).toMatchObject({
      result: 'same',
      relations: {a: 'same'},
    });
    expect(await compared({root, backups}, {other: before, only: 'z'})).toMatchObject({result: 'nothing'});
  });

  test('a backup that is gone is no backup that was cut off', async () => {
    const {root, backups, built} = makePlace([{name: 'a'}], {});
    fs.rmSync(built.directory, {recursive: true});
    await expect(compared({root, backups})).rejects.toThrow(`${id} is gone: it was deleted or moved.`);
  });

  test('a manifest that cannot be read is a problem in words', async () => {
    const {root, backups} = makePlace([{name: 'a'}], {});
    makeBackup({backups, id: before, manifest: () => '{"id'});
    await expect(compared({root, backups}, {other: before})).rejects.toThrow(
      /^20261122_100000_nightly cannot be compared: manifest\.json is cut short/,
    );
  });
});

test('first comes what is known at once, last the result; cancelled, nothing is said of any', async () => {
  const {root, backups} = makePlace([{name: 'a', content: 'x'}], {'a.json': 'y'});
  const events = await eventsOf({root, backups});
  expect(events.map(({type}) => type).filter((type) => type !== 'progress')).toEqual([
    'started',
    'dataset',
    'finished',
  ]);
  expect(events[0]).toMatchObject({totalBytes: 2, datasets: [{name: 'a', relation: 'reading'}]});
  const stopped = await eventsOf({root, backups}, {signal: AbortSignal.abort()});
  expect(stopped.at(-1)).toEqual({type: 'finished', result: 'cancelled'});
  expect(stopped.some(({type}) => type === 'dataset')).toBe(false);
});
