import {type Copy, type CopyState, copiesOf, type Versions} from '../catalog/copies.ts';
import type {Row} from '../catalog/row.ts';
import {mayPrecede, newestGood, newestToVerify} from '../catalog/suggest.ts';
import {checkLying} from '../content/check.ts';
import type {Pool} from '../hashing/pool.ts';
import {directoryOf} from '../storage/held.ts';
import {lyingIn, lyingName, type SourceNames} from '../storage/manifest/lying.ts';

/** A newer copy of a dataset than the one in a backup, from before things were bad. */
export type Newer = {
  dataset: string;
  id: string;
  /** Of the same bytes in other backups too; null where no manifest has them. */
  version: number | null;
  /** It lies in a backup that was cut off. */
  cutOff: boolean;
  /** What is known of it, in a few words. */
  says: string;
};

type Asking = {
  /** Newest first, down to the backup at least. */
  rows: Row[];
  id: string;
  /** Since when things are bad, in milliseconds since the epoch. */
  at: number;
  names: string[];
  configured: readonly string[];
  versions: Versions;
  sources: SourceNames;
  place: {root: string | null; backups: string; held: string | null; readOnly: boolean};
  pool: Pool;
  signal: AbortSignal;
};

/** Backups without a manifest that are looked into: each of their files is read. */
const mostCutOff = 3;

const words: Record<Exclude<CopyState, 'damaged'>, string> = {
  unaltered: 'unaltered',
  stale: 'passed long ago',
  unchecked: 'not verified',
};

/** Nothing speaks against it but that it may have to be verified. */
const mayDo = ({state, changed, usable, broken, torn, partial}: Copy): boolean =>
  state !== 'damaged' && !changed && usable && broken === null && !torn && partial === null;

/** Contents of a dataset, as far as manifests tell, with their versions. */
function numbered({rows, configured, versions}: Asking, name: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const row of rows) {
    const content = copiesOf(row, configured).get(name)?.content;
    const version = versions.get(row.id)?.get(name);
    if (content && version !== undefined) found.set(content, version);
  }
  return found;
}

/** The version that has the same bytes as a file; null where none has. */
async function versionOf(
  at: {directory: string; segments: string[]},
  known: ReadonlyMap<string, number>,
  {pool, signal}: Asking,
): Promise<number | null> {
  const algorithms = [...known.keys()].map((content) => content.slice(0, content.indexOf(':')));
  for (const algorithm of new Set(algorithms)) {
    const result = await pool.hash({...at, algorithm}, signal).result;
    const version = result.status === 'read' ? known.get(`${algorithm}:${result.hash}`) : undefined;
    if (version !== undefined) return version;
  }
  return null;
}

/** What lies in a backup that was cut off, and can be read to its end. */
async function inCutOff(id: string, wanted: ReadonlySet<string>, asking: Asking): Promise<Newer[]> {
  const {place, sources, signal} = asking;
  const directory = directoryOf(place.backups, place.held, id);
  const files = new Map(lyingIn(directory).map((file) => [lyingName(file, sources), file]));
  if (![...wanted].some((name) => files.has(name))) return [];
  const found: Newer[] = [];
  for await (const event of checkLying({...place, id, signal}, sources)) {
    if (event.type !== 'content checked' || event.result?.state !== 'sound') continue;
    const file = files.get(event.name);
    if (!file || !wanted.has(event.name)) continue;
    const at = {directory, segments: file.segments};
    const version = await versionOf(at, numbered(asking, event.name), asking);
    const says = event.result.kind === 'json' ? 'parses' : 'SQLite is sound';
    found.push({dataset: event.name, id, version, cutOff: true, says});
  }
  return found;
}

/**
 * Names newer copies of datasets than those in a backup: the newest from before things were bad that nothing speaks
 * against, also in what was cut off. Of the backups it reads only those.
 * @throws what the signal is aborted with
 */
export async function newerCopies(asking: Asking): Promise<Newer[]> {
  const {rows, id, at, configured, versions, signal} = asking;
  const index = rows.findIndex((row) => row.id === id);
  const ours = rows[index] && copiesOf(rows[index], configured);
  const wanted = new Set(asking.names);
  const found: Newer[] = [];
  let cutOff = 0;
  for (const row of rows.slice(0, Math.max(0, index))) {
    signal.throwIfAborted();
    if (!mayPrecede(row, at)) continue;
    if (row.state === 'interrupted' && wanted.size > 0 && cutOff++ < mostCutOff)
      for (const each of await inCutOff(row.id, wanted, asking)) {
        wanted.delete(each.dataset);
        if (each.version === null || each.version !== versions.get(id)?.get(each.dataset)) found.push(each);
      }
    for (const [dataset, copy] of copiesOf(row, configured)) {
      const {content, state} = copy;
      if (!wanted.has(dataset) || content === null || state === 'damaged' || !mayDo(copy)) continue;
      wanted.delete(dataset);
      const version = versions.get(row.id)?.get(dataset) ?? null;
      // The same bytes are no newer ones.
      if (content !== ours?.get(dataset)?.content)
        found.push({dataset, id: row.id, version, cutOff: false, says: words[state]});
    }
  }
  signal.throwIfAborted();
  return found;
}

/** Where else a copy of a dataset lies that may be restored. */
export type Elsewhere = {
  dataset: string;
  /** Null where there is none. */
  id: string | null;
  version: number | null;
  /** Nothing that is known speaks against it; else it has to be verified first. */
  isGood: boolean;
};

/**
 * The good copy that comes next to one that cannot be restored: the newest from before things were bad; where nobody has
 * said when that was, the next older one, then the next newer.
 */
export function copiesElsewhere({
  rows,
  id,
  at,
  names,
  configured,
  versions,
}: Pick<Asking, 'rows' | 'id' | 'names' | 'configured' | 'versions'> & {at: number | null}): Elsewhere[] {
  const index = rows.findIndex((row) => row.id === id);
  const nearest = [...rows.slice(index + 1), ...rows.slice(0, Math.max(0, index)).toReversed()];
  const others = at === null ? nearest : rows.filter((row) => row.id !== id);
  const before = at ?? Number.POSITIVE_INFINITY;
  const good = newestGood(others, before, configured);
  const toVerify = newestToVerify(others, before, configured);
  return names.map((dataset) => {
    const found = good.get(dataset) ?? toVerify.get(dataset) ?? null;
    const version = found === null ? null : (versions.get(found)?.get(dataset) ?? null);
    return {dataset, id: found, version, isGood: good.has(dataset)};
  });
}
