import {type Copy, copiesOf} from '../catalog/copies.ts';
import type {Row} from '../catalog/row.ts';

/** What retention does with one backup, and why. */
export type Verdict = {
  id: string;
  stays: boolean;
  reason: string;
  /** The same for where there is little room: the datasets stand before the rest, which may be cut. */
  namesFirst?: string;
  /** Configured datasets that it stays for; empty where it stays for another reason, and where it goes. */
  datasets: string[];
  /** Datasets whose last usable copy goes with it; absent where there is none. */
  lastCopies?: string[] | undefined;
  /** It would go, but for a restore that is not closed yet, or an incident that is not settled. */
  waits?: boolean;
};

/** What retention deletes, by these verdicts. */
export const goingIds = (verdicts: Verdict[]): string[] =>
  verdicts.filter(({stays}) => !stays).map(({id}) => id);

/** Why nothing is removed although something would go; null otherwise. */
export const whyWaiting = (verdicts: Verdict[]): string | null =>
  verdicts.find(({waits}) => waits)?.reason ?? null;

/** Whether a verification that passed still speaks for a backup, however long ago it was. */
const passed = ({verification}: Pick<Row, 'verification'>): boolean =>
  verification.state === 'verified' || (verification.state === 'stale' && !verification.changed);

/** Why a backup does not count as one that could be restored whole; null when it counts. */
export function whyNotCounted(row: Row): string | null {
  if (row.state !== 'complete') return row.state;
  if (row.datasets.length === 0) return 'holds nothing';
  if (row.verification.state === 'failed') return 'failed its verification';
  return row.datasets.some(({flaw}) => flaw) ? 'damaged' : null;
}

/** Why the name of a backup says nothing of when it was made, among the others; null where it does. */
function whyNoTime({time}: Row, now: number): string | null {
  if (time === null) return 'its name holds no time';
  return time * 1000 > now ? 'its name is of a time to come' : null;
}

/**
 * What stays and what goes (DESIGN.md, "Backup and retention"). For each configured dataset the newest `maxCount` good
 * copies stay, whatever else their backups lack: what is no good copy takes the place of none. Beside them stay as many
 * of the newest copies, good or not; of the backups that count the newest `maxCount`, for what is not configured any
 * more; pinned ones, the newest of all, the last verified one, everything that is no whole backup, and what its name does
 * not place among the others.
 * @param rows newest first
 * @param maxCount null keeps all
 * @param pins reason by id
 * @param configured names of the datasets
 * @param elsewhere backups that lie in another place and stay, such as what is only held
 * @param now milliseconds since the epoch
 */
export function judgeRetention(
  rows: Row[],
  maxCount: number | null,
  pins: ReadonlyMap<string, string>,
  configured: string[] = [],
  elsewhere: Row[] = [],
  now = Date.now(),
): Verdict[] {
  // What sorts before all that will ever be made would take their places for good.
  const placed = rows.filter((row) => row.state !== 'complete' || whyNoTime(row, now) === null);
  const judged = new Map(judgeEach(placed, maxCount, pins, configured).map((each) => [each.id, each]));
  const verdicts = rows.map(
    (row): Verdict =>
      judged.get(row.id) ?? {
        id: row.id,
        stays: true,
        reason: pinnedText(pins.get(row.id)) ?? `${whyNoTime(row, now)}: not counted, never deleted here`,
        datasets: [],
      },
  );
  const last = lastCopiesOf(rows, verdicts, configured, elsewhere);
  return verdicts.map((verdict) => {
    const lastCopies = last.get(verdict.id);
    if (!lastCopies) return verdict;
    // First, so that a line that is cut still says it.
    const reason = `last copy of ${namesText(lastCopies, [])}: ${verdict.reason}`;
    return {...verdict, reason, lastCopies};
  });
}

const pinnedText = (reason: string | undefined): string | null =>
  reason === undefined ? null : reason === '' ? 'pinned' : `pinned: ${reason}`;

function judgeEach(
  rows: Row[],
  maxCount: number | null,
  pins: ReadonlyMap<string, string>,
  configured: string[],
): Verdict[] {
  const lastVerified = rows.find(passed)?.id;
  const claims =
    maxCount === null ? [] : configured.map((name) => claimsOf(rows, maxCount, name, configured));
  let counted = 0;
  return rows.map((row, index) => {
    const {id} = row;
    const flaw = whyNotCounted(row);
    const mine = claims.flatMap((each) => each[index] ?? []);
    const datasets = mine.map(({name}) => name);
    const stays = (reason: string, forThem = false): Verdict => ({
      id,
      stays: true,
      ...(forThem && datasets.length > 0 ? because(reason, namesText(datasets, configured)) : {reason}),
      datasets,
    });
    const room = maxCount === null || counted < maxCount;
    if (flaw === null) counted++;
    const pin = pinnedText(pins.get(id));
    if (pin !== null) return stays(pin);
    if (row.state !== 'complete') return stays(`${row.state}: not counted, never deleted here`);
    if (maxCount === null) return stays('retention keeps all');
    if (room && flaw === null) return stays(`${counted} of the newest ${maxCount}`, true);
    if (room) return stays(`${flaw}: not counted, and newer than some that are kept`, true);
    if (index === 0) return stays('the newest', true);
    if (id === lastVerified) return stays('the last verified one', true);
    if (mine.length > 0) return stays(claimsText(mine, maxCount, configured));
    const reason = `beyond the newest ${maxCount}${flaw === null ? '' : `, and ${flaw}`}`;
    return {id, stays: false, reason, datasets};
  });
}

/**
 * Datasets of which no backup that stays has a usable copy, by the backup that goes with the last one: the newest good
 * copy, else the newest. What is configured always has a copy that stays.
 */
function lastCopiesOf(
  rows: Row[],
  verdicts: Verdict[],
  configured: string[],
  elsewhere: Row[],
): Map<string, string[]> {
  const last = new Map<string, string[]>();
  const going = rows.filter((_, index) => verdicts[index]?.stays === false);
  if (going.length === 0) return last;
  const usable = (row: Row): string[] =>
    [...copiesOf(row, configured).values()].flatMap((copy) => (copy.usable ? [copy.dataset] : []));
  const staying = [...rows.filter((_, index) => verdicts[index]?.stays), ...elsewhere];
  const kept = new Set(staying.flatMap(usable));
  for (const name of new Set(going.flatMap(usable))) {
    if (kept.has(name)) continue;
    const states = copyStates(going, name, configured);
    const good = states.findIndex((state) => state === 'good' || state === 'proved');
    const row = going[good === -1 ? states.indexOf('usable') : good];
    if (row) last.set(row.id, [...(last.get(row.id) ?? []), name]);
  }
  return last;
}

const because = (reason: string, names: string) => ({
  reason: `${reason}, for ${names}`,
  namesFirst: `${names}: ${reason}`,
});

/** Names that a line is filled with. */
const mostNames = 4;

function namesText(names: string[], configured: string[]): string {
  if (names.length > 1 && names.length === configured.length) return 'all datasets';
  const more = names.length - mostNames;
  return more > 1 ? `${names.slice(0, mostNames).join(', ')} and ${more} more` : names.join(', ');
}

/** For which datasets a backup stays that would go otherwise. */
function claimsText(claims: Claim[], maxCount: number, configured: string[]): string {
  const count = maxCount > 1 ? `one of the newest ${maxCount}` : 'the newest';
  const copies = maxCount > 1 ? 'copies' : 'copy';
  const said: Record<CopyState, string> = {
    good: `${count} good ${copies}`,
    proved: 'the last verified copy',
    usable: `${count} ${copies}`,
  };
  return (['good', 'proved', 'usable'] as const)
    .flatMap((state) => {
      const names = claims.filter((claim) => claim.state === state).map(({name}) => name);
      return names.length > 0 ? [`for ${namesText(names, configured)}: ${said[state]}`] : [];
    })
    .join('; ');
}

/**
 * `usable`: there is something, and something speaks against it. `good`: nothing does. `proved`: it is what was backed
 * up, a verification said so.
 */
type CopyState = 'usable' | 'good' | 'proved';
type Claim = {name: string; state: CopyState};

/** For each backup, whether it stays for this dataset, and as what. */
function claimsOf(rows: Row[], maxCount: number, name: string, configured: string[]): (Claim | null)[] {
  const states = copyStates(rows, name, configured);
  const most = Math.max(1, maxCount);
  let [usable, good, proved] = [0, 0, 0];
  return states.map((state): Claim | null => {
    if (state === null) return null;
    usable++;
    if (state === 'usable') return usable <= most ? {name, state: 'usable'} : null;
    good++;
    if (state === 'proved') proved++;
    if (good <= most) return {name, state: 'good'};
    if (state === 'proved' && proved === 1) return {name, state: 'proved'};
    return usable <= most ? {name, state: 'usable'} : null;
  });
}

/** Bytes of nothing, and up to which a copy is next to nothing. */
const sizes = [0, 4];

/** How much a copy holds, coarsely. */
function amountOf(bytes: number): number {
  const amount = sizes.findIndex((most) => bytes <= most);
  return amount === -1 ? sizes.length : amount;
}

/**
 * What each backup holds of a dataset; null where that is nothing that could be restored. One that is empty, or next to
 * it, is not good where an older good one holds more: it is what a truncated file leaves, and no verification tells.
 * @param rows newest first
 * @param configured names of all datasets
 */
export function copyStates(rows: Row[], name: string, configured = [name]): (CopyState | null)[] {
  let most = 0;
  return rows
    .toReversed()
    .map((row) => {
      const copy = copiesOf(row, configured).get(name);
      const state = copyState(copy);
      if (!copy || state === null || state === 'usable') return state;
      // Of a backup to come: nothing speaks against it.
      if (copy.filled === null) return state;
      const amount = amountOf(copy.filled);
      if (amount < most) return 'usable';
      most = amount;
      return state;
    })
    .toReversed();
}

function copyState(copy: Copy | undefined): CopyState | null {
  if (!copy?.usable) return null;
  const {state, changed, broken, torn, partial} = copy;
  if (state === 'damaged' || changed || broken !== null || torn || partial !== null) return 'usable';
  return state === 'unchecked' ? 'good' : 'proved';
}
