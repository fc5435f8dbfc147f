import type {Row} from './catalog/row.ts';

/** What retention does with one backup, and why. */
export type Verdict = {
  id: string;
  stays: boolean;
  reason: string;
  /** It would go, but for a restore that is not closed yet. */
  waits?: boolean;
};

/** Whether a verification that passed still speaks for a backup, however long ago it was. */
const passed = ({verification}: Row): boolean =>
  verification.state === 'verified' || (verification.state === 'stale' && !verification.changed);

/** Why a backup does not count as one that could be restored whole; null when it counts. */
export function whyNotCounted(row: Row): string | null {
  if (row.state !== 'complete') return row.state;
  if (row.datasets.length === 0) return 'holds nothing';
  if (row.verification.state === 'failed') return 'failed its verification';
  return row.datasets.some(({flaw}) => flaw) ? 'damaged' : null;
}

/**
 * What stays and what goes (DESIGN.md, "Backup and retention"): of the backups that count the newest `maxCount` stay,
 * so do pinned ones, the newest of all, the last one that was verified, and everything that is no whole backup. One that
 * is whole but damaged does not count, and goes once it is older than those that stay.
 * @param rows newest first
 * @param maxCount null keeps all
 * @param pins reason by id
 */
export function judgeRetention(
  rows: Row[],
  maxCount: number | null,
  pins: ReadonlyMap<string, string>,
): Verdict[] {
  const lastVerified = rows.find(passed)?.id;
  let counted = 0;
  return rows.map((row, index) => {
    const {id} = row;
    const flaw = whyNotCounted(row);
    const stays = (reason: string): Verdict => ({id, stays: true, reason});
    const room = maxCount === null || counted < maxCount;
    if (flaw === null) counted++;
    const pin = pins.get(id);
    if (pin !== undefined) return stays(pin === '' ? 'pinned' : `pinned: ${pin}`);
    if (row.state !== 'complete') return stays(`${row.state}: not counted, and never removed here`);
    if (maxCount === null) return stays('retention keeps all');
    if (room && flaw === null) return stays(`${counted} of the newest ${maxCount}`);
    if (room) return stays(`${flaw}: not counted, and newer than some that stay`);
    if (index === 0) return stays('the newest');
    if (id === lastVerified) return stays('the last that was verified');
    return {id, stays: false, reason: `beyond the newest ${maxCount}${flaw === null ? '' : `, and ${flaw}`}`};
  });
}

export type Entry = {name: string; isDirectory: boolean};

const byBytes = (a: Entry, b: Entry) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

/**
 * What PHP's next run will delete: it counts every entry, its own new one included, sorts by name, and deletes the first
 * that are too many; a file among those is counted but stays (FORMAT.md, "What the PHP CLI does").
 * @param next name of the backup that the run makes
 * @param maxCount as PHP's own configuration has it; null keeps all
 */
export function forecastPhp(entries: Entry[], next: string, maxCount: number | null): string[] {
  if (maxCount === null) return [];
  const all = [...entries.filter(({name}) => name !== next), {name: next, isDirectory: true}].sort(byBytes);
  return all
    .slice(0, Math.max(0, all.length - maxCount))
    .filter(({isDirectory}) => isDirectory)
    .map(({name}) => name);
}
