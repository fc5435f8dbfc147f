import {two} from '../engine/base/format.ts';
import {dayOf} from '../engine/base/time-text.ts';

const day = 20 * 3_600_000;

/** A time in UTC as it is read fastest: `03:06:38Z` where it is of today, else `11-21 03:06Z`; `?` for none. */
export function moment(at: number | null, now: number): string {
  const date = new Date(at ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return '?';
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (Math.abs(now - date.getTime()) < day) return `${time}:${two(date.getUTCSeconds())}Z`;
  return `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${time}Z`;
}

/** The same to the minute, where it was given so: `01:10Z`; of another day always with its date, `11-21 23:59Z`. */
export function minuteOf(at: number, now: number): string {
  const text = moment(at, dayOf(at) === dayOf(now) ? now : Number.NaN);
  return text.endsWith(':00Z') && /^..:..:..Z$/.test(text) ? `${text.slice(0, 5)}Z` : text;
}

/** The same for a text from the disk. */
export const momentOf = (at: string | null, now: number): string =>
  moment(at === null ? null : Date.parse(at), now);

/** `03:04Z (04:04 +01)`: UTC, and the server's local time where it differs. */
export function clock(now: number): string {
  const date = new Date(now);
  const utc = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}Z`;
  const offset = -date.getTimezoneOffset();
  if (offset === 0) return utc;
  const minutes = Math.abs(offset) % 60;
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${minutes ? two(minutes) : ''}`;
  return `${utc} (${two(date.getHours())}:${two(date.getMinutes())} ${zone})`;
}
