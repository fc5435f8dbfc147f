import {idTime} from './backup/new-id.ts';
import type {Listing} from './catalog/list.ts';
import type {Configuration} from './config/effective.ts';
import {forecastPhp} from './retention.ts';

/** What there is by then: the catalog, with what will have come or gone. */
export type PhpCatalog = Pick<Listing, 'ids' | 'strays'> & {
  held: Listing['held'];
  coming?: string[];
  going?: ReadonlySet<string>;
};

/** Milliseconds from now after which PHP's next run is taken to begin: later than any backup of ours. */
const soon = 60_000;

/**
 * What will be lost by PHP's own next run, oldest first. What is held counts where PHP sees it, but is not lost; the
 * backup that PHP makes itself counts too, and is nobody's to save.
 * @param backups where they are looked for: PHP's own may lie elsewhere
 * @param now milliseconds since the epoch
 */
export function phpDeletes(
  {php}: Pick<Configuration, 'php'>,
  backups: string,
  {ids, strays, held, coming = [], going = new Set()}: PhpCatalog,
  now: number,
): string[] {
  if (php.path !== backups) return [];
  const isHeld = new Set(held.map(({id}) => id));
  const elsewhere = new Set(held.filter(({counted}) => !counted).map(({id}) => id));
  const names = [...ids.filter((id) => !elsewhere.has(id)), ...coming];
  const entries = [...names.map((name) => ({name, isDirectory: true})), ...strays];
  const next = idTime(now + soon);
  return forecastPhp(
    entries.filter(({name}) => !going.has(name)),
    next,
    php.maxCount,
  ).filter((id) => id !== next && !isHeld.has(id));
}
