import type {Perform} from '../../screen.ts';
import {currentScreen} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {progressSlice} from '../progress/state.ts';
import {stoppedSlice} from '../stopped/state.ts';
import {chosenSession, openSession, sessionsSlice} from './state.ts';

export const loadSessions = async (place: Workplace) => (await import('./work.ts')).sessionsWork(place);

/** Where a session is: at its checklist, at work, or at a decision. */
export const openChecklist: Perform = (store) => {
  const {sessions, follow, stopped} = store.get();
  const chosen = currentScreen(store.get()) === 'sessions' ? chosenSession(store.get())?.number : undefined;
  const number = chosen ?? (follow?.finished ? follow.session : openSession(sessions)?.number);
  if (number === undefined) return;
  if (stopped?.session === number) store.dispatch(stoppedSlice.open({type: 'stopped opened'}));
  else if (follow?.session === number && !follow.finished) store.dispatch(progressSlice.open(null));
  else store.dispatch(sessionsSlice.open({type: 'checklist opened', session: number}, 'checklist'));
};
