import {contentsOf, copiesOf, numberBeside, numberVersions, type Versions} from '../engine/catalog/copies.ts';
import type {Row} from '../engine/catalog/row.ts';
import {isSafety, newestGood, newestToVerify} from '../engine/catalog/suggest.ts';
import {type BadTime, badTimeOf} from './bad-times.ts';
import {type CatalogState, isRead} from './catalog.ts';
import {copySign} from './copy-view.ts';
import {present} from './present.ts';

/** What is known of copies over the whole catalog. */
export type KnownCopies = {
  /** Those that need attention first, then as they are configured; what nobody configured any more stands last. */
  datasets: string[];
  /** Those among them of which a copy has a fault, that of the newest backup first. */
  troubled: string[];
  /** Null until every backup has been read: the oldest one is 1. */
  versions: Versions | null;
  /** The backup with the newest good copy of each dataset from before things were bad; none without that time. */
  good: ReadonlyMap<string, string>;
  /** Of those without one: which, and the newest backup to verify for one of them; null where there is none. */
  wanting: ToVerify;
  /** The newest backup to verify for each. */
  toVerify: ReadonlyMap<string, string>;
  /** Those of which a newer copy than the good one has to be verified first, and the newest backup that holds one. */
  newer: ToVerify;
};

type ToVerify = {names: string[]; next: string | null};

/** Newest backups whose faults are worth attention, and of which the first frames know the datasets. */
const recent = 30;

function datasetsOf(
  rows: Row[],
  configured: readonly string[] | null,
): Pick<KnownCopies, 'datasets' | 'troubled'> {
  const names = new Set(configured ?? []);
  for (const row of rows) for (const {dataset} of contentsOf(row, configured ?? [])) names.add(dataset);
  const sound = rows.filter((row) => row.datasets.length > 0 && !isSafety(row.id, row)).slice(0, recent);
  const wanted = new Set(configured ?? names);
  const faults = new Map<string, number>();
  const troubled = new Set<string>();
  for (const [age, row] of sound.entries()) {
    const copies = copiesOf(row, configured ?? []);
    // That a backup has no copy of what is configured is a fault; of the others nobody can tell.
    for (const name of configured ?? copies.keys()) {
      const copy = copies.get(name);
      const isBad = copy !== undefined && copySign(copy).mark === 'x';
      // One that is not there says nothing of what was in it.
      if (isBad) troubled.add(name);
      if (!faults.has(name) && (isBad || copy === undefined)) faults.set(name, age);
    }
  }
  const rank = (name: string): number => (wanted.has(name) ? (faults.get(name) ?? recent) : recent + 1);
  const datasets = [...names].toSorted((a, b) => rank(a) - rank(b));
  return {datasets, troubled: datasets.filter((name) => troubled.has(name))};
}

/** Newest first, up to the first one that was not read yet. */
function readRows(catalog: CatalogState, most: number): Row[] {
  const {ids, rows} = catalog;
  const isAll = isRead(catalog);
  const read: Row[] = [];
  for (const id of ids) {
    const row = rows.get(id);
    if (row) read.push(row);
    else if (!isAll) break;
    if (read.length >= most) break;
  }
  return read;
}

type Before = Pick<KnownCopies, 'good' | 'wanting' | 'toVerify' | 'newer'>;

const nothing: ToVerify = {names: [], next: null};
const noneBefore: Before = {good: new Map(), wanting: nothing, toVerify: new Map(), newer: nothing};

function copiesBefore(
  catalog: CatalogState,
  at: number,
  configured: readonly string[] | null,
  datasets: string[],
): Before {
  const read = readRows(catalog, Number.POSITIVE_INFINITY);
  const good = newestGood(read, at, configured ?? []);
  const names = datasets.filter((name) => !good.has(name) && (configured?.includes(name) ?? true));
  const toVerify = newestToVerify(read, at, configured ?? []);
  const rows = new Map(read.map((row) => [row.id, row]));
  const content = (name: string, id: string | undefined): string | null => {
    const row = rows.get(id ?? '');
    return (row && copiesOf(row, configured ?? []).get(name)?.content) ?? null;
  };
  const isNewer = (name: string): boolean => {
    const [ours = '', other] = [good.get(name), toVerify.get(name)];
    // The same bytes need no look of their own.
    return other !== undefined && ours !== '' && other > ours && content(name, other) !== content(name, ours);
  };
  const told = (of: string[]): ToVerify => {
    const lying = new Set(of.map((name) => toVerify.get(name)));
    return {names: of, next: read.find(({id}) => lying.has(id))?.id ?? null};
  };
  return {good, wanting: told(names), toVerify, newer: told(datasets.filter(isNewer))};
}

type Asked = {
  ids: string[];
  safety: CatalogState['safety'];
  complete: boolean;
  configured: string;
  at: number | null;
};
const known = new WeakMap<CatalogState['rows'], Asked & {copies: KnownCopies}>();

/**
 * What the columns of a list say of copies. It is asked for with every frame, and ten thousand backups are gone through
 * once for each state of the catalog.
 * @param at milliseconds since the epoch, since when things are bad
 */
export function knownCopies(
  catalog: CatalogState,
  configured: readonly string[] | null,
  at: number | null,
): KnownCopies {
  const {ids, rows, safety} = catalog;
  const complete = isRead(catalog);
  const names = configured ?? [];
  const asked: Asked = {ids, safety, complete, configured: configured?.join('\0') ?? '\0', at};
  const last = known.get(rows);
  const isSame = (key: keyof Asked): boolean => last?.[key] === asked[key];
  if (last && isSame('ids') && isSame('safety') && isSame('complete') && isSame('configured') && isSame('at'))
    return last.copies;
  const read = readRows(catalog, complete ? Number.POSITIVE_INFINITY : recent);
  const isNumbered =
    last && complete && isSame('ids') && isSame('safety') && isSame('complete') && isSame('configured');
  const {datasets, troubled} = datasetsOf(read, configured);
  const before = at === null ? noneBefore : copiesBefore(catalog, at, configured, datasets);
  const versions = isNumbered
    ? last.copies.versions
    : complete
      ? numberBeside(numberVersions(read, names), read, safety.values(), names)
      : null;
  const copies = {datasets, troubled, versions, ...before};
  known.set(rows, {...asked, copies});
  return copies;
}

/**
 * The same of fewer: of what is to be restored, or else of what has a fault, where one of those is without a good copy.
 * @param concerned names of what is to be restored; none where that is not known
 */
export function wantingOf(
  {ids}: CatalogState,
  {wanting, toVerify, troubled}: KnownCopies,
  concerned: readonly string[],
): ToVerify {
  const among = (some: readonly string[]): string[] => wanting.names.filter((name) => some.includes(name));
  const faulty = among(troubled);
  const names = concerned.length > 0 ? among(concerned) : faulty.length > 0 ? faulty : wanting.names;
  const lying = new Set(names.map((name) => toVerify.get(name)));
  return {names, next: ids.find((id) => lying.has(id)) ?? null};
}

/** What `newerVersion` has found, as long as the same is known: it is asked for with every frame. */
const newer = new WeakMap<KnownCopies, {bad: BadTime[]; found: Map<string, number | null>}>();

/**
 * Which version of a dataset is newer than the one in a backup, of those that one would want: the newest good one of
 * before things were bad, else the one to verify; without that time the newest that is no worse than unchecked. Null
 * where none is.
 * @param bad what is from these is not wanted
 */
export function newerVersion(
  catalog: CatalogState,
  copies: KnownCopies,
  id: string,
  dataset: string,
  configured: readonly string[] | null,
  bad: BadTime[],
): number | null {
  const last = newer.get(copies);
  const found = last?.bad === bad ? last.found : new Map<string, number | null>();
  newer.set(copies, {bad, found});
  const key = `${id} ${dataset}`;
  let version = found.get(key);
  if (version === undefined) {
    version = findNewer(catalog, copies, id, dataset, configured, bad);
    found.set(key, version);
  }
  return version;
}

function findNewer(
  catalog: CatalogState,
  {versions, good, toVerify}: KnownCopies,
  id: string,
  dataset: string,
  configured: readonly string[] | null,
  bad: BadTime[],
): number | null {
  const mine = versions?.get(id)?.get(dataset);
  if (!versions || mine === undefined) return null;
  const wanted = good.get(dataset) ?? toVerify.get(dataset);
  for (const other of catalog.ids) {
    if (other === id) return null;
    if (wanted !== undefined ? other !== wanted : badTimeOf(bad, versions, other, dataset) !== null) continue;
    const row = catalog.rows.get(other);
    const copy = row && copiesOf(row, configured ?? []).get(dataset);
    const version = versions.get(other)?.get(dataset);
    if (!copy || version === undefined || copySign(copy).mark === 'x') continue;
    return version === mine ? null : version;
  }
  return null;
}

/** Backups whose copies are named in a sentence. */
const mostNamed = 2;

/** Which copies are the newest good ones of before things were bad, and of what there is none. */
export function goodSentences({good, wanting: {names, next}, newer}: KnownCopies): string[] {
  const all = good.size + names.length;
  const namesOf = (some: string[]): string =>
    some.length > 2 && some.length === all ? `all ${all} datasets` : some.join(', ');
  const lying = Map.groupBy(good, ([, id]) => id);
  const some = [...lying]
    .slice(0, mostNamed)
    .map(([id, of]) => `${namesOf(of.map(([name]) => name))} in ${id}`);
  const more = lying.size > some.length ? ', and others' : '';
  const without = names.length > 2 && names.length === all ? `the ${all} datasets` : names.join(', ');
  return present([
    some.length > 0 && `Newest good copies from before it (*): ${some.join('; ')}${more}.`,
    names.length > 0 &&
      next !== null &&
      `No copy of ${without} is verified yet: v on ${next}, the newest, verifies it.`,
    newer.next !== null &&
      `Newer, but not verified: ${namesOf(newer.names)} in ${newer.next} (v on it verifies it).`,
    names.length > 0 && next === null && `There is no good copy of ${without} from before it.`,
  ]);
}
