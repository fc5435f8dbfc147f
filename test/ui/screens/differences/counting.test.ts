import fs from 'node:fs';
import {expect, test, vi} from 'vitest';
import {reduce} from '../../../../source/ui/reduce.ts';
import {differencesSlice, toCount} from '../../../../source/ui/screens/differences/state.ts';
import {differencesWork} from '../../../../source/ui/screens/differences/work.ts';
import {createStore} from '../../../../source/ui/store.ts';
import type {Workplace} from '../../../../source/ui/work.ts';
import {makeBackup, makeRoot} from '../../../support/backups.ts';
import {aDifference, differencesCompared} from '../../../support/difference-states.ts';
import {anApp} from '../../../support/states.ts';

/** Two datasets that differ, the list of them on the screen, and what counts. */
function counting() {
  const {root, backups} = makeRoot();
  const names = ['ledger', 'tenants'];
  const {id} = makeBackup({
    backups,
    recordedRoot: 'here',
    datasets: names.map((name) => ({name, content: '[{"id":1}]'})),
  });
  fs.mkdirSync(`${root}/storage/data`);
  for (const name of names) fs.writeFileSync(`${root}/storage/data/${name}.json`, '[{"id":1},{"id":2}]');
  const store = createStore(anApp([], {place: {root, backups}}), reduce);
  const finish = vi.fn<Workplace['finish']>();
  const left = new AbortController();
  const place = {store, finish, signal: left.signal} as Partial<Workplace> as Workplace;
  const work = differencesWork(place);
  for (const action of differencesCompared(
    id,
    names.map((name) => aDifference(name)),
  ))
    store.dispatch(action);
  return {
    store,
    finish,
    left,
    work,
    counted: () => [...(differencesSlice.of(store.get())?.counts.keys() ?? [])],
  };
}

test('the chosen dataset is counted beside, then the one that is chosen next', async () => {
  const {store, counted} = counting();
  await vi.waitUntil(() => counted().includes('ledger'), {timeout: 30_000});
  expect(differencesSlice.of(store.get())?.counts.get('ledger')).toEqual({
    of: 'entries',
    counts: [{name: '', onlyCopy: 0, onlyLive: 1, differ: 0}],
    isWhole: true,
  });
  expect(counted()).toEqual(['ledger']);
  store.dispatch({type: 'moved', how: 'down'});
  await vi.waitUntil(() => counted().includes('tenants'), {timeout: 30_000});
  expect(toCount(store.get())).toBeNull();
});

test('what is chosen no more, or left, is not counted to its end', async () => {
  const {store, finish, counted, left} = counting();
  store.dispatch({type: 'moved', how: 'down'});
  left.abort();
  await Promise.all(finish.mock.calls.map(([work]) => work));
  expect(finish).toHaveBeenCalledTimes(2);
  expect(counted()).toEqual([]);
});
