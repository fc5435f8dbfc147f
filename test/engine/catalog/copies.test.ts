import fs from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {copiesOf, isGood, numberVersions} from '../../../source/engine/catalog/copies.ts';
import type {Row, RowDataset} from '../../../source/engine/catalog/row.ts';
import {readRow} from '../../../source/engine/catalog/row.ts';
import {newestGood} from '../../../source/engine/catalog/suggest.ts';
import {type BuiltBackup, makeBackup} from '../../support/backups.ts';
import {aDataset, aRow, idAt, noon, verification} from '../../support/states.ts';
import {verifyBackup} from '../../support/verifying.ts';

const hour = 3_600_000;
const copy = (row: Row, dataset: string, configured: string[] = []) => copiesOf(row, configured).get(dataset);
const state = (row: Row, dataset: string) => {
  const known = copy(row, dataset);
  return [known?.state, known?.reason];
};
const verified = verification('verified');

describe('what is known of one copy', () => {
  test('nothing was ever verified: unchecked', () => {
    expect(state(aRow(idAt(1)), 'tenants')).toEqual(['unchecked', null]);
  });

  test('PHP says only that it looked: unchecked', () => {
    expect(state(aRow(idAt(1), {verification: verification('unknown')}), 'tenants')[0]).toBe('unchecked');
  });

  test('what failed is damaged, and what stood beside it is not', () => {
    const row = aRow(idAt(1), {
      datasets: [aDataset('tenants'), aDataset('ledger', {proof: {state: 'unaltered', reason: null}})],
      verification: verification('failed', {failed: ['tenants']}),
    });
    expect(state(row, 'tenants')).toEqual(['damaged', 'it failed verification']);
    expect(state(row, 'ledger')).toEqual(['unaltered', null]);
  });

  test('it failed, and which datasets is not recorded: none is relied on', () => {
    const row = aRow(idAt(1), {verification: verification('failed', {reason: 'no details'})});
    expect(state(row, 'tenants')).toEqual(['damaged', 'no details']);
  });

  test('a missing copy is damaged, whatever was found before', () => {
    const gone = aDataset('ledger', {bytes: null, flaw: 'the copy is missing'});
    const row = aRow(idAt(1), {datasets: [aDataset('tenants'), gone], verification: verified});
    expect(state(row, 'ledger')).toEqual(['damaged', 'the copy is missing']);
    expect(state(row, 'tenants')).toEqual(['unaltered', null]);
  });

  test('a backup that is no whole one holds no copies that are known', () => {
    expect(copiesOf(aRow(idAt(1), {state: 'interrupted'}), []).size).toBe(0);
  });

  test('a directory is as good as the worst of its files, and its content goes by all of them', () => {
    const one = aDataset('docs/a', {content: 'sha256:1', bytes: 3});
    const two = aDataset('docs/b', {content: 'sha256:2', bytes: 4});
    const row = aRow(idAt(1), {datasets: [one, two], verification: verified});
    expect(copy(row, 'docs')).toMatchObject({state: 'unaltered', bytes: 7});
    const turned = aRow(idAt(2), {datasets: [two, one], verification: verified});
    expect(copy(turned, 'docs')?.content).toBe(copy(row, 'docs')?.content);
    const renamed = aRow(idAt(3), {datasets: [one, {...two, name: 'docs/c'}]});
    expect(copy(renamed, 'docs')?.content).not.toBe(copy(row, 'docs')?.content);
    const damaged = aRow(idAt(4), {datasets: [one, {...two, flaw: 'the copy is missing', bytes: null}]});
    expect(copy(damaged, 'docs')).toMatchObject({state: 'damaged', reason: 'the copy is missing', bytes: 3});
  });

  test('a configured name with a slash in it is one dataset', () => {
    const row = aRow(idAt(1), {datasets: [aDataset('a/b'), aDataset('a/b/c'), aDataset('a/d')]});
    expect([...copiesOf(row, ['a/b']).keys()]).toEqual(['a/b', 'a']);
    expect([...copiesOf(row, []).keys()]).toEqual(['a']);
  });

  test('torn, partial and broken are told of the dataset that they are about', () => {
    const row = aRow(idAt(1), {
      datasets: [aDataset('docs/a'), aDataset('ledger'), aDataset('tenants')],
      verification: verified,
      partial: [
        {dataset: 'docs/b', reason: 'it cannot be read'},
        {dataset: 'ledger', reason: 'it was written to', torn: true},
      ],
      brokenInside: [{name: 'tenants', detail: 'no JSON: it ends too early'}],
    });
    expect(copy(row, 'docs')).toMatchObject({partial: 'it cannot be read', torn: false, broken: null});
    expect(copy(row, 'ledger')).toMatchObject({partial: null, torn: true, broken: null});
    expect(copy(row, 'tenants')).toMatchObject({
      partial: null,
      torn: false,
      broken: 'no JSON: it ends too early',
    });
    expect([...copiesOf(row, []).values()].filter(isGood)).toEqual([]);
  });
});

describe('on a disk', () => {
  const states = ({backups, id}: BuiltBackup) =>
    [...copiesOf(readRow(backups, id, Date.now()), []).values()].map(({state, reason}) => [state, reason]);

  test('one copy that changes after the verification takes nothing from the others', async () => {
    const backup = makeBackup();
    await verifyBackup(backup, {record: true});
    expect(states(backup)).toEqual([
      ['unaltered', null],
      ['unaltered', null],
    ]);
    fs.appendFileSync(backup.copy('ledger'), 'x');
    const changed = "the copy's size or time changed since";
    expect(states(backup)).toEqual([
      ['unaltered', null],
      ['stale', changed],
    ]);
    await verifyBackup(backup, {record: true});
    expect(states(backup)).toEqual([
      ['unaltered', null],
      ['damaged', 'it failed verification'],
    ]);
  });

  test('a manifest that names no algorithm says the same of its copies as another', async () => {
    const backup = makeBackup({manifest: (text) => text.replaceAll(/ *"algorithm": "sha256",\n/g, '')});
    await verifyBackup(backup, {record: true, algorithm: 'sha256'});
    expect(states(backup)).toEqual([
      ['unaltered', null],
      ['unaltered', null],
    ]);
  });

  test('a hash that was changed in the manifest is stale, the one beside it is not', async () => {
    const backup = makeBackup();
    await verifyBackup(backup, {record: true});
    const text = fs.readFileSync(backup.manifestFile, 'utf8');
    const [hash = ''] = /[0-9a-f]{64}/.exec(text) ?? [];
    fs.writeFileSync(
      backup.manifestFile,
      text.replace(
        hash,
        hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      ),
    );
    expect(states(backup)).toEqual([
      ['stale', 'the manifest changed since'],
      ['unaltered', null],
    ]);
  });
});

describe('version numbers', () => {
  const holding = (hoursAgo: number, tenants: string | null) =>
    aRow(idAt(hoursAgo), {datasets: [aDataset('tenants', {content: tenants})]});

  test('oldest 1; the same bytes have the same number again; without a hash there is none', () => {
    const rows = [holding(1, 'a'), holding(2, null), holding(3, 'b'), holding(4, 'a')];
    const versions = numberVersions(rows, []);
    expect(rows.map(({id}) => versions.get(id)?.get('tenants'))).toEqual([1, undefined, 2, 1]);
  });

  test('equal numbers are equal contents, and a newer backup changes no older number', () => {
    const contents = fc.array(fc.constantFrom('a', 'b', 'c', null), {maxLength: 12});
    fc.assert(
      fc.property(contents, (given) => {
        const rows = given.map((content, index) => holding(index + 1, content));
        const all = numberVersions(rows, []);
        const older = numberVersions(rows.slice(1), []);
        const numberOf = (row: Row) => all.get(row.id)?.get('tenants');
        for (const row of rows.slice(1)) expect(older.get(row.id)?.get('tenants')).toBe(numberOf(row));
        for (const [i, a] of rows.entries())
          for (const [j, b] of rows.entries())
            if (given[i] !== null && given[j] !== null)
              expect(numberOf(a) === numberOf(b)).toBe(given[i] === given[j]);
      }),
    );
  });
});

describe('the newest good copy of each dataset', () => {
  const both: RowDataset[] = [aDataset('tenants'), aDataset('ledger')];

  test('two datasets may have theirs in two backups', () => {
    const rows = [
      aRow(idAt(1), {datasets: both, verification: verified}),
      aRow(idAt(4), {datasets: both, verification: verification('failed', {failed: ['ledger']})}),
      aRow(idAt(6), {datasets: both, verification: verified}),
    ];
    const proof = {state: 'unaltered', reason: null} as const;
    rows[1] = {...(rows[1] as Row), datasets: both.map((each) => ({...each, proof}))};
    expect([...newestGood(rows, noon - 2 * hour, [])]).toEqual([
      ['tenants', idAt(4)],
      ['ledger', idAt(6)],
    ]);
  });

  test('none is from after the time, taken by a restore, recorded later, or anything but good', () => {
    const copyState = fc.constantFrom<Partial<Row>>(
      {verification: verified},
      {verification: verification('never')},
      {verification: verification('stale', {changed: true})},
      {verification: verification('failed', {failed: ['tenants']})},
      {verification: verified, brokenInside: [{name: 'tenants', detail: 'no JSON'}]},
      {verification: verified, partial: [{dataset: 'tenants', reason: 'gone'}]},
      {verification: verified, label: 'before restore 3'},
      {verification: verified, createdAt: '2027-01-01T00:00:00+00:00'},
      {state: 'interrupted', datasets: []},
    );
    fc.assert(
      fc.property(fc.array(copyState, {maxLength: 8}), fc.integer({min: 0, max: 8}), (changes, hours) => {
        const rows = changes.map((each, index) => aRow(idAt(index + 1), {datasets: both, ...each}));
        const at = noon - hours * hour - 1;
        const good = newestGood(rows, at, []).get('tenants');
        const first = rows.findIndex(
          (_, index) =>
            index + 1 > hours &&
            changes[index]?.verification === verified &&
            Object.keys(changes[index] ?? {}).length === 1,
        );
        expect(good).toBe(rows[first]?.id);
      }),
    );
  });
});
