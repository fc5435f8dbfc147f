import {pauseFor} from '../base/pause.ts';
import {listBackups} from '../catalog/list.ts';
import type {RunPlace} from '../config/project.ts';
import {looksLikeBackupId} from '../storage/backup-id.ts';
import {heldDirectory, listHeld} from '../storage/held.ts';
import {idTime, labelSuffix} from '../storage/new-id.ts';

/** The clock has to pass the newest backup's second. */
export type Waiting = {type: 'waiting'; reason: string};

/** Milliseconds that a clock may be behind the newest backup before that is a fault. */
const patience = 2000;

/** Time part of the newest of these ids, `''` where there is none. */
const newestOf = (ids: string[]): string =>
  ids
    .filter(looksLikeBackupId)
    .map((id) => id.slice(0, 15))
    .reduce((newest, time) => (time > newest ? time : newest), '');

/** The same of a root's backups. Held ones count: their ids are taken too. */
const newestTime = ({root, backups}: RunPlace): string =>
  newestOf([...listBackups(backups).ids, ...listHeld(heldDirectory(root)).map(({id}) => id)]);

const late = (newest: string): string =>
  `the newest backup is of ${newest} UTC, and the clock says ${idTime(Date.now())}: it is behind, or that backup's name is wrong. Set the clock, or move that backup away`;

/** Why the clock does not allow a backup beside these now, nor within the time that is waited; null when it does. */
export function whyLate(ids: string[]): string | null {
  const newest = newestOf(ids);
  return idTime(Date.now() + patience) > newest ? null : late(newest);
}

/** The same of a root's backups. */
export const whyNotNow = (place: RunPlace): string | null => whyLate([newestTime(place)]);

/**
 * An id later than every other, so that sorting by name stays sorting by time, and nothing is ever overwritten; `''` where
 * the signal was aborted first.
 * @throws Error where the clock is further behind than waiting helps
 */
export async function* nextId(
  place: RunPlace & {label: string; signal: AbortSignal},
): AsyncGenerator<Waiting, string, undefined> {
  const until = Date.now() + patience;
  for (let told = false; ; told = true) {
    const newest = newestTime(place);
    const time = idTime(Date.now());
    if (time > newest) return time + labelSuffix(place.label);
    if (Date.now() > until) throw new Error(late(newest));
    if (!told) yield {type: 'waiting', reason: `for the clock to pass ${newest} UTC, the newest backup's`};
    await pauseFor(50, place.signal);
    if (place.signal.aborted) return '';
  }
}
