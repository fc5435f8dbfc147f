import type {PruneEvent} from '../prune.ts';
import type {Announcer} from './announcer.ts';
import {ofPruning} from './happenings.ts';

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
