import type {Announcer} from '../events/announcer.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import type {Held} from './hold.ts';
import type {PruneEvent} from './prune.ts';

/** Tells of backups that are removed; the hooks run when the caller settles. */
export async function* tellPruning(
  events: AsyncIterable<PruneEvent>,
  announcer: Announcer,
): AsyncGenerator<PruneEvent, void, undefined> {
  for await (const event of events) {
    if (event.type === 'pruned') void announcer.announce([ofPruning(event.id, event.reason)]);
    yield event;
  }
}

export const ofPruning = (id: string, reason: string): Happening => ({
  action: 'magdb.backup.pruned',
  payload: {id, reason},
});

/** A safety backup that `removeOldSafety` has removed. */
export const ofOldSafety = (id: string): Happening =>
  ofPruning(id, 'a safety backup: its session is signed off, and its days are over');

export const ofHold = (id: string, reason: string, {without}: Held): Happening => ({
  action: 'magdb.backup.held',
  payload: {id, reason, missing: without.slice(0, mostListed).map(({name}) => name)},
});

export const ofRelease = (id: string, {last, stays}: {last: boolean; stays: string | null}): Happening => ({
  action: 'magdb.backup.released',
  payload: {id, stays, deleted: last},
});
