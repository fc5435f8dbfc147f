import fs from 'node:fs';
import {expect, test} from 'vitest';
import {reduce} from '../../../../source/ui/reduce.ts';
import {restoreSlice} from '../../../../source/ui/screens/restore/state.ts';
import {restoreWork} from '../../../../source/ui/screens/restore/work.ts';
import {createStore, until} from '../../../../source/ui/store.ts';
import {openWorkplace} from '../../../../source/ui/work.ts';
import {backupId, makeRestorable} from '../../../support/restores.ts';
import {anApp} from '../../../support/states.ts';

test('of a backup that is gone once it was confirmed there is no plan any more to go on with', async () => {
  const {root, backups, built} = makeRestorable();
  const store = createStore(anApp([], {place: {root, backups}}), reduce);
  const over = new AbortController();
  const work = restoreWork(openWorkplace(store, over.signal, undefined).place);
  const task = () => restoreSlice.of(store.get());
  const subject = {id: backupId, undoes: null};
  const isReady = () => until(store, () => task()?.state === 'ready', over.signal);
  store.dispatch(restoreSlice.open({type: 'restore opened', subject}));
  work.plan(subject, null, null);
  await isReady();
  store.dispatch(restoreSlice.to({type: 'all toggled'}));
  work.plan(subject, null, null);
  await isReady();
  store.dispatch(restoreSlice.open({type: 'confirm opened'}, 'confirm'));
  store.dispatch(restoreSlice.to({type: 'word written', text: backupId}));
  store.dispatch(restoreSlice.to({type: 'restore starting'}));
  expect(task()?.state).toBe('starting');
  fs.rmSync(built.directory, {recursive: true});
  work.start();
  await isReady();
  expect(task()).toMatchObject({
    plan: null,
    problem: `${backupId} cannot be restored: it is gone: it was deleted or moved. Nothing was changed.`,
  });
  expect(store.get().screens).toEqual(['backups', 'restore']);
  over.abort();
});
