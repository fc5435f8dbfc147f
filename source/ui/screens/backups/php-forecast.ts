import {phpDeletes} from '../../../engine/php-forecast.ts';
import type {AppState} from '../../state.ts';

/** What PHP's own next run would delete of the catalog as it is; none while that is not known. */
export function doomedByPhp({configuration, catalog, place, now}: AppState): string[] {
  if (!configuration) return [];
  const held = [...catalog.held.values()];
  return phpDeletes(configuration, place.backups, {...catalog, held}, now);
}
