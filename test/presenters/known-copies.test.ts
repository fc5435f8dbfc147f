import {describe, expect, test, vi} from 'vitest';
import type {BadTime} from '../../source/presenters/bad-times.ts';
import {openCatalog} from '../../source/presenters/catalog.ts';
import {knownCopies, newerVersion} from '../../source/presenters/known-copies.ts';
import {aDataset, aRow, idAt, listing, noon, verification} from '../support/states.ts';

const verified = {verification: verification('verified')};
const of = (name: string, content: string) => aDataset(name, {content: `sha256:${content}`});
const gone = {bytes: null, flaw: 'the copy is missing'};
const catalogOf = (rows: ReturnType<typeof aRow>[]) => openCatalog(listing(rows.map(({id}) => id)), rows);

describe('the order of datasets', () => {
  const catalog = catalogOf([
    aRow(idAt(1), {datasets: [of('old', '1'), of('tenants', '2'), of('ledger', '1'), of('media', '1')]}),
    aRow(idAt(2), {
      datasets: [of('tenants', '1'), aDataset('ledger', gone), of('media', '1'), aDataset('old', gone)],
    }),
  ]);

  test('is: what needs attention, what is configured, what nobody configured any more', () => {
    expect(knownCopies(catalog, ['tenants', 'ledger', 'media'], null).datasets).toEqual([
      'ledger',
      'tenants',
      'media',
      'old',
    ]);
    expect(knownCopies(catalog, ['media', 'added'], null).datasets.slice(0, 2)).toEqual(['added', 'media']);
    const {datasets, troubled} = knownCopies(catalog, ['media', 'ledger', 'added'], null);
    expect(datasets.slice(0, 3)).toEqual(['added', 'ledger', 'media']);
    // Of what is in none of them nothing is known to be wrong.
    expect(troubled).toEqual(['ledger']);
  });

  test('is that of the manifests where nothing is configured, faults first', () => {
    expect(knownCopies(catalog, null, null).datasets).toEqual(['old', 'ledger', 'tenants', 'media']);
  });
});

describe('before things were bad', () => {
  const brokenInside = [{name: 'ledger', detail: 'no JSON'}];
  const rows = [
    aRow(idAt(1), {datasets: [of('tenants', '3'), of('ledger', '3')], ...verified}),
    aRow(idAt(3), {datasets: [of('tenants', '2'), of('ledger', '2')], ...verified, brokenInside}),
    aRow(idAt(4), {datasets: [of('tenants', '1'), of('ledger', '1'), of('media', '1')]}),
  ];
  const catalog = catalogOf(rows);
  const at = noon - 2 * 3_600_000;

  test('each dataset has its newest good copy, or a backup to verify for it', () => {
    const {good, wanting} = knownCopies(catalog, ['tenants', 'ledger'], at);
    expect([...good]).toEqual([['tenants', idAt(3)]]);
    expect(wanting).toEqual({names: ['ledger'], next: idAt(4)});
    expect(knownCopies(catalog, ['tenants'], at).wanting).toEqual({names: [], next: null});
  });

  test('what is newer than a copy is the good one, and without that time the newest', () => {
    const newer = (id: string, since: number | null) =>
      newerVersion(catalog, knownCopies(catalog, null, since), id, 'tenants', null, []);
    expect(newer(idAt(4), at)).toBe(2);
    expect(newer(idAt(3), at)).toBeNull();
    expect(newer(idAt(4), null)).toBe(3);
    expect(newer(idAt(1), null)).toBeNull();
    const unverified = rows.map((row) => ({...row, verification: aRow(row.id).verification}));
    const known = catalogOf(unverified);
    const toVerify = newerVersion(known, knownCopies(known, null, at), idAt(4), 'tenants', null, []);
    expect(toVerify).toBe(2);
  });

  test('that is found once, whatever is drawn meanwhile', () => {
    const get = vi.fn((id: string) => catalog.rows.get(id));
    const counting = {...catalog, rows: {...catalog.rows, get} as unknown as typeof catalog.rows};
    const copies = knownCopies(catalog, null, null);
    const none: BadTime[] = [];
    for (let frame = 0; frame < 5; frame++)
      expect(newerVersion(counting, copies, idAt(4), 'ledger', null, none)).toBe(3);
    expect(get).toHaveBeenCalledOnce();
  });
});

test('it is worked out once for each state of the catalog', () => {
  const catalog = catalogOf([aRow(idAt(1))]);
  expect(knownCopies(catalog, ['tenants'], 1)).toBe(knownCopies({...catalog}, ['tenants'], 1));
  expect(knownCopies(catalog, ['tenants'], 1)).not.toBe(knownCopies(catalog, ['ledger'], 1));
});
