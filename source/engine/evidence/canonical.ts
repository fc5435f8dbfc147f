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
  return `{${sortedEntries(value)
    .map(([key, each]) => `${asciiJson(key)}:${canonicalJson(each)}`)
    .join(',')}}`;
}

export const isSame = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

const sortedEntries = (value: object): [string, unknown][] =>
  Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));

/** Characters of a text that are written at once. */
const piece = 64 * 1024;

/** The same text in parts: a long list or a long text of a large value is never held as one. */
export function* canonicalParts(value: unknown): Generator<string, void, undefined> {
  if (typeof value === 'string' && value.length > piece) {
    yield '"';
    // Half of a surrogate pair is escaped on its own as it is beside the other.
    for (let at = 0; at < value.length; at += piece)
      yield asciiJson(value.slice(at, at + piece)).slice(1, -1);
    yield '"';
  } else if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) yield `${index === 0 ? '[' : ','}${canonicalJson(each)}`;
    yield value.length === 0 ? '[]' : ']';
  } else if (typeof value === 'object' && value !== null) {
    let before = '{';
    for (const [key, each] of sortedEntries(value)) {
      yield `${before}${asciiJson(key)}:`;
      yield* canonicalParts(each);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  } else yield canonicalJson(value);
}

/** What a value is once its text was read again. */
export function asRead(value: unknown): unknown {
  // Adding 0 makes 0 of -0.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map(asRead);
  return Object.fromEntries(sortedEntries(value).map(([key, each]) => [key, asRead(each)]));
}
