import {type PhpForecast, phpForecast} from '../../../engine/retention/php-forecast.ts';
import type {AppState} from '../../state.ts';

/** What PHP's own next run would do to the catalog as it is; nothing while that is not known. */
export function doomedByPhp({configuration, catalog, place, now}: AppState): PhpForecast {
  if (!configuration) return {deletes: [], empties: null};
  const held = [...catalog.held.values()];
  return phpForecast(configuration, place.backups, {...catalog, held}, now);
}
