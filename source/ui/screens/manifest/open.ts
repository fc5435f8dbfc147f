import {withSubject} from '../../screen.ts';
import type {Workplace} from '../../work.ts';

export const loadManifest = async (place: Workplace) => (await import('./work.ts')).manifestWork(place);

export const openManifest = withSubject((id, reach) => reach.ask(loadManifest, (work) => work.open(id)));
