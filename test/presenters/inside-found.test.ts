import {expect, test} from 'vitest';
import type {ContentResult} from '../../source/engine/storage/content.ts';
import {reduce} from '../../source/ui/reduce.ts';
import {aDataset, anApp, aRow, idAt, reduceAll} from '../support/states.ts';

const ids = [idAt(1), idAt(2), idAt(3)] as const;
const rows = [
  aRow(ids[0], {datasets: [aDataset('tenants')]}),
  aRow(ids[1], {datasets: [aDataset('tenants')]}),
  aRow(ids[2], {datasets: [aDataset('tenants', {content: 'sha256:other'})]}),
];
const checked = (state: ContentResult['state'], detail: string | null) => ({
  type: 'content event' as const,
  event: {
    type: 'content checked' as const,
    id: ids[0],
    name: 'tenants',
    result: {dataset: 'tenants', kind: 'json' as const, state, check: 'parse' as const, detail},
  },
});
const begun = {type: 'verify started' as const, id: ids[0]};
const brokenIn = (state: ReturnType<typeof anApp>) =>
  ids.map((id) =>
    state.catalog.rows
      .get(id)
      ?.brokenInside.map(({detail}) => detail)
      .join(),
  );

test('what is found broken is known of the same bytes in every backup, also when they are read again', () => {
  const state = reduceAll(anApp(rows), begun, checked('broken', 'line 3'));
  expect(brokenIn(state)).toEqual(['no JSON: line 3', 'no JSON: line 3', '']);
  const again = reduce(state, {type: 'catalog', event: {type: 'rows', rows: [...rows]}});
  expect(brokenIn(again)).toEqual(brokenIn(state));
});

test('what is found sound later takes its place, and nothing is said of what was not looked into', () => {
  const state = reduceAll(anApp(rows), begun, checked('broken', 'line 3'), checked('sound', null));
  expect(brokenIn(state)).toEqual(['', '', '']);
  expect(state.catalog.rows.get(ids[1])?.soundInside).toEqual([{name: 'tenants', kind: 'json'}]);
  const none = reduceAll(anApp(rows), begun, checked('not checked', 'no room'));
  expect(none.inside.size).toBe(0);
});

test('a row of which nothing new is known stays the very same', () => {
  const state = reduceAll(anApp(rows), begun, checked('sound', null));
  const again = reduce(state, {type: 'catalog', event: {type: 'complete'}});
  expect(again.catalog.rows).toBe(state.catalog.rows);
});
