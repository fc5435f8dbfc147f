import type {AppState} from './app.ts';
import {type RestoreAction, reduceRestore} from './restore-screen.ts';
import {fitPlan} from './restore-view.ts';
import {push} from './screen.ts';

/** What happens on the way from a backup to a restore that is signed off. */
export type WalkAction = RestoreAction;

/** That part of the app's state. */
export function reduceWalk(state: AppState, action: WalkAction): AppState {
  const {now, size} = state;
  const reduced = reduceRestore(state.restore, action);
  const restore = reduced && fitPlan(reduced, now, size);
  switch (action.type) {
    case 'restore opened':
      return push({...state, restore}, 'restore');
    default:
      return {...state, restore};
  }
}
