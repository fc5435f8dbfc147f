import {asciiJson} from '../base/escape.ts';

/**
 * A value of JSON in the one way in which evidence is written: one line, no space, keys sorted by their UTF-16 units, ASCII
 * only. Parses back to the same value, and every value has one such text: what is signed does not depend on who wrote it.
 * What JSON does not have, such as `undefined`, is left out of a map, as `JSON.stringify` does.
 * @throws RangeError where it is nested thousands of levels deep; a parsed record is not
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return asciiJson(value ?? null);
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${asciiJson(key)}:${canonicalJson(each)}`).join(',')}}`;
}
