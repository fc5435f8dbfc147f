import fs from 'node:fs';
import {type Listing, leadsTo} from '../catalog/list.ts';
import type {Configuration} from '../config/configuration.ts';
import {idTime} from '../storage/new-id.ts';

export type CatalogEntry = {
  name: string;
  isDirectory: boolean;
  /** Of a link to a directory: where that is. */
  leadsTo?: string | null;
};

const byBytes = (a: CatalogEntry, b: CatalogEntry) =>
  Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

/**
 * What PHP's next run will delete: it counts every entry, its own new one included, sorts by name, and deletes the first
 * that are too many; a file among those is counted but stays. Of a link it empties what that leads to; there it fails,
 * and goes no further (FORMAT.md, "What the PHP CLI does").
 * @param next name of the backup that the run makes
 * @param maxCount as PHP's own configuration has it; null keeps all
 * @returns names, a link that it stops at last
 */
export function forecastPhp(entries: CatalogEntry[], next: string, maxCount: number | null): string[] {
  if (maxCount === null) return [];
  const all = [...entries.filter(({name}) => name !== next), {name: next, isDirectory: true}].sort(byBytes);
  const goes = all.slice(0, Math.max(0, all.length - maxCount)).filter(({isDirectory}) => isDirectory);
  const stop = goes.findIndex(({leadsTo}) => leadsTo != null);
  return goes.slice(0, stop < 0 ? goes.length : stop + 1).map(({name}) => name);
}

/** What there is by then: the catalog, with what will have come or gone. */
type PhpCatalog = Pick<Listing, 'ids' | 'strays'> & {
  held: Listing['held'];
  coming?: string[];
  going?: ReadonlySet<string>;
};

/** A link in the backups directory, by its path there, and the real directory that it leads to. */
export type Emptied = {link: string; target: string};

export type PhpForecast = {
  /** What will be lost by it, oldest first. */
  deletes: string[];
  /** What it empties at last, because a link leads there; it then fails, and deletes no more. Null where nothing. */
  empties: Emptied | null;
};

/** What that means, in words that follow "PHP" or "its". */
export const emptiesText = ({link, target}: Emptied): string =>
  `next run empties ${target}: ${link} in the backups directory is a link to it; then it fails, and prunes no further`;

/** Milliseconds from now after which PHP's next run is taken to begin: later than any backup of ours. */
const soon = 60_000;

/**
 * What PHP's own next run will do to what there is. What is held counts where PHP sees it, but is not lost; the backup
 * that PHP makes itself counts too, and is nobody's to save.
 * @param backups where they are looked for: PHP's own may lie elsewhere
 * @param now milliseconds since the epoch
 * @param linkIn finds a link in one of them, where there is the time to look
 */
export function phpForecast(
  {php}: Pick<Configuration, 'php'>,
  backups: string,
  {ids, strays, held, coming = [], going = new Set()}: PhpCatalog,
  now: number,
  linkIn: (name: string) => Emptied | null = () => null,
): PhpForecast {
  if (php.path !== backups) return {deletes: [], empties: null};
  const isHeld = new Set(held.map(({id}) => id));
  const elsewhere = new Set(held.filter(({counted}) => !counted).map(({id}) => id));
  const names = [...ids.filter((id) => !elsewhere.has(id)), ...coming];
  const entries = [...names.map((name) => ({name, isDirectory: true})), ...strays];
  const next = idTime(now + soon);
  const targets = new Map(strays.map((stray) => [stray.name, stray.leadsTo]));
  const deletes: string[] = [];
  for (const name of forecastPhp(
    entries.filter((each) => !going.has(each.name)),
    next,
    php.maxCount,
  )) {
    const target = targets.get(name);
    if (target != null) return {deletes, empties: {link: name, target}};
    if (name === next) continue;
    if (!isHeld.has(name)) deletes.push(name);
    const empties = linkIn(name);
    if (empties) return {deletes, empties};
  }
  return {deletes, empties: null};
}

/** The first link to a directory in an entry of the backups directory; PHP empties what it leads to as well. */
export function linkInside(backups: string, name: string): Emptied | null {
  const pending = [name];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(`${backups}/${at}`, {withFileTypes: true});
    } catch {
      // It is gone meanwhile, or not for us to see; whose permissions those are is told by itself.
      continue;
    }
    for (const entry of entries) {
      const link = `${at}/${entry.name}`;
      if (entry.isDirectory()) pending.push(link);
      const target = entry.isSymbolicLink() ? leadsTo(`${backups}/${link}`) : null;
      if (target !== null) return {link, target};
    }
  }
  return null;
}
