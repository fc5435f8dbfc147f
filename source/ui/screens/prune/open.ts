import type {Perform} from '../../screen.ts';
import type {Workplace} from '../../work.ts';

export const loadPrune = async (place: Workplace) => (await import('./work.ts')).pruneWork(place);

/** What retention would remove; what is being removed is shown. */
export const openPrune: Perform = (_, reach) => reach.ask(loadPrune, (work) => work.plan());
