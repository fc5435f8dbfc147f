import {expect, test} from 'vitest';
import {openCatalog, reduceCatalog} from '../../source/presenters/catalog.ts';
import {aRow, idAt, listing} from '../support/states.ts';

const first = aRow(idAt(1));
const second = aRow(idAt(2));
const catalog = openCatalog(listing([first.id, second.id]), [first, second]);

test('a new listing forgets the rows of what is gone and keeps the others', () => {
  const next = reduceCatalog(catalog, {type: 'listed', listing: listing([second.id, idAt(3)])});
  expect(next.ids).toEqual([second.id, idAt(3)]);
  expect([...next.rows.keys()]).toEqual([second.id]);
});

test('a row replaces what was known of its backup', () => {
  const changed = {...first, label: 'other'};
  const next = reduceCatalog(catalog, {type: 'rows', rows: [changed]});
  expect(next.rows.get(first.id)).toBe(changed);
  expect(next.rows.get(second.id)).toBe(second);
  expect(catalog.rows.get(first.id)).toBe(first);
});

test('a directory that cannot be listed keeps what was known, until it can again', () => {
  const failed = reduceCatalog(catalog, {type: 'failed', reason: 'permission denied'});
  expect(failed).toEqual({...catalog, problem: 'permission denied'});
  expect(reduceCatalog(failed, {type: 'rows', rows: []}).problem).toBeNull();
  expect(reduceCatalog(failed, {type: 'listed', listing: listing([first.id])}).problem).toBeNull();
});

test('is complete once every row has been read', () => {
  expect(catalog.complete).toBe(false);
  expect(reduceCatalog(catalog, {type: 'complete'}).complete).toBe(true);
});
