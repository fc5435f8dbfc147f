import type {AppState} from './app.ts';
import {type FollowAction, reduceFollow} from './follow.ts';
import {type RestoreAction, reduceRestore} from './restore-screen.ts';
import {fitPlan} from './restore-view.ts';
import {push} from './screen.ts';

/** What happens on the way from a backup to a restore that is signed off. */
export type WalkAction = RestoreAction | FollowAction;

/** That part of the app's state. */
export function reduceWalk(state: AppState, action: WalkAction): AppState {
  switch (action.type) {
    case 'follow started':
    case 'follow event':
    case 'follow opened':
    case 'follow stopping':
      return reduceFollowing(state, action);
    default:
      return reduceRestoring(state, action);
  }
}

function reduceRestoring(state: AppState, action: RestoreAction): AppState {
  const {now, size} = state;
  const reduced = reduceRestore(state.restore, action);
  const restore = reduced && fitPlan(reduced, now, size);
  switch (action.type) {
    case 'restore opened':
      return push({...state, restore}, 'restore');
    case 'confirm opened':
      return restore ? push({...state, restore}, 'confirm') : state;
    case 'restore held back':
      return {...state, restore, screens: state.screens.filter((screen) => screen !== 'confirm')};
    default:
      return {...state, restore};
  }
}

function reduceFollowing(state: AppState, action: FollowAction): AppState {
  const follow = reduceFollow(state.follow, action);
  switch (action.type) {
    case 'follow started':
      // The plan has been carried out: the next one begins anew.
      return action.show
        ? {...state, follow, restore: null, prompt: null, screens: ['backups', 'progress']}
        : {...state, follow};
    case 'follow opened':
      return push(state, 'progress');
    default:
      return {...state, follow};
  }
}
