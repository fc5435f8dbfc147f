import fs from 'node:fs';
import {expect, test} from 'vitest';
import {runBackup} from '../../../source/engine/backup/run.ts';
import type {MadeEvent, RunEvent} from '../../../source/engine/backup/run-events.ts';
import {file} from '../../../source/engine/datasets/file.ts';
import type {DatasetType, Produce} from '../../../source/engine/datasets/type.ts';
import {readManifest} from '../../../source/engine/storage/manifest/read.ts';
import {makeRoot, phpHash} from '../../support/backups.ts';
import {aConfiguration} from '../../support/run-states.ts';
import {pool} from '../../support/verifying.ts';

/** A backup of a dataset of which no file lies there: it is written down. */
async function back(produce: Produce, onEvent: (event: RunEvent | MadeEvent) => void = () => {}) {
  const {root, backups} = makeRoot();
  const type: DatasetType = {
    ...file,
    name: 'dump',
    look(_, dataset) {
      const whole = {name: dataset.name, segments: [], below: [], bytes: 0, allocated: 0, produce};
      return {dataset, base: '', files: [whole], leftOut: [], missing: null};
    },
  };
  const dataset = {name: 'db', source: `${root}/storage/restore/db.dump`, type, from: 'test'};
  const configuration = aConfiguration({
    path: {value: backups, from: 'default', problem: null},
    datasets: {value: [dataset], from: 'default', problem: null},
  });
  const {signal} = new AbortController();
  const options = {root, backups, configuration, label: '', strict: false, pool, interval: 1, signal};
  for await (const event of runBackup(options)) {
    onEvent(event);
    if (event.type === 'finished') return {root, backups, result: event.result};
  }
  throw new Error('it did not end');
}

const attributes = {mode: '0600', uid: 0, gid: 0, mtime: '2026-11-29T08:00:00+00:00'};

/** What is written by a `produce` that has done all of it. */
const write: Produce = ({to, as}) => {
  fs.writeFileSync(`${to}/${as}`, 'all rows', {flag: 'wx'});
  const hash = phpHash('sha256', 'all rows');
  return Promise.resolve({
    result: {status: 'copied', hash, bytes: 8, attributes, changed: false},
    doubt: null,
  });
};

test('what is written down is a copy like any other, recorded from where it would go back to', async () => {
  const {root, backups, result} = await back(write);
  expect(result).toMatchObject({outcome: 'done', missing: []});
  const read = readManifest(`${backups}/${result.id}`);
  expect(read).toMatchObject({
    manifest: {
      datasets: [
        {
          name: 'db',
          source: `${root}/storage/restore/db.dump`,
          hash: phpHash('sha256', 'all rows'),
          flaw: null,
        },
      ],
    },
  });
  expect(fs.readFileSync(`${backups}/${result.id}/datasets/db.dump`, 'utf8')).toBe('all rows');
});

test('how far it is, is told while it is at work', async () => {
  const told = Promise.withResolvers<void>();
  const {result} = await back(
    async (task) => {
      task.onProgress(5);
      await told.promise;
      return write(task);
    },
    (event) => {
      if (event.type === 'progress' && event.bytesDone === 5) told.resolve();
    },
  );
  expect(result.outcome).toBe('done');
});

test('a doubt makes the backup a partial one, and says why', async () => {
  const {result} = await back(async (task) => ({...(await write(task)), doubt: 'the server went away'}));
  expect(result).toMatchObject({
    outcome: 'partial',
    doubtful: [{name: 'db', reason: 'the server went away'}],
  });
});

test("a fault of the source's is a miss, one of the target's ends the run", async () => {
  const ends = async (status: 'unreadable' | 'failed') =>
    (await back(() => Promise.resolve({result: {status, reason: 'it is down'}, doubt: null}))).result;
  expect(await ends('unreadable')).toMatchObject({
    outcome: 'failed',
    reason: 'there is nothing to copy: db: it is down. Nothing was written',
  });
  expect(await ends('failed')).toMatchObject({
    outcome: 'failed',
    reason: 'the copies could not be written: db: it is down. Nothing was written',
  });
});
