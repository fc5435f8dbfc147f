import type {Announcer} from '../events/announcer.ts';
import type {Happening} from '../storage/events.ts';
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
