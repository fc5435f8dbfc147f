import type {Perform} from '../../screen.ts';
import type {Load} from '../../work.ts';
import type {pruneWork} from './work.ts';

export const loadPrune: Load<ReturnType<typeof pruneWork>> = async (place) =>
  (await import('./work.ts')).pruneWork(place);

/** What retention would remove; what is being removed is shown. */
export const openPrune: Perform = (_, reach) => reach.ask(loadPrune, (work) => work.plan());
