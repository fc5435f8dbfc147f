import type {Perform} from '../../screen.ts';
import type {Workplace} from '../../work.ts';
import {runSlice} from './state.ts';

export const loadRun = async (place: Workplace) => (await import('./work.ts')).runWork(place);

/** What a backup would copy; one that runs already is shown. */
export const openRun: Perform = (store, reach) => {
  const run = runSlice.of(store.get());
  store.dispatch(runSlice.open({type: 'run opened'}));
  if (run?.state !== 'running' && !run?.unseen) reach.ask(loadRun, (work) => work.plan());
};
