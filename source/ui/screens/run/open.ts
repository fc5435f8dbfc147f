import type {Perform} from '../../screen.ts';
import type {Load} from '../../work.ts';
import {runSlice} from './state.ts';
import type {RunWork} from './work.ts';

export const loadRun: Load<RunWork> = async (place) => new (await import('./work.ts')).RunWork(place);

/** What a backup would copy; one that runs already is shown. */
export const openRun: Perform = (store, reach) => {
  const run = runSlice.of(store.get());
  store.dispatch(runSlice.open({type: 'run opened'}));
  if (run?.state !== 'running' && !run?.unseen) reach.ask(loadRun, (work) => work.plan());
};
