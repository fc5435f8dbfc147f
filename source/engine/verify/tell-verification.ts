import type {RunPlace} from '../backup/plan.ts';
import {announcerOf} from '../events/announcer.ts';
import {ofVerification} from '../events/happenings.ts';
import type {VerifyEvent} from './verify.ts';

/**
 * Tells of verifications as they come to their end.
 * @param place where to tell it; null, and whatever it promises, tells nobody
 * @param signal ends the site's hooks early
 */
export async function* tellVerification(
  events: AsyncIterable<VerifyEvent>,
  place: RunPlace | null,
  signal?: AbortSignal,
): AsyncGenerator<VerifyEvent, void, undefined> {
  if (place === null) {
    yield* events;
    return;
  }
  const announcer = announcerOf(place, signal);
  let last: Extract<VerifyEvent, {type: 'finished'}> | null = null;
  try {
    for await (const event of events) {
      // The others hear of one while the next is read.
      if (event.type === 'backup') void announcer.announce(ofVerification(event.result));
      if (event.type === 'finished') last = event;
      else yield event;
    }
  } finally {
    // Also where whoever reads the events stops early.
    const {events: told, problems} = await announcer.settle();
    if (last) last = {...last, told, untold: problems};
  }
  if (last) yield last;
}
