import type {Effects} from '../../effects.ts';
import {restoring} from '../../reasons.ts';
import {type Perform, withSubject} from '../../screen.ts';
import type {AppStore} from '../../use-store.ts';
import {drillInto, restoreSlice, wanted} from './state.ts';
import type {RestoreSubject} from './task.ts';

/** Opens the screen first: the plan takes as long as everything takes to be hashed. */
export function openPlan(subject: RestoreSubject, store: AppStore, effects: Effects): void {
  store.dispatch(restoreSlice.open({type: 'restore opened', subject, badSince: store.get().badSince}));
  planAgain(store, effects);
}

export function planAgain(store: AppStore, effects: Effects): void {
  const restore = restoreSlice.of(store.get());
  if (restore)
    effects.work.restore((each) => each.plan(restore.subject, wanted(restore), drillInto(restore)));
}

const openChosen = withSubject((id, _, store) =>
  store.dispatch(
    restoreSlice.open(
      {type: 'purpose opened', subject: {id, undoes: null}, badSince: store.get().badSince},
      'purpose',
    ),
  ),
);

/** What a restore of the backup is for; one that is at work, or stopped halfway, is shown instead. */
export const openPurpose: Perform = (store, reach) => {
  if (store.get().stopped) store.dispatch({type: 'stopped opened'});
  else if (restoring(store.get())) store.dispatch({type: 'follow opened'});
  else openChosen(store, reach);
};
