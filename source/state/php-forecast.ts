import {idTime} from '../engine/backup/new-id.ts';
import {forecastPhp} from '../engine/retention.ts';
import type {AppState} from './app.ts';

/**
 * What PHP's own next run would delete and nobody holds, oldest first; none while that is not known. Strays count
 * (FORMAT.md, "Retention").
 */
export function phpDeletes({configuration, catalog, place, now}: AppState): string[] {
  if (!configuration || configuration.php.path !== place.backups) return [];
  const backups = catalog.ids
    .filter((id) => !catalog.held.get(id)?.only)
    .map((name) => ({name, isDirectory: true}));
  const entries = [...backups, ...catalog.strays];
  return forecastPhp(entries, idTime(now + 60_000), configuration.php.maxCount).filter(
    (id) => !catalog.held.has(id),
  );
}
