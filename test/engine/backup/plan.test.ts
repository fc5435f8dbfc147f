import fs from 'node:fs';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import {planRun} from '../../../source/engine/backup/plan.ts';
import {whyNot} from '../../../source/engine/backup/run.ts';
import type {RunPlace} from '../../../source/engine/config/project.ts';
import {directory} from '../../../source/engine/datasets/directory.ts';
import {file} from '../../../source/engine/datasets/file.ts';
import {phpAfter, planRetention} from '../../../source/engine/retention/plan.ts';
import {heldDirectory} from '../../../source/engine/storage/held.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';
import {aConfiguration} from '../../support/run-states.ts';

const ids = ['20200101_000000', '20200102_000000', '20200103_000000'] as const;
const [oldest, middle, newest] = ids;

/** Three old backups of two datasets; ours and PHP's retention keep two. */
function makePlace(): RunPlace {
  const {root, backups} = makeRoot();
  fs.mkdirSync(`${root}/storage/data`);
  for (const name of ['tenants', 'ledger'])
    fs.writeFileSync(`${root}/storage/data/${name}.json`, `{"live":"${name}"}`);
  for (const id of ids) makeBackup({backups, id, recordedRoot: 'here'});
  const datasets = ['tenants', 'ledger'].map((name) => ({
    name,
    source: `${root}/storage/data/${name}.json`,
    type: file,
    from: 'default',
  }));
  const configuration = aConfiguration({
    datasets: {value: datasets, from: 'default', problem: null},
    php: {path: backups, maxCount: 2},
  });
  return {root, backups, configuration};
}

test('what PHP deletes next is told as it will be once retention has done its work', async () => {
  const plan = await planRun(makePlace(), '');
  expect(plan.retention.filter(({stays}) => !stays).map(({id}) => id)).toEqual([middle, oldest]);
  expect(plan.php).toEqual([newest]);
});

test('a live file that is next to empty pushes out no copy of what it was', async () => {
  const place = makePlace();
  fs.writeFileSync(`${place.root}/storage/data/ledger.json`, '[]\n');
  const [next, ...others] = (await planRun(place, '')).retention;
  expect(next).toMatchObject({stays: true, datasets: ['tenants', 'ledger']});
  expect(others.map(({id, datasets}) => [id, datasets])).toEqual([
    [newest, ['tenants', 'ledger']],
    [middle, ['ledger']],
    [oldest, []],
  ]);
});

test('where something is missing retention waits, and PHP finds all of them', async () => {
  const place = makePlace();
  fs.rmSync(`${place.root}/storage/data/ledger.json`);
  const plan = await planRun(place, '');
  expect(plan.missing).toHaveLength(1);
  expect(plan.php).toEqual([oldest, middle, newest]);
});

test('what is held counts, and is not lost', () => {
  const place = makePlace();
  fs.mkdirSync(`${heldDirectory(place.root)}/${newest}`, {recursive: true});
  expect(phpAfter(place, [])).toEqual({deletes: [oldest, middle], empties: null});
  fs.rmSync(`${place.backups}/${newest}`, {recursive: true});
  expect(phpAfter(place, [])).toEqual({deletes: [oldest], empties: null});
});

test('what a link inside a backup leads to is emptied with it, and nothing after it', () => {
  const place = makePlace();
  const elsewhere = `${place.root}/elsewhere`;
  fs.mkdirSync(elsewhere);
  fs.writeFileSync(`${place.root}/file`, '');
  // A link to a file is only taken away, and so is one that leads nowhere.
  fs.symlinkSync(`${place.root}/file`, `${place.backups}/${oldest}/datasets/file`);
  fs.symlinkSync('nowhere', `${place.backups}/${oldest}/datasets/nowhere`);
  expect(phpAfter(place, [])).toEqual({deletes: [oldest, middle], empties: null});
  fs.symlinkSync(elsewhere, `${place.backups}/${middle}/datasets/link`);
  expect(phpAfter(place, [])).toEqual({
    deletes: [oldest, middle],
    empties: {link: `${middle}/datasets/link`, target: elsewhere},
  });
});

test('PHP that keeps one finds the newest of ours, and its own is not named', () => {
  const place = makePlace();
  const one = {...place, configuration: {...place.configuration, php: {path: place.backups, maxCount: 1}}};
  expect(phpAfter(one, planRetention(one, null))).toEqual({deletes: [middle, newest], empties: null});
  fs.writeFileSync(`${place.backups}/zz`, '');
  expect(phpAfter(one, planRetention(one, null))).toEqual({deletes: [middle, newest], empties: null});
});

test('more files than a manifest could hold are refused before any is copied', async () => {
  const place = makePlace();
  const media = `${place.root}/storage/media`;
  const deep = path.join(media, ...Array.from({length: 15}, () => 'd'.repeat(240)));
  fs.mkdirSync(deep, {recursive: true});
  const dataset = {name: 'media', source: media, type: directory, from: 'default'};
  place.configuration.datasets.value = [dataset];
  fs.writeFileSync(`${deep}/0`, '');
  const {manifestBytes} = await planRun(place, '');
  fs.writeFileSync(`${deep}/1`, '');
  const one = (await planRun(place, '')).manifestBytes - manifestBytes;
  expect(one).toBeGreaterThan(3000);
  expect(whyNot(place, await planRun(place, ''), false)).toBeNull();
  const most = Math.ceil((16 * 1024 * 1024) / one);
  for (let file = 2; file <= most; file++) fs.writeFileSync(`${deep}/${file}`, '');
  expect(whyNot(place, await planRun(place, ''), false)).toMatch(
    new RegExp(`^${most + 1} files make a manifest of .* and one of more than 16`),
  );
});

test('a source is walked with a few descriptors opened for each directory, however deep it lies', async () => {
  const place = makePlace();
  const media = `${place.root}/storage/media`;
  const dataset = {name: 'media', source: media, type: directory, from: 'default'};
  place.configuration.datasets.value = [dataset];
  const opens = async (depth: number): Promise<number> => {
    const deep = `${media}${'/d'.repeat(depth)}`;
    fs.mkdirSync(deep, {recursive: true});
    fs.writeFileSync(`${deep}/file`, '');
    const open = vi.spyOn(fs, 'openSync');
    expect((await planRun(place, '')).datasets[0]?.files.at(-1)?.segments.length).toBe(depth + 1);
    const {length} = open.mock.calls;
    open.mockRestore();
    return length;
  };
  const half = await opens(400);
  expect(await opens(800)).toBeLessThan(3 * half);
});
