import fs from 'node:fs';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {BackupsPresent} from '../../../../source/engine/events/metrics/backups-present.ts';
import {backupTime} from '../../../../source/engine/storage/backup-id.ts';
import {flipBit, makeBackup, makeRoot} from '../../../support/backups.ts';
import * as happens from '../../../support/happenings.ts';
import {count, placeOf, presentOf, valuesOf} from '../../../support/metrics.ts';
import {verifyBackup} from '../../../support/verifying.ts';

const oldId = '20261120_000000';
const newId = '20261123_131813';

afterEach(() => vi.restoreAllMocks());

function makePlace() {
  const {root, backups} = makeRoot();
  const made = [oldId, newId].map((id) => makeBackup({backups, id}));
  return {root, backups, place: placeOf(root), made};
}

async function lookedAt(place: {root: string; backups: string}) {
  const catalog = new BackupsPresent(place);
  await catalog.look([]);
  const counts = Object.fromEntries([...catalog.counts].filter(([, number]) => number > 0));
  return {counts, newestVerified: catalog.newestVerified};
}

describe('backups by their state', () => {
  test('each as the catalog has it', async () => {
    const {backups, place, made} = makePlace();
    expect(await lookedAt(place)).toEqual({counts: {never: 2}, newestVerified: 0});
    for (const each of made) await verifyBackup(each, {record: true});
    expect(await lookedAt(place)).toEqual({counts: {verified: 2}, newestVerified: backupTime(newId)});
    flipBit(made[1]?.copy('tenants') as string);
    await verifyBackup(made[1] as (typeof made)[0], {record: true});
    // The older one is the newest that can be relied on.
    expect(await lookedAt(place)).toEqual({
      counts: {verified: 1, failed: 1},
      newestVerified: backupTime(oldId),
    });
    fs.appendFileSync(made[0]?.copy('tenants') as string, 'more');
    expect(await lookedAt(place)).toEqual({counts: {stale: 1, failed: 1}, newestVerified: 0});
    makeBackup({backups, id: '20261124_000000', manifest: () => null});
    makeBackup({backups, id: '20261125_000000', manifest: () => '{'});
    makeBackup({backups, id: '20261126_000000', metadata: {last_verified_at: '2026-11-26T01:00:00+00:00'}});
    fs.writeFileSync(`${backups}/README.txt`, 'no backup');
    expect((await lookedAt(place)).counts).toEqual({
      stale: 1,
      failed: 1,
      interrupted: 1,
      unreadable: 1,
      unknown: 1,
    });
  });

  test('what passed long ago is stale, and still the newest that passed', async () => {
    const {place, made, backups} = makePlace();
    for (const each of made) await verifyBackup(each, {record: true});
    for (const {directory} of made) {
      const file = `${directory}/verifications.jsonl`;
      const manifest = `${directory}/manifest.json`;
      const aged = (text: string) =>
        text.replaceAll(/"(at|last_verified_at)":( ?)"[^"]+"/g, '"$1":$2"2026-11-01T00:00:00+00:00"');
      for (const each of [file, manifest]) fs.writeFileSync(each, aged(fs.readFileSync(each, 'utf8')));
    }
    expect(backups).toBe(place.backups);
    expect(await lookedAt(place)).toEqual({counts: {stale: 2}, newestVerified: backupTime(newId)});
  });

  test('the metrics follow, in the same process too', async () => {
    const {root, backups, place, made} = makePlace();
    await count(place, happens.completed());
    expect(presentOf(place)).toEqual({never: 2});
    await verifyBackup(made[0] as (typeof made)[0], {record: true});
    await count(place, happens.verified());
    expect(presentOf(place)).toEqual({never: 1, verified: 1});
    expect(valuesOf(place)).toMatchObject({magdb_last_verified_backup_epoch: backupTime(oldId)});
    fs.rmSync(`${backups}/${newId}`, {recursive: true});
    await count(place);
    expect(presentOf({root})).toEqual({verified: 1});
  });

  test('a restore changes none of them: nothing of them is read where the file says what there is', async () => {
    const {backups, place, made} = makePlace();
    const read = vi.spyOn(fs, 'openSync');
    const manifestsRead = () => {
      const files = read.mock.calls
        .map(([file]) => String(file))
        .filter((file) => file.endsWith('manifest.json'));
      read.mockClear();
      return files.length;
    };
    // The first time nobody knows.
    await count(place, happens.started());
    expect(manifestsRead()).toBe(2);
    await verifyBackup(made[0] as (typeof made)[0], {record: true});
    await count(place, happens.verified());
    manifestsRead();
    const before = valuesOf(place);
    makeBackup({backups, id: '20261124_000000'});
    for (const each of [happens.started(), happens.restored()]) await count(place, each);
    expect(manifestsRead()).toBe(0);
    expect(presentOf(place)).toEqual({never: 1, verified: 1});
    expect(valuesOf(place)).toMatchObject({
      magdb_restores_total: 1,
      magdb_last_verified_backup_epoch: before['magdb_last_verified_backup_epoch'],
    });
    await count(place);
    expect(presentOf(place)).toEqual({never: 2, verified: 1});
  });

  test('where they cannot be read that is told, the rest is counted, and none is claimed to be missing', async () => {
    const {backups, place} = makePlace();
    await count(place, happens.completed());
    fs.renameSync(backups, `${backups}.away`);
    fs.writeFileSync(backups, '');
    expect(await count(place, happens.completed())).toContain(
      `: the backups could not be counted: ${backups} cannot be listed: not a directory.`,
    );
    const values = valuesOf(place);
    expect(values).toMatchObject({magdb_backups_total: 2});
    expect(values).not.toHaveProperty('magdb_last_verified_backup_epoch');
    expect(presentOf(place)).toEqual({});
  });

  test('where looking takes long, only those that are told of are looked at, all of them from time to time', async () => {
    const {root, backups} = makeRoot();
    const id = (number: number) => `20261123_00000${number}`;
    for (let number = 0; number < 10; number++) makeBackup({backups, id: id(number)});
    let time = 0;
    const catalog = new BackupsPresent({root, backups}, () => {
      time += 5;
      return time;
    });
    const counts = () => [catalog.counts.get('never'), catalog.counts.get('interrupted')];
    await catalog.look([]);
    expect(counts()).toEqual([10, 0]);
    fs.rmSync(`${backups}/${id(7)}/manifest.json`);
    fs.rmSync(`${backups}/${id(8)}`, {recursive: true});
    await catalog.look([id(8)]);
    expect(counts()).toEqual([9, 0]);
    await catalog.look([id(7)]);
    expect(counts()).toEqual([8, 1]);
    makeBackup({backups, id: id(8)});
    await catalog.look([]);
    expect(counts()).toEqual([8, 1]);
    time += 10_000;
    await catalog.look([]);
    expect(counts()).toEqual([9, 1]);
  });
});
