import {heldDirectory, safetyDirectory} from '../../../engine/storage/held.ts';
import type {Reach} from '../../screen.ts';
import {subjectDataset, withSubject} from '../../screen.ts';
import type {AppState, AppStore} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {restoreSlice} from '../restore/state.ts';
import {differencesSlice, usualOther} from './state.ts';

export const loadDifferences = async (place: Workplace) => (await import('./work.ts')).differencesWork(place);

/** What a restore has saved, beside the live files. */
function openSafety(id: string, reach: Reach, store: AppStore): void {
  const dataset = subjectDataset(store.get(), reach.screens);
  const held = heldDirectory(store.get().place.root);
  if (held === null) return;
  const safetyIn = safetyDirectory(held);
  store.dispatch(differencesSlice.open({type: 'differences opened', id, other: null, safetyIn, dataset}));
  reach.ask(loadDifferences, (work) => work.compare(id, null));
}

/** What an undo brings back lies in its safety backup. */
function openUndo(reach: Reach, store: AppStore): void {
  const plan = restoreSlice.of(store.get())?.plan;
  if (plan) openSafety(plan.id, reach, store);
}

const isUndo = (state: AppState): boolean => {
  const {screens} = state;
  const restore = restoreSlice.of(state);
  return screens.at(-1) === 'restore' && restore !== null && restore.subject.undoes !== null;
};

/** Begins with the dataset that one was on. @param other id of the backup to compare with; null for the live files */
export function compareWith(id: string, other: string | null, reach: Reach, store: AppStore): void {
  const dataset = subjectDataset(store.get(), reach.screens);
  store.dispatch(differencesSlice.open({type: 'differences opened', id, other, dataset}));
  reach.ask(loadDifferences, (work) => work.compare(id, other));
}

/** Compares the backup with what is usual; a safety backup, and from the plan of an undo its own, with the live files. */
export const openDifferences = withSubject((id, reach, store) => {
  if (isUndo(store.get())) openUndo(reach, store);
  else if (store.get().catalog.safety.has(id)) openSafety(id, reach, store);
  else compareWith(id, usualOther(store.get(), id), reach, store);
});
