import type {Perform} from '../../screen.ts';
import {type AppState, currentScreen} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {progressSlice} from '../progress/state.ts';
import {stoppedSlice} from '../stopped/state.ts';
import {chosenSession, openSession, sessionsSlice} from './state.ts';

export const loadSessions = async (place: Workplace) => (await import('./work.ts')).sessionsWork(place);

/** The one that is seen; elsewhere the one that is open, whatever was followed last: that may be a drill. */
function askedSession(state: AppState): number | undefined {
  const {follow, sessions} = state;
  const screen = currentScreen(state);
  if (screen === 'sessions') return chosenSession(state)?.number;
  return screen === 'progress' && follow?.finished ? follow.session : openSession(sessions)?.number;
}

/** Where a session is: at its checklist, at work, or at a decision. */
export const openChecklist: Perform = (store) => {
  const {follow, stopped} = store.get();
  const number = askedSession(store.get());
  if (number === undefined) return;
  if (stopped?.session === number) store.dispatch(stoppedSlice.open({type: 'stopped opened'}));
  else if (follow?.session === number && !follow.finished) store.dispatch(progressSlice.open(null));
  else store.dispatch(sessionsSlice.open({type: 'checklist opened', session: number}, 'checklist'));
};
