import path from 'node:path';
import type {Reach} from '../../screen.ts';
import {withSubject} from '../../screen.ts';
import type {AppState, AppStore} from '../../state.ts';
import type {Load} from '../../work.ts';
import {restoreSlice} from '../restore/state.ts';
import {differencesSlice, usualOther} from './state.ts';
import type {DifferencesWork} from './work.ts';

export const loadDifferences: Load<DifferencesWork> = async (place) =>
  new (await import('./work.ts')).DifferencesWork(place);

/** What an undo brings back lies in its safety backup. */
function openSafety(reach: Reach, store: AppStore): void {
  const plan = restoreSlice.of(store.get())?.plan;
  if (!plan) return;
  const {id, directory} = plan;
  store.dispatch(
    differencesSlice.open({type: 'differences opened', id, other: null, safetyIn: path.dirname(directory)}),
  );
  reach.ask(loadDifferences, (work) => work.compare(id, null));
}

const isUndo = (state: AppState): boolean => {
  const {screens} = state;
  const restore = restoreSlice.of(state);
  return screens.at(-1) === 'restore' && restore !== null && restore.subject.undoes !== null;
};

/** @param other id of the backup to compare with; null for the live files */
export function compareWith(id: string, other: string | null, reach: Reach, store: AppStore): void {
  store.dispatch(differencesSlice.open({type: 'differences opened', id, other}));
  reach.ask(loadDifferences, (work) => work.compare(id, other));
}

/** Compares the backup with what is usual; from the plan of an undo, its safety backup with the live files. */
export const openDifferences = withSubject((id, reach, store) => {
  if (isUndo(store.get())) openSafety(reach, store);
  else compareWith(id, usualOther(store.get(), id), reach, store);
});
