import type {Perform} from '../../screen.ts';
import type {Workplace} from '../../work.ts';
import {sessionsSlice} from '../sessions/state.ts';
import {signOffSlice} from './state.ts';

export const loadSignOff = async (place: Workplace) => (await import('./work.ts')).signOffWork(place);

/** Asks before the session on the checklist is signed off: it lets go of something. */
export const openSignOff: Perform = (store, reach) => {
  const {opened} = sessionsSlice.of(store.get());
  if (opened === null) return;
  store.dispatch(signOffSlice.open({type: 'sign-off opened', session: opened}));
  reach.ask(loadSignOff, (work) => work.plan(opened));
};
