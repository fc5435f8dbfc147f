import type {Versions} from '../engine/catalog/copies.ts';
import {isBefore} from '../engine/catalog/suggest.ts';
import type {Story} from '../engine/session/story.ts';
import {minuteOf} from './moment.ts';
import {datasetsOf} from './story-facts.ts';

/** While it lasted a dataset was bad, as a session says that has restored it. Times are milliseconds since the epoch. */
export type BadTime = {
  from: number;
  to: number;
  datasets: ReadonlySet<string>;
  /** The backup that was put back. */
  restored: string;
  /** The ticket, or the session. */
  of: string;
};

const none: BadTime[] = [];
const known = new WeakMap<Story[], BadTime[]>();

/** The bad times of all incidents whose datasets were restored: what is known of them stays after they are signed off. */
export function badTimesOf(stories: Story[] | null): BadTime[] {
  if (!stories) return none;
  const times = known.get(stories) ?? stories.flatMap((story) => timeOf(story) ?? []);
  known.set(stories, times);
  return times;
}

function timeOf(story: Story): BadTime | null {
  const {number, id: restored, ticket, badSince, endedAt, state, drill, undoes, undoneBy} = story;
  const [from, to] = [Date.parse(badSince ?? ''), Date.parse(endedAt ?? '')];
  const isRestored = state === 'done' && !drill && undoes === null && undoneBy === null;
  if (!isRestored || !(from < to)) return null;
  // Of a directory each file is restored by a name of its own.
  const names = datasetsOf(story).flatMap((name) => [name, name.split('/')[0] ?? name]);
  return {from, to, datasets: new Set(names), restored, of: ticket ?? `session ${number}`};
}

/**
 * The bad time that a copy of a dataset is from; null where it is from none. What has the bytes that were put back is as
 * good as those.
 */
export const badTimeOf = (
  times: BadTime[],
  versions: Versions | null,
  id: string,
  dataset: string,
): BadTime | null =>
  times.find(({from, to, datasets, restored}) => {
    if (!datasets.has(dataset) || isBefore(id, from) || !isBefore(id, to)) return false;
    const version = versions?.get(id)?.get(dataset);
    return version === undefined || version !== versions?.get(restored)?.get(dataset);
  }) ?? null;

/** `05:00Z to 10:24Z, INC-4711` */
export const badTimeText = ({from, to, of}: BadTime, now: number): string =>
  `${minuteOf(from, now)} to ${minuteOf(to, now)}, ${of}`;
