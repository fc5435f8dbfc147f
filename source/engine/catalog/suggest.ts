import {backupTime} from '../storage/backup-id.ts';
import {partialTexts} from '../storage/manifest/partial.ts';
import {type Copy, contentsOf, copiesOf, isGood, mayBeGood} from './copies.ts';
import type {Row} from './row.ts';

/** Backups, newest first, and the rows that have been read of them. */
type Catalog = {ids: string[]; rows: ReadonlyMap<string, Row>};

/** When things went wrong, as the operator says. `at`: milliseconds since the epoch. */
export type BadSince = {at: number; by: string};

/** A newer backup that is verified, and why it is not suggested all the same. */
export type PassedOver = {id: string; why: string};

/** Which backup is to be looked at first (SCREENS.md, "Bad since"). */
export type Suggestion =
  | {state: 'suggested'; id: string; passed: PassedOver[]}
  /** A row that may be the one has not been read yet. */
  | {state: 'reading'}
  /** None before it is verified; `next`: the newest that could be, null where there is none. */
  | {state: 'none'; next: string | null; passed: PassedOver[]};

/** Taken of the live files just before a restore: it holds what was bad, whatever its time. */
export const isSafety = (id: string, row: Pick<Row, 'label'> | undefined): boolean =>
  /^before restore\b/i.test(row?.label ?? '') || /^\d{8}_\d{6}_before-restore\b/i.test(id);

/** By the time in its name, as the list says it. One without a time is never before anything. */
export function isBefore(id: string, at: number): boolean {
  const time = backupTime(id);
  return time !== null && time * 1000 < at;
}

/** What the manifest says of its time may speak against a backup, never for it. */
const recordedLater = ({createdAt}: Row, at: number): boolean => Date.parse(createdAt ?? '') >= at;

/** Whether a backup may be from before a time: a safety backup never is, and its manifest may say that it is not. */
export const mayPrecede = (row: Row, at: number): boolean =>
  isBefore(row.id, at) && !recordedLater(row, at) && !isSafety(row.id, row);

const isWhole = ({state, datasets}: Row): boolean =>
  state === 'complete' && datasets.length > 0 && datasets.every(({flaw}) => flaw === null);

/** Why one that is from before the time, and may be verified, is not suggested; null where it is. */
function whyNot(row: Row, at: number): string | null {
  const [broken, ...others] = row.brokenInside;
  if (broken)
    return others.length === 0
      ? `${broken.name} is broken inside`
      : `${broken.name} and ${others.length} more are broken inside`;
  return recordedLater(row, at) ? 'its manifest says that it was made later' : null;
}

/** The datasets that are configured now and not in a backup. */
export function lacks(row: Row, configured: string[] | null): string[] {
  if (row.state !== 'complete' || !configured) return [];
  const held = new Set(contentsOf(row, configured).map(({dataset}) => dataset));
  return configured.filter((name) => !held.has(name));
}

/** What speaks against one that is suggested all the same; null where nothing does. */
export function whyBeware(row: Row, configured: string[] | null): string | null {
  const lacking = lacks(row, configured);
  if (lacking.length > 0) return `has no ${lacking.join(', ')}`;
  return row.partial.length > 0 ? partialText(row) : null;
}

function partialText({partial}: Row): string {
  const [first, ...others] = partialTexts(partial, partial.length);
  return `is partial: ${first}${others.length > 0 ? `, and ${others.length} more` : ''}`;
}

function find({ids, rows}: Catalog, at: number): Suggestion {
  let next: string | null = null;
  // Better than none, where none is whole.
  let partial: {id: string; passed: PassedOver[]} | null = null;
  let nextPartial: string | null = null;
  const passed: PassedOver[] = [];
  for (const id of ids) {
    if (!isBefore(id, at)) continue;
    const row = rows.get(id);
    if (!row) return {state: 'reading'};
    if (!isWhole(row) || isSafety(id, row)) continue;
    const why = whyNot(row, at);
    const {state} = row.verification;
    if (why !== null && state === 'verified') passed.push({id, why});
    if (why !== null) continue;
    const isPartial = row.partial.length > 0;
    if (state === 'verified' && !isPartial) return {state: 'suggested', id, passed};
    if (state === 'verified') {
      partial ??= {id, passed: [...passed]};
      passed.push({id, why: `it ${partialText(row)}`});
    } else if (state !== 'failed' && isPartial) nextPartial ??= id;
    else if (state !== 'failed') next ??= id;
  }
  if (partial) return {state: 'suggested', ...partial};
  return {state: 'none', next: next ?? nextPartial, passed};
}

const found = new WeakMap<Catalog['rows'], {ids: string[]; at: number; suggestion: Suggestion}>();

/**
 * The newest backup before a time that is verified, unchanged since, whole, and not known to be broken inside: its row
 * says all of it. Where none is whole, the newest of the others. It is asked for with every frame, and ten thousand
 * backups are gone through once for each state of the catalog.
 */
export function suggest(catalog: Catalog, at: number): Suggestion {
  const known = found.get(catalog.rows);
  if (known?.at === at && known.ids === catalog.ids) return known.suggestion;
  const suggestion = find(catalog, at);
  found.set(catalog.rows, {ids: catalog.ids, at, suggestion});
  return suggestion;
}

/** The newest backup from before a time that holds such a copy of a dataset, for each; none for a dataset without one. */
function newestWith(
  rows: Iterable<Row>,
  at: number,
  configured: readonly string[],
  isWanted: (copy: Copy) => boolean,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const row of rows) {
    if (!mayPrecede(row, at)) continue;
    for (const copy of copiesOf(row, configured).values())
      if (!found.has(copy.dataset) && isWanted(copy)) found.set(copy.dataset, row.id);
  }
  return found;
}

/**
 * The backup that holds the newest good copy of each dataset from before a time; none for a dataset without one.
 * @param rows newest first
 * @param at milliseconds since the epoch
 */
export const newestGood = (rows: Iterable<Row>, at: number, configured: readonly string[]) =>
  newestWith(rows, at, configured, isGood);

/** The same of copies that a verification may find good. */
export const newestToVerify = (rows: Iterable<Row>, at: number, configured: readonly string[]) =>
  newestWith(rows, at, configured, mayBeGood);
