import {exitCode, Problem} from '../base/problem.ts';

/** A file name has at most this many bytes on every file system that matters here. */
const longestName = 255;

/** `YYYYMMDD_HHMMSS` in UTC. @param time milliseconds since the epoch */
export function idTime(time: number): string {
  const digits = new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '');
  return digits.replace('T', '_');
}

/** What PHP appends to the time: each byte outside `[a-zA-Z0-9_-]` becomes `-` (FORMAT.md, "Identifier"). */
export function labelSuffix(label: string): string {
  if (label === '' || label === '0') return '';
  const bytes = Buffer.from(label).toString('latin1');
  return `_${bytes.replace(/[^a-zA-Z0-9_-]/g, '-')}`;
}

/** Why a label cannot be used, and what to do; null when it can. */
export function whyNoLabel(label: string): string | null {
  // Arguments that are not UTF-8 arrive with this in the place of what was wrong. PHP would write an empty manifest.
  if (label.includes('\ufffd') || !label.isWellFormed())
    return 'is not UTF-8 text, and a manifest can hold nothing else';
  if (/\p{Cc}/u.test(label)) return 'holds control characters';
  const length = 15 + labelSuffix(label).length;
  if (length > longestName)
    return `makes a name of ${length} bytes, and a name has at most ${longestName}: shorten it by ${length - longestName}`;
  return null;
}

/** @throws Problem (wrong usage) for a label that cannot be used */
export function checkLabel(label: string): string {
  const why = whyNoLabel(label);
  if (why) throw new Problem(exitCode.usage, `The label ${why}. Nothing was written.`);
  return label;
}
