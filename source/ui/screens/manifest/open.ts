import {withSubject} from '../../screen.ts';
import type {Load} from '../../work.ts';
import type {manifestWork} from './work.ts';

export const loadManifest: Load<ReturnType<typeof manifestWork>> = async (place) =>
  (await import('./work.ts')).manifestWork(place);

export const openManifest = withSubject((id, reach) => reach.ask(loadManifest, (work) => work.open(id)));
