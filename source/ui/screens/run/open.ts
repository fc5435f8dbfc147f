import type {Perform} from '../../screen.ts';

/** What a backup would copy; one that runs already is shown. */
export const openRun: Perform = (store, effects) => {
  const {run} = store.get();
  store.dispatch({type: 'run opened'});
  if (run?.state !== 'running' && !run?.unseen) effects.work.writing.planRun();
};
