import fs from 'node:fs';
import {expect, test} from 'vitest';
import {directory} from '../../../source/engine/datasets/directory.ts';
import {file} from '../../../source/engine/datasets/file.ts';
import {recentWrites} from '../../../source/engine/datasets/live-writes.ts';
import type {ConfiguredDataset} from '../../../source/engine/datasets/type.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

const now = Date.UTC(2026, 10, 23, 12);

/** A live file that was written to so many seconds ago. */
function written(name: string, secondsAgo: number, content = 'x'): ConfiguredDataset {
  const source = `${temporaryDirectory()}/${name}`;
  touch(source, secondsAgo, content);
  return {name, source, type: file, from: 'test'};
}

function touch(at: string, secondsAgo: number, content = 'x'): void {
  fs.writeFileSync(at, content);
  fs.utimesSync(at, (now - secondsAgo * 1000) / 1000, (now - secondsAgo * 1000) / 1000);
}

test('names what was written to within half a minute, the latest first', async () => {
  const datasets = [written('tenants', 12), written('ledger', 2), written('media', 31)];
  expect(await recentWrites(datasets, now)).toEqual([
    {name: 'ledger', seconds: 2},
    {name: 'tenants', seconds: 12},
  ]);
});

test('what SQLite writes beside the database counts, unless it is empty', async () => {
  const ledger = written('ledger.sqlite', 3600);
  touch(`${ledger.source}-wal`, 4, '');
  expect(await recentWrites([ledger], now)).toEqual([]);
  touch(`${ledger.source}-wal`, 4);
  expect(await recentWrites([ledger], now)).toEqual([{name: 'ledger.sqlite', seconds: 4}]);
});

test('a clock that is a little ahead is none of the future, and one far ahead says nothing', async () => {
  expect(await recentWrites([written('near', -1)], now)).toEqual([{name: 'near', seconds: 0}]);
  expect(await recentWrites([written('far', -60)], now)).toEqual([]);
});

test('of a directory, what came into it; of a file that is not there, nothing', async () => {
  const source = temporaryDirectory();
  const media: ConfiguredDataset = {name: 'media', source, type: directory, from: 'test'};
  const gone: ConfiguredDataset = {name: 'gone', source: `${source}/gone`, type: file, from: 'test'};
  fs.utimesSync(source, now / 1000 - 5, now / 1000 - 5);
  expect(await recentWrites([gone, media], now)).toEqual([{name: 'media', seconds: 5}]);
});

test('what a restore has put there is no service that writes, and what came after it is one', async () => {
  const datasets = [written('tenants', 12), written('ledger', 2)];
  const restored = new Map(['tenants', 'ledger'].map((name) => [name, now - 5000]));
  expect(await recentWrites(datasets, now, restored)).toEqual([{name: 'ledger', seconds: 2}]);
});
