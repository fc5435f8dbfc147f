import {createHash} from 'node:crypto';
import type {ContentKind} from '../storage/content.ts';
import {isBelow} from '../storage/dataset.ts';
import {concerns} from '../storage/manifest/partial.ts';
import type {RecordedDump, Row, RowDataset} from './row.ts';

/**
 * `unaltered`: our verification passed, and nothing changed since. `damaged`: what lies there is not what was backed
 * up, or not to be had. `stale`: it passed long ago, or something changed since. `unchecked`: never by us.
 */
export type CopyState = 'unaltered' | 'damaged' | 'stale' | 'unchecked';

/** A copy of a dataset in one backup, and what is known of it (SCREENS.md, "The dataset is the unit"). */
export type Copy = {
  dataset: string;
  state: CopyState;
  /** Why it is damaged or stale; null otherwise. */
  reason: string | null;
  /** Stale, and not because of its age alone: it, or what the manifest says of it, is not what matched. */
  changed: boolean;
  /** Something of it could be put back: of a directory also where a part is damaged. */
  usable: boolean;
  /** Bytes of what there is of it; null where nothing is. */
  bytes: number | null;
  /** Bytes of what is more than white space and an empty list, where that was looked for; null where one is not seen. */
  filled: number | null;
  /** The same for the same bytes, whichever backup they lie in; null where a hash is missing. */
  content: string | null;
  /** What the newest content check found broken in it; null where it found nothing, or none was made. */
  broken: string | null;
  /** As what it was found sound; null where it was not. */
  sound: ContentKind | null;
  /** It changed while it was read. */
  torn: boolean;
  /** What of it is missing or was left out; null where nothing is. */
  partial: string | null;
  /** Of a database: what was dumped; null of all else. */
  dump: RecordedDump | null;
};

/** Worst first: a directory is as good as the worst of its files. */
const worst: CopyState[] = ['damaged', 'stale', 'unchecked', 'unaltered'];

/** To which dataset an entry of a manifest belongs: a configured one, or the directory that its name begins with. */
export function datasetOf(entry: string, configured: readonly string[]): string {
  let found = '';
  for (const name of configured) if (name.length > found.length && isBelow(entry, name)) found = name;
  if (found !== '') return found;
  const end = entry.indexOf('/');
  return end > 0 ? entry.slice(0, end) : entry;
}

function entryState(
  entry: RowDataset,
  {verification}: Row,
): Pick<Copy, 'state' | 'reason'> & {changed?: boolean} {
  if (entry.flaw !== null) return {state: 'damaged', reason: entry.flaw};
  if (verification.state === 'failed') {
    const {failed, reason} = verification;
    // Which of them is not known: none can be relied on.
    if (failed.length === 0) return {state: 'damaged', reason: reason ?? 'its backup failed verification'};
    if (failed.includes(entry.name)) return {state: 'damaged', reason: 'it failed verification'};
  }
  if (entry.proof) return entry.proof;
  if (verification.state === 'verified') return {state: 'unaltered', reason: null};
  if (verification.state === 'stale')
    return {state: 'stale', reason: verification.reason, changed: verification.changed};
  return {state: 'unchecked', reason: null};
}

/** Equal for equal files under equal names, in any order. */
function contentOf(entries: RowDataset[], dataset: string): string | null {
  const [only] = entries;
  if (only && entries.length === 1 && only.name === dataset) return only.content;
  if (entries.some(({content}) => content === null)) return null;
  const lines = entries.map(({name, content}) => JSON.stringify([name, content])).sort();
  return `directory:${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
}

function copyOf(dataset: string, entries: RowDataset[], row: Row): Copy {
  let judged: ReturnType<typeof entryState> | null = null;
  let [changed, usable] = [false, false];
  let [seen, bytes, filled] = [0, 0, 0];
  for (const entry of entries) {
    const each = entryState(entry, row);
    if (!judged || worst.indexOf(each.state) < worst.indexOf(judged.state)) judged = each;
    changed ||= each.state === 'stale' && each.changed === true;
    usable ||= each.state !== 'damaged';
    if (entry.bytes === null) continue;
    seen++;
    bytes += entry.bytes;
    filled += entry.blank ? 0 : entry.bytes;
  }
  const short = row.partial.filter((each) => concerns(each, dataset));
  const lost = short.find((each) => !each.torn);
  const broken = row.brokenInside.find(({name}) => isBelow(name, dataset));
  return {
    dataset,
    state: judged?.state ?? 'unchecked',
    reason: judged?.reason ?? null,
    changed,
    usable,
    bytes: seen > 0 ? bytes : null,
    filled: seen < entries.length ? null : filled,
    content: contentOf(entries, dataset),
    broken: broken?.detail ?? null,
    sound: row.soundInside.find(({name}) => name === dataset)?.kind ?? null,
    torn: short.some((each) => each.torn === true),
    partial: lost?.reason ?? null,
    dump: entries.find(({name}) => name === dataset)?.dump ?? null,
  };
}

const known = new WeakMap<Row, {configured: readonly string[]; copies: ReadonlyMap<string, Copy>}>();

const areEqual = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((name, at) => name === b[at]));

/**
 * The copies that a backup holds, by dataset, in its manifest's order; none of one that has no readable manifest.
 * @param configured names of the datasets; empty where they are not known
 */
export function copiesOf(row: Row, configured: readonly string[]): ReadonlyMap<string, Copy> {
  const before = known.get(row);
  if (before && areEqual(before.configured, configured)) return before.copies;
  const entries = new Map<string, RowDataset[]>();
  for (const entry of row.state === 'complete' ? row.datasets : []) {
    const dataset = datasetOf(entry.name, configured);
    const mine = entries.get(dataset);
    if (mine) mine.push(entry);
    else entries.set(dataset, [entry]);
  }
  const copies = new Map([...entries].map(([dataset, mine]) => [dataset, copyOf(dataset, mine, row)]));
  known.set(row, {configured, copies});
  return copies;
}

/** The datasets of a backup, and what it holds of each by its hashes; judges nothing, so that thousands cost little. */
export function contentsOf(
  row: Row,
  configured: readonly string[],
): {dataset: string; content: string | null}[] {
  if (row.state !== 'complete') return [];
  // A name without a slash is the dataset itself, whatever is configured.
  if (row.datasets.some(({name}) => name.includes('/'))) return [...copiesOf(row, configured).values()];
  return row.datasets.map(({name, content}) => ({dataset: name, content}));
}

/** Version numbers by backup and dataset. */
export type Versions = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Numbers what each dataset held over time, oldest 1: the same number is the same bytes, in whichever backup. Hashes of
 * the manifests alone decide; what has none has no number.
 * @param rows newest first
 */
export function numberVersions(rows: Row[], configured: readonly string[]): Versions {
  const numbers = new Map<string, Map<string, number>>();
  const versions = new Map<string, Map<string, number>>();
  for (const row of rows.toReversed()) {
    const mine = new Map<string, number>();
    for (const {dataset, content} of contentsOf(row, configured)) {
      if (content === null) continue;
      const given = numbers.get(dataset) ?? new Map<string, number>();
      numbers.set(dataset, given);
      const number = given.get(content) ?? given.size + 1;
      given.set(content, number);
      mine.set(dataset, number);
    }
    versions.set(row.id, mine);
  }
  return versions;
}

/**
 * The same numbers for the same bytes in others, such as what restores have saved: they are no versions of their own.
 * @param rows those that were numbered
 */
export function numberBeside(
  versions: Versions,
  rows: Row[],
  others: Iterable<Row>,
  configured: readonly string[],
): Versions {
  const beside = [...others];
  if (beside.length === 0) return versions;
  const key = ({dataset, content}: {dataset: string; content: string | null}): string =>
    JSON.stringify([dataset, content]);
  const numbers = new Map<string, number>();
  for (const row of rows)
    for (const copy of contentsOf(row, configured)) {
      const number = versions.get(row.id)?.get(copy.dataset);
      if (number !== undefined) numbers.set(key(copy), number);
    }
  const all = new Map(versions);
  for (const row of beside) {
    const mine = new Map<string, number>();
    for (const copy of contentsOf(row, configured)) {
      const number = numbers.get(key(copy));
      if (number !== undefined) mine.set(copy.dataset, number);
    }
    all.set(row.id, mine);
  }
  return all;
}

const isWhole = ({broken, torn, partial}: Copy): boolean => broken === null && !torn && partial === null;

/** What is backed up and looks as it should: nothing that is known speaks against putting it back. */
export const isGood = (copy: Copy): boolean => copy.state === 'unaltered' && isWhole(copy);

/** The same, but that it has to be verified, or again. */
export const mayBeGood = (copy: Copy): boolean =>
  isWhole(copy) && (copy.state === 'unchecked' || (copy.state === 'stale' && !copy.changed));
