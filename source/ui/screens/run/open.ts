import type {Perform} from '../../screen.ts';
import {runSlice} from './state.ts';

/** What a backup would copy; one that runs already is shown. */
export const openRun: Perform = (store, effects) => {
  const run = runSlice.of(store.get());
  store.dispatch(runSlice.open({type: 'run opened'}));
  if (run?.state !== 'running' && !run?.unseen) effects.work.writing.planRun();
};
