import fs from 'node:fs';
import {expect, test} from 'vitest';
import {runBackup} from '../../../source/engine/backup/run.ts';
import {directory} from '../../../source/engine/datasets/directory.ts';
import {file} from '../../../source/engine/datasets/file.ts';
import {readManifest} from '../../../source/engine/storage/manifest/read.ts';
import {makeRoot} from '../../support/backups.ts';
import {leaveInWal} from '../../support/faults.ts';
import {aConfiguration} from '../../support/run-states.ts';
import {pool} from '../../support/verifying.ts';

/** A root of one dataset, a directory in which files come and go. */
function makeTree(type = directory) {
  const {root, backups} = makeRoot();
  const source = `${root}/storage/tree`;
  fs.mkdirSync(`${source}/sub/deeper`, {recursive: true});
  for (const name of ['a', 'b', 'sub/c', 'sub/deeper/d']) fs.writeFileSync(`${source}/${name}`, name);
  const dataset = type.isTree
    ? {name: 'tree', source, type, from: 'default'}
    : {name: 'one', source: `${source}/a`, type, from: 'default'};
  const configuration = aConfiguration({
    path: {value: backups, from: 'default', problem: null},
    datasets: {value: [dataset], from: 'default', problem: null},
  });
  const options = {root, backups, configuration, label: '', pool};
  /** Runs it; `meanwhile` is what happens between the look at the directory and the copying. */
  const run = async (meanwhile: () => void, strict = false) => {
    const signal = new AbortController().signal;
    for await (const event of runBackup({...options, strict, signal})) {
      if (event.type === 'planned') meanwhile();
      if (event.type === 'finished') return event.result;
    }
    throw new Error('it did not end');
  };
  return {source, backups, run};
}

test('what is gone before its turn is no miss, and the backup is whole', async () => {
  const {source, backups, run} = makeTree();
  leaveInWal(`${source}/cache.sqlite`, 3);
  const result = await run(() => {
    for (const name of ['b', 'sub', 'cache.sqlite']) fs.rmSync(`${source}/${name}`, {recursive: true});
  });
  const gone = (name: string) => ({name, reason: 'it was gone again before it was copied', grave: false});
  expect(result).toMatchObject({outcome: 'done', missing: [], doubtful: [], changed: []});
  expect(result.leftOut.filter(({name}) => !name.includes('sqlite-'))).toEqual(
    ['tree/b', 'tree/cache.sqlite', 'tree/sub/c', 'tree/sub/deeper/d'].map(gone),
  );
  expect(result.copies.map(({name}) => name)).toEqual(['tree/a']);
  const read = readManifest(`${backups}/${result.id}`);
  expect(read).toMatchObject({manifest: {partial: []}});
});

test('where more goes than comes and goes, the backup is partial, and strict refuses it', async () => {
  for (const strict of [false, true]) {
    const {source, backups, run} = makeTree();
    const many = Array.from({length: 96}, (_, index) => `many-${index}`);
    for (const name of many) fs.writeFileSync(`${source}/${name}`, name);
    const result = await run(() => {
      for (const name of many.slice(0, 11)) fs.rmSync(`${source}/${name}`);
    }, strict);
    const reason = '11 of its 100 files were deleted before they were copied';
    expect(result).toMatchObject(
      strict
        ? {outcome: 'failed', reason: `tree: ${reason}. Nothing was written`}
        : {outcome: 'partial', missing: [{name: 'tree', reason}]},
    );
    if (strict) continue;
    const read = readManifest(`${backups}/${result.id}`);
    expect(read).toMatchObject({manifest: {partial: [{dataset: 'tree', reason}]}});
  }
});

test('ten files, or a tenth of more, may come and go', async () => {
  for (const [files, gone] of [
    [16, 10],
    [196, 20],
  ] as const) {
    const {source, run} = makeTree();
    const many = Array.from({length: files}, (_, index) => `many-${index}`);
    for (const name of many) fs.writeFileSync(`${source}/${name}`, name);
    const result = await run(() => {
      for (const name of many.slice(0, gone)) fs.rmSync(`${source}/${name}`);
    });
    expect(result).toMatchObject({outcome: 'done', missing: []});
    expect(result.leftOut).toHaveLength(gone);
  }
});

test('where all is gone, it is missing', async () => {
  const {source, run} = makeTree();
  const result = await run(() => fs.rmSync(source, {recursive: true}));
  expect(result).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('tree: its directory holds no file that could be copied'),
  });
});

test('a dataset that is one file is missing where that is gone', async () => {
  const {source, run} = makeTree(file);
  const result = await run(() => fs.rmSync(`${source}/a`));
  expect(result).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/one: .*missing/),
  });
});
