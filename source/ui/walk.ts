import {type FollowAction, reduceFollow} from './screens/progress/state.ts';
import {fitPlan} from './screens/restore/scroll.ts';
import {type RestoreAction, reduceRestore} from './screens/restore/state.ts';
import {fitSessions, reduceSessions, type SessionsAction} from './screens/sessions/state.ts';
import {reduceStopped, type StoppedAction} from './screens/stopped/state.ts';
import {currentScreen, push, type ScreenName} from './stack.ts';
import type {AppState, WalkAction} from './state.ts';

const without = (state: AppState, ...some: ScreenName[]): ScreenName[] =>
  state.screens.filter((each) => !some.includes(each));

/** That part of the app's state. */
export function reduceWalk(state: AppState, action: WalkAction): AppState {
  switch (action.type) {
    case 'follow started':
    case 'follow event':
    case 'follow opened':
    case 'follow stopping':
      return reduceFollowing(state, action);
    case 'sessions read':
    case 'since read':
    case 'sessions opened':
    case 'checklist opened':
    case 'record opened':
    case 'check started':
    case 'check progress':
    case 'check ended':
      return reduceLooking(state, action);
    case 'stopped found':
    case 'stopped settled':
    case 'stopped opened':
    case 'decision typed':
    case 'decision erased':
    case 'decision cleared':
    case 'recovery started':
    case 'recovery failed':
      return reduceDeciding(state, action);
    default:
      return reduceRestoring(state, action);
  }
}

function reduceRestoring(state: AppState, action: RestoreAction): AppState {
  const {now, size} = state;
  const reduced = reduceRestore(state.restore, action);
  const restore = reduced && fitPlan(reduced, now, size);
  switch (action.type) {
    case 'purpose opened':
      // A plan of before is not gone back to: it may have been another's.
      return push({...state, restore, screens: without(state, 'restore', 'confirm')}, 'purpose');
    case 'restore opened':
      // Why a restore is taken back is not asked.
      return push(
        action.subject.undoes === null
          ? {...state, restore}
          : {...state, restore, screens: without(state, 'purpose')},
        'restore',
      );
    case 'service opened':
      return restore ? push({...state, restore}, 'service') : state;
    case 'confirm opened':
      return restore ? push({...state, restore}, 'confirm') : state;
    case 'restore held back':
      return {...state, restore, screens: without(state, 'confirm')};
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

function reduceLooking(state: AppState, action: SessionsAction): AppState {
  const sessions = fitSessions(reduceSessions(state.sessions, action), state.size);
  switch (action.type) {
    case 'sessions opened':
      return push({...state, sessions}, 'sessions');
    case 'checklist opened':
      // How it ended is said there too.
      return push({...state, sessions, screens: without(state, 'progress')}, 'checklist');
    case 'record opened':
      return push({...state, sessions}, 'record');
    default:
      return {...state, sessions};
  }
}

function reduceDeciding(state: AppState, action: StoppedAction): AppState {
  const stopped = reduceStopped(state.stopped, action);
  switch (action.type) {
    case 'stopped found': {
      // It comes first; who is somewhere else already is told there.
      const first = state.stopped === null && currentScreen(state) === 'backups' && !state.prompt;
      return first ? push({...state, stopped}, 'stopped') : {...state, stopped};
    }
    case 'stopped settled':
      return {...state, stopped, screens: without(state, 'stopped')};
    case 'stopped opened':
      return stopped ? push({...state, stopped}, 'stopped') : state;
    default:
      return {...state, stopped};
  }
}
