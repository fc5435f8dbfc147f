import {writeTime} from '../base/time-text.ts';
import {dataOf, isLine, type Note, type timeNames} from './lines.ts';
import type {RecordLine} from './record.ts';

export type TimeName = (typeof timeNames)[number];

/** As one says them. */
export const timeTexts: Record<TimeName, string> = {
  noticed: 'noticed',
  declared: 'declared',
  'service-back': 'service back',
};

/** When it was noticed, declared, and over, as operators said: UTC, ISO 8601; null where none has. */
export type Times = {noticed: string | null; declared: string | null; serviceBack: string | null};

export const noTimes: Times = {noticed: null, declared: null, serviceBack: null};

const fields = {noticed: 'noticed', declared: 'declared', 'service-back': 'serviceBack'} as const;

export const timeOf = (times: Times, what: TimeName): string | null => times[fields[what]];

export const withTime = (times: Times, what: TimeName, at: number): Times => ({
  ...times,
  [fields[what]]: new Date(at).toISOString(),
});

/** The times of a session as its record tells them: of each the last one that was said. */
export function timesOf(lines: RecordLine[]): Times {
  const times = {...noTimes};
  for (const line of lines.filter(isLine('time'))) {
    const time = dataOf(line);
    if (time) times[fields[time.what]] = time.at;
  }
  return times;
}

/**
 * A line that says when something of the incident was.
 * @param at milliseconds since the epoch
 */
export const timeNote = (what: TimeName, at: number): Note<'time'> => [
  'time',
  {what, at: new Date(at).toISOString()},
];

const minute = 60_000;

/**
 * What can hardly be meant of the times of an incident: they are typed, and in a night's haste also wrongly.
 * @param restored when the restore was done: UTC, ISO 8601; null where it is not
 */
export function doubtsOf(times: Times, badSince: string | null, restored: string | null): string[] {
  const {noticed, declared, serviceBack} = times;
  const pairs: [string, string | null, string, string | null][] = [
    ['noticed', noticed, 'bad since', badSince],
    ['declared', declared, 'bad since', badSince],
    ['declared', declared, 'noticed', noticed],
    ['service back', serviceBack, 'the end of the restore', restored],
    ['service back', serviceBack, 'noticed', noticed],
    ['service back', serviceBack, 'declared', declared],
  ];
  return pairs.flatMap(([name, given, other, before]) => {
    const [at, from] = [Date.parse(given ?? ''), Date.parse(before ?? '')];
    // Times are typed to the minute.
    if (!(Math.floor(at / minute) < Math.floor(from / minute))) return [];
    return [`${name} (${writeTime(at)}) is before ${other} (${writeTime(from)})`];
  });
}
