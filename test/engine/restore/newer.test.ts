import fs from 'node:fs';
import {expect, test} from 'vitest';
import {numberVersions} from '../../../source/engine/catalog/copies.ts';
import {readRows} from '../../../source/engine/catalog/read-all.ts';
import {copiesElsewhere, type Newer, newerCopies} from '../../../source/engine/restore/newer.ts';
import {makeBackup, makeRoot} from '../../support/backups.ts';
import {aDataset, aRow, idAt, noon, verification} from '../../support/states.ts';
import {pool} from '../../support/verifying.ts';

const at = (hour: number): string => `20260104_0${hour}0000_nightly`;
const chosen = at(0);
const tenants = (hours: Record<number, string | null>) => {
  const {root, backups} = makeRoot();
  for (const [hour, content] of Object.entries(hours)) {
    const built = makeBackup({
      backups,
      id: at(Number(hour)),
      datasets: [{name: 'tenants', content: content ?? '{}'}],
    });
    if (content === null) fs.rmSync(built.copy('tenants'));
  }
  return {root, backups};
};
const cutOff = ({backups}: {backups: string}, hour: number, content: string): void => {
  fs.mkdirSync(`${backups}/${at(hour)}/datasets`, {recursive: true});
  fs.writeFileSync(`${backups}/${at(hour)}/datasets/tenants.json`, content);
};

/** What there is of before five, newer than the copy of midnight. */
function newer({root, backups}: {root: string; backups: string}): Promise<Newer[]> {
  const {listing, rows} = readRows({root, backups});
  const read = listing.ids.flatMap((id) => rows.get(id) ?? []);
  return newerCopies({
    rows: read,
    id: chosen,
    at: Date.UTC(2026, 0, 4, 5),
    names: ['tenants'],
    configured: ['tenants'],
    versions: numberVersions(read, ['tenants']),
    sources: new Map([['tenants.json', 'tenants']]),
    place: {root, backups, held: null, readOnly: true},
    pool,
    signal: new AbortController().signal,
  });
}

test.each<[string, Record<number, string | null>, Newer[]]>([
  [
    'the newest that is there',
    {0: '1', 1: '2', 2: '3', 3: null},
    [{dataset: 'tenants', id: at(2), version: 3, cutOff: false, says: 'not verified'}],
  ],
  ['none from after things went wrong', {0: '1', 6: '2'}, []],
  ['none with the same bytes, and none before it', {0: '1', 1: '2', 2: '1'}, []],
])('%s', async (_, hours, wanted) => {
  expect(await newer(tenants(hours))).toEqual(wanted);
});

test('what a restore has saved of the live files is no newer copy', async () => {
  const place = tenants({0: '1', 1: '2'});
  makeBackup({
    backups: place.backups,
    id: '20260104_030000_before-restore-1',
    datasets: [{name: 'tenants', content: '3'}],
  });
  expect(await newer(place)).toMatchObject([{id: at(1)}]);
});

test('a copy in what was cut off is named where it can be read to its end, by its version where a manifest has it', async () => {
  const place = tenants({0: '{"a":1}', 1: '{"a":2}', 6: '{"a":3}'});
  cutOff(place, 3, '{"a":3}');
  const found = {dataset: 'tenants', id: at(3), version: 3, cutOff: true, says: 'parses'};
  expect(await newer(place)).toEqual([found]);
  cutOff(place, 3, '{"a":4}');
  expect(await newer(place)).toEqual([{...found, version: null}]);
  cutOff(place, 3, '{"a":');
  expect(await newer(place)).toMatchObject([{id: at(1), version: 2}]);
});

test('the good copy elsewhere is the newest from before things were bad, else the next older one, else the next newer', () => {
  const verified = verification('verified');
  const row = (hours: number, of: Parameters<typeof aRow>[1] = {}) =>
    aRow(idAt(hours), {datasets: [aDataset('tenants', {content: `sha256:${hours}`})], ...of});
  const [newest, ours, older, oldest] = [1, 5, 6, 8].map((hours) => row(hours, {verification: verified}));
  const elsewhere = (rows: (typeof ours)[], at: number | null = null) => {
    const read = rows.flatMap((each) => each ?? []);
    const versions = numberVersions(read, ['tenants']);
    const asking = {rows: read, id: idAt(5), at, names: ['tenants'], configured: ['tenants'], versions};
    return copiesElsewhere(asking).map(({id, version, isGood}) => [id, version, isGood]);
  };
  expect(elsewhere([newest, ours, older, oldest])).toEqual([[idAt(6), 2, true]]);
  expect(elsewhere([newest, ours])).toEqual([[idAt(1), 2, true]]);
  expect(elsewhere([newest, ours, older], noon)).toEqual([[idAt(1), 3, true]]);
  expect(elsewhere([newest, ours, row(7), oldest], noon - 7.5 * 3_600_000)).toEqual([[idAt(8), 1, true]]);
  expect(elsewhere([ours, row(7)])).toEqual([[idAt(7), 1, false]]);
  expect(elsewhere([ours])).toEqual([[null, null, false]]);
});
