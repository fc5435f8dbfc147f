import {counted, formatAge} from '../engine/base/format.ts';
import {isStillWritten, lyingText} from '../engine/catalog/cut-off.ts';
import {missingCopy, type Row} from '../engine/catalog/row.ts';
import {lacks} from '../engine/catalog/suggest.ts';
import type {SourceNames} from '../engine/storage/manifest/lying.ts';
import {type Sentence, sentence} from './sentence.ts';

export const ago = (at: string | null, now: number): string => {
  const age = at === null ? Number.NaN : (now - Date.parse(at)) / 1000;
  if (Number.isNaN(age)) return 'at an unknown time';
  return age < 60 ? 'just now' : `${formatAge(age)} ago`;
};

/** Names that a column takes. */
const mostNamed = 3;

/** The VERIFIED column: one of verified, failed, stale, unknown, never; or why there is nothing to verify. */
export function judgeRow(row: Row, now: number, configured: string[] | null = null): Sentence {
  if (isStillWritten(row)) return sentence('-', 'may still be running');
  if (row.state === 'interrupted') return sentence('x', 'interrupted');
  if (row.state === 'unreadable') return sentence('x', 'unreadable');
  if (row.datasets.length === 0) return sentence('x', 'holds nothing');
  const {state, at, failed} = row.verification;
  const flawed = row.datasets.filter((dataset) => dataset.flaw).map((dataset) => dataset.name);
  if (state === 'failed') return sentence('x', failed.length > 0 ? `failed: ${failed.join(' ')}` : 'failed');
  if (flawed.length > 0) {
    const missing = row.datasets.every(({flaw}) => flaw === null || flaw === missingCopy);
    return sentence('x', `${missing ? 'no' : 'unusable:'} ${flawed.join(' ')}`);
  }
  const [broken, ...others] = row.brokenInside;
  if (broken && state !== 'unknown')
    return sentence('!', `${others.length > 0 ? row.brokenInside.length : broken.name} broken inside`);
  const lacking = lacks(row, configured);
  if (lacking.length > 0 && (state === 'verified' || state === 'never')) {
    return sentence('!', `no ${lacking.join(' ')}`);
  }
  if (row.partial.length > 0 && !row.verification.changed) {
    const names = [...new Set(row.partial.map(({dataset}) => dataset.split('/')[0]))];
    const said = names.length <= mostNamed ? names.join(' ') : `${names.length} datasets`;
    return sentence('!', `partial: ${said}`);
  }
  if (row.hiddenFromPhp && (state === 'verified' || state === 'never')) {
    return sentence('!', row.hiddenFromPhp);
  }
  switch (state) {
    case 'verified':
      return sentence('+', ago(at, now));
    case 'stale':
      return sentence('!', row.verification.changed ? 'changed since it passed' : `passed ${ago(at, now)}`);
    case 'unknown':
      return sentence('?', 'result unknown');
    case 'never':
      return sentence('-', 'never');
  }
}

/** The datasets whose files lie in one that was cut off: `holds tenants and 1 other file`; null where none is known. */
export function holdsText({lying = []}: Row, sources: SourceNames): string | null {
  const names = lying.flatMap((file) => sources.get(file) ?? []);
  const others = lying.length - names.length;
  const rest = others > 0 ? ` and ${counted(others, 'other file')}` : '';
  return names.length === 0 ? null : `holds ${names.join(', ')}${rest}`;
}

/** Why it is no whole backup; of one that was cut off with what it holds. */
export function reasonText(row: Row, sources: SourceNames): string | null {
  const holds = holdsText(row, sources);
  return holds === null
    ? row.reason
    : (row.reason?.replace(lyingText(row.lying?.length ?? 0), holds) ?? null);
}

/** Milliseconds that pass at least: many ages move together. */
const leastWait = 5000;

/**
 * Milliseconds until a minute is over, of the clock or of an age in minutes.
 * @param times seconds since the epoch
 */
export function untilMinute(now: number, times: (number | null)[]): number {
  const left = (since: number): number => 60_000 - ((now - since) % 60_000);
  let least = left(0);
  for (const time of times) {
    const age = time === null ? -1 : now - time * 1000;
    if (age >= 0 && age < 3_600_000) least = Math.min(least, Math.max(leastWait, left(now - age)));
  }
  return least;
}

/** Seconds that the screen's time may be behind: it is the last full minute. */
const behind = 90;

export function ageColumn(row: Row, now: number): string {
  if (row.time === null) return '?';
  const age = now / 1000 - row.time;
  return formatAge(age < 0 && age > -behind ? 0 : age);
}
