import {expect, test, vi} from 'vitest';
import type {ContentResult} from '../../source/engine/storage/content.ts';
import {reduceContent, statesOf} from '../../source/presenters/content-progress.ts';
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

test('how far it is takes no longer for each of ten thousand files: nothing that grows is copied', () => {
  const datasets = Array.from({length: 10_000}, (_, index) => ({name: `media/${index}`, kind: null}));
  let progress = reduceContent(null, {type: 'content started', id: ids[0], datasets});
  const nothing = vi.fn();
  for (const grown of [Array.prototype, Map.prototype])
    for (const name of ['map', 'filter', 'concat', 'set'] as const)
      if (name in grown)
        vi.spyOn(grown as unknown as Record<string, () => void>, name).mockImplementation(nothing);
  for (const {name} of datasets) {
    progress = reduceContent(progress, {type: 'content checking', id: ids[0], name});
    const result = {
      dataset: name,
      kind: 'json' as const,
      state: 'sound' as const,
      check: 'parse' as const,
      detail: null,
    };
    progress = reduceContent(progress, {
      type: 'content checked',
      id: ids[0],
      name,
      result: name === 'media/7' ? null : result,
    });
  }
  vi.restoreAllMocks();
  expect(nothing).not.toHaveBeenCalled();
  const states = statesOf(progress as NonNullable<typeof progress>);
  expect(states.get('media/7')).toBe('nothing');
  expect(states.get('media/9999')).toMatchObject({state: 'sound'});
  expect(progress).toMatchObject({done: 9999, others: 1});
});
