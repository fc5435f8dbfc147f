import type {Perform} from '../../screen.ts';
import type {Load} from '../../work.ts';
import {sessionsSlice} from '../sessions/state.ts';
import {signOffSlice} from './state.ts';
import type {signOffWork} from './work.ts';

export const loadSignOff: Load<ReturnType<typeof signOffWork>> = async (place) =>
  (await import('./work.ts')).signOffWork(place);

/** Asks before the session on the checklist is signed off: it lets go of something. */
export const openSignOff: Perform = (store, reach) => {
  const {opened} = sessionsSlice.of(store.get());
  if (opened === null) return;
  store.dispatch(signOffSlice.open({type: 'sign-off opened', session: opened}));
  reach.ask(loadSignOff, (work) => work.plan(opened));
};
