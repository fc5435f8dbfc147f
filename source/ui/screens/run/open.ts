import type {Perform} from '../../screen.ts';
import type {Load} from '../../work.ts';
import {runSlice} from './state.ts';
import type {runWork} from './work.ts';

export const loadRun: Load<ReturnType<typeof runWork>> = async (place) =>
  (await import('./work.ts')).runWork(place);

/** What a backup would copy; one that runs already is shown. */
export const openRun: Perform = (store, reach) => {
  const run = runSlice.of(store.get());
  store.dispatch(runSlice.open({type: 'run opened'}));
  if (run?.state !== 'running' && !run?.unseen) reach.ask(loadRun, (work) => work.plan());
};
