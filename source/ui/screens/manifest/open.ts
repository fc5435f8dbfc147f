import {withSubject} from '../../screen.ts';
import type {Load} from '../../work.ts';
import type {ManifestWork} from './work.ts';

export const loadManifest: Load<ManifestWork> = async (place) =>
  new (await import('./work.ts')).ManifestWork(place);

export const openManifest = withSubject((id, reach) => reach.ask(loadManifest, (work) => work.open(id)));
