import {expect, test} from 'vitest';
import {planText} from '../../source/commands/backup-run.ts';
import {directory} from '../../source/engine/datasets/directory.ts';
import {file} from '../../source/engine/datasets/file.ts';
import {aConfiguration, aPlan, aPlanned, someFiles} from '../support/run-states.ts';

test('where the data of a dataset come from, and how many files they are, is said as its type says it', () => {
  const of = (name: string, changes: Partial<typeof file>) => ({
    name,
    source: `/srv/${name}`,
    type: {...file, ...changes},
    from: 'test',
  });
  const server = {describe: () => 'magdsdb on \x1b[1mlocalhost'};
  const datasets = [
    aPlanned('tenants'),
    aPlanned('media', {dataset: of('media', directory), files: someFiles('media', 500, 500)}),
    aPlanned('magdsdb', {dataset: of('magdsdb', server)}),
    aPlanned('gone', {dataset: of('gone', server), missing: 'it is down'}),
  ];
  const place = {root: '/srv', backups: '/srv/backups', configuration: aConfiguration()};
  expect(planText(aPlan(datasets), place, null).split('\n').slice(1, 5)).toEqual([
    '  + tenants  1.0 kB  /srv/magmoboce/storage/data/tenants.json',
    '  + media  2 files, 1.0 kB  /srv/media',
    '  + magdsdb  1.0 kB  magdsdb on \\u{1b}[1mlocalhost',
    '  x gone  it is down  magdsdb on \\u{1b}[1mlocalhost',
  ]);
});
