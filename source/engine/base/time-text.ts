import {parseDuration} from './format.ts';

/** What is understood as a time, for the operator. */
export const timeForms = '01:10, 01:10Z, 01:10 local, 2026-11-23 01:10, 2h ago, -90m';

/** A moment in milliseconds since the epoch, or why the text is none, with what would be. */
type ReadTime = {at: number} | {problem: string};

const minute = 60_000;
const hour = 60 * minute;

/** What is typed is a line at most; anything longer is no time. */
const longest = 64;

const relative = /^(?:- ?(.+)|(.+) ago)$/;
const amount = /(\d{1,9}) ?(s|m|h|d|w)[a-z]* ?/g;
const amounts =
  /^(?:\d{1,9} ?(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?)(?: |$|(?=\d)))+$/;
const absolute =
  /^(?:(\d{4})-(\d\d)-(\d\d)[ t])?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(z|utc|local|[+-]\d\d(?::?\d\d)?)?$/;

const problem = (why: string): ReadTime => ({problem: `${why} Give a time like ${timeForms}.`});

/** `1h30m` and `2 hours`, in milliseconds; null for anything else. */
function lengthOf(text: string): number | null {
  if (!amounts.test(text)) return null;
  return [...text.matchAll(amount)].reduce(
    (sum, [, count, unit]) => sum + (parseDuration(`${count}${unit}`) ?? 0) * 1000,
    0,
  );
}

type Clock = {hours: number; minutes: number; seconds: number};
type Day = {year: number; month: number; date: number};

/** Milliseconds that a zone is ahead of UTC; null for the server's own, which changes with the season. */
function offsetOf(zone: string | undefined): number | null {
  if (zone === 'local') return null;
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (!found) return 0;
  return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * hour + Number(found[3] ?? 0) * minute);
}

function momentOf({year, month, date}: Day, {hours, minutes, seconds}: Clock, offset: number | null): number {
  return offset === null
    ? new Date(year, month - 1, date, hours, minutes, seconds).getTime()
    : Date.UTC(year, month - 1, date, hours, minutes, seconds) - offset;
}

/** The day that it is now where the offset counts. */
function dayAt(now: number, offset: number | null): Day {
  const there = new Date(offset === null ? now : now + offset);
  return offset === null
    ? {year: there.getFullYear(), month: there.getMonth() + 1, date: there.getDate()}
    : {year: there.getUTCFullYear(), month: there.getUTCMonth() + 1, date: there.getUTCDate()};
}

function isDay({year, month, date}: Day): boolean {
  const made = new Date(Date.UTC(year, month - 1, date));
  return year >= 1970 && made.getUTCMonth() === month - 1 && made.getUTCDate() === date;
}

/** Whether a time is counted back from now: no better than a guess. */
export const isRelative = (text: string): boolean =>
  text.length <= longest && relative.test(text.trim().replace(/\s+/g, ' ').toLowerCase());

/** The screen's time is the last full minute: what is ahead of it by less is no future there. */
export const screenLag = minute - 1;

/**
 * A time as an operator types it. Without a zone it is UTC, as the ids of backups are; without a date it is the last
 * time that the clock showed it. What is counted back from now is cut to the minute, unless seconds were asked for.
 * @param now milliseconds since the epoch
 * @param lag how far the real time may be ahead of it
 */
export function readTime(text: string, now: number, lag = 0): ReadTime {
  const given = text.trim().replace(/\s+/g, ' ').toLowerCase();
  if (given === '') return problem('That is empty.');
  if (given.length > longest) return problem('That is not a time.');
  if (given === 'now') return {at: Math.floor(now / 1000) * 1000};
  const counted = relative.exec(given);
  const length = counted ? lengthOf((counted[1] ?? counted[2] ?? '').trim()) : null;
  if (length !== null) {
    const at = Math.floor((now - length) / 1000) * 1000;
    const step = length % minute === 0 ? minute : 1000;
    return at < 0 ? problem('That is before 1970.') : {at: Math.floor(at / step) * step};
  }
  const found = absolute.exec(given);
  if (!found) return problem('That is not a time.');
  const clock = {hours: Number(found[4]), minutes: Number(found[5]), seconds: Number(found[6] ?? 0)};
  if (clock.hours > 23 || clock.minutes > 59 || clock.seconds > 59)
    return problem('That is not a time of day.');
  const offset = offsetOf(found[7]);
  if (offset !== null && Math.abs(offset) > 14 * hour) return problem('There is no such time zone.');
  if (found[1] !== undefined) {
    const named = {year: Number(found[1]), month: Number(found[2]), date: Number(found[3])};
    if (!isDay(named)) return problem('There is no such day.');
    const at = momentOf(named, clock, offset);
    return at > now + lag ? problem('That is in the future.') : {at};
  }
  const today = dayAt(now, offset);
  const at = momentOf(today, clock, offset);
  if (at <= now + lag) return {at};
  return {at: momentOf({...today, date: today.date - 1}, clock, offset)};
}

/** `2026-11-23`, in UTC. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The whole of it in UTC, `2026-11-23 01:10Z`, with seconds where there are any; `readTime` reads it again. */
export function writeTime(at: number): string {
  const iso = new Date(at).toISOString();
  const seconds = iso.slice(16, 19);
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}${seconds === ':00' ? '' : seconds}Z`;
}
