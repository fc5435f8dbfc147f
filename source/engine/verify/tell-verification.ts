import {hookFailure} from '../base/result.ts';
import type {RunPlace} from '../config/project.ts';
import {announcerOf} from '../events/announcer.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import type {BackupResult} from './record.ts';
import {ToldFailures} from './told-failures.ts';
import type {VerifyEvent} from './verify.ts';

/**
 * Tells of verifications as they come to their end.
 * @param place where to tell it; null tells no one
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
  const failures = new ToldFailures(place.root);
  let last: Extract<VerifyEvent, {type: 'finished'}> | null = null;
  try {
    for await (const event of events) {
      if (event.type === 'finished')
        last = {...event, results: event.results.map((each) => failures.marked(each))};
      else if (event.type === 'backup') {
        const result = failures.marked(event.result);
        // The others hear of one while the next is read.
        void announcer.announce(ofVerification(result), false, result.known);
        yield {...event, result};
      } else yield event;
    }
  } finally {
    // Also where the reader of the events stops early.
    const {events: told, problems, hooks} = await announcer.settle();
    if (last) {
      // A hook that may fail and did has reached nobody either.
      const areTold = problems.length === 0 && hooks.every((each) => hookFailure(each) === null);
      failures.keep(last.results, place.backups, areTold);
      last = {...last, told, untold: problems};
    }
  }
  if (last) yield last;
}

/** What a verification found; nothing where it was stopped, or there was no whole backup. */
export function ofVerification({id, result, reason, datasets}: BackupResult): Happening[] {
  if (result !== 'passed' && result !== 'failed') return [];
  const completed: Happening = {
    action: 'magdb.backup.verify_completed',
    payload: {id, success: result === 'passed', datasets: datasets.length},
  };
  if (result === 'passed') return [completed];
  const failed = datasets.filter(({status}) => status !== 'match');
  const listed = failed
    .slice(0, mostListed)
    .map(({name, status, algorithm, expected, actual, reason: why}) => ({
      name,
      status,
      algorithm,
      expected,
      actual,
      reason: why,
    }));
  return [
    completed,
    {
      action: 'magdb.backup.verify_failed',
      payload: {id, reason: reason ?? 'it did not pass', datasets: listed, failed: failed.length},
    },
  ];
}
