import path from 'node:path';
import type {Effects} from '../../effects.ts';
import {withSubject} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import type {AppStore} from '../../use-store.ts';
import {restoreSlice} from '../restore/state.ts';
import {differencesSlice, usualOther} from './state.ts';

/** What an undo brings back lies in its safety backup. */
function openSafety(effects: Effects, store: AppStore): void {
  const plan = restoreSlice.of(store.get())?.plan;
  if (!plan) return;
  const {id, directory} = plan;
  store.dispatch(
    differencesSlice.open({type: 'differences opened', id, other: null, safetyIn: path.dirname(directory)}),
  );
  effects.work.differences((each) => each.compare(id, null));
}

const isUndo = (state: AppState): boolean => {
  const {screens} = state;
  const restore = restoreSlice.of(state);
  return screens.at(-1) === 'restore' && restore !== null && restore.subject.undoes !== null;
};

/** @param other id of the backup to compare with; null for the live files */
export function compareWith(id: string, other: string | null, effects: Effects, store: AppStore): void {
  store.dispatch(differencesSlice.open({type: 'differences opened', id, other}));
  effects.work.differences((each) => each.compare(id, other));
}

/** Compares the backup with what is usual; from the plan of an undo, its safety backup with the live files. */
export const openDifferences = withSubject((id, effects, store) => {
  if (isUndo(store.get())) openSafety(effects, store);
  else compareWith(id, usualOther(store.get(), id), effects, store);
});
