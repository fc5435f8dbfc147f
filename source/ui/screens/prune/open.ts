import type {Perform} from '../../screen.ts';
import type {Load} from '../../work.ts';
import type {PruneWork} from './work.ts';

export const loadPrune: Load<PruneWork> = async (place) => new (await import('./work.ts')).PruneWork(place);

/** What retention would remove; what is being removed is shown. */
export const openPrune: Perform = (_, reach) => reach.ask(loadPrune, (work) => work.plan());
