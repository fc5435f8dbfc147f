import {type Json, JsonError, parseJson} from '../storage/manifest/json.ts';
import {jsonLines} from './canonical-json.ts';
import {longestValue, mostColumns, type RowDifference} from './tables.ts';

export type Values = {[name: string]: unknown};

export const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields that usually tell entries apart, the surest first. */
const usualFields = ['id', 'uuid', 'key', 'name', 'slug'];

/** The fields of an entry, those first that usually tell it apart from others. */
export function likelyFirst(fields: string[]): string[] {
  const usual = usualFields.filter((field) => fields.includes(field));
  return [...usual, ...fields.filter((field) => !usualFields.includes(field))];
}

const oneEscape = /"\\(?:u....|[^u])"\s*:/;

const plain = (value: Json): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map
    ? Object.fromEntries([...value].map(([key, each]) => [key, plain(each)]))
    : value;
};

/**
 * What JSON says. Once JSON.parse of Node 26 has read the key "\\", it takes other keys of a single escape for that one: a
 * text that may have some is read by the reader of manifests, as far as that takes it (no key twice, no half pairs).
 * @throws SyntaxError
 */
export function readValue(text: string): unknown {
  if (!oneEscape.test(text)) return JSON.parse(text);
  try {
    return plain(parseJson(text));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return JSON.parse(text);
  }
}

/** JSON without the spaces between its parts: what is left is the same only where it says the same, written alike. */
export function compact(text: string): string {
  if (!/\s/.test(text)) return text;
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string: string | undefined) => string ?? '');
}

/** Whether two values are alike, as far as numbers of JavaScript tell. */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, index) => isAlike(each, other[index]));
  if (!isMap(one) || !isMap(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isAlike(one[key], other[key]));
}

/**
 * Whether two JSON texts say the same, however they are formatted and their keys ordered; numbers as they are written.
 * @throws SyntaxError
 */
export function saysSame(one: string, other: string): boolean {
  // Most that is not the same is not alike either, which is found out soonest.
  if (!isAlike(readValue(one), readValue(other))) return false;
  if (compact(one) === compact(other)) return true;
  const [first, second] = [jsonLines(one), jsonLines(other)];
  return 'lines' in first && 'lines' in second && first.lines.join('\n') === second.lines.join('\n');
}

const sorted = (_: string, value: unknown): unknown =>
  isMap(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** A key may be as long as an entry, and a hundred of them are listed. */
const cut = (text: string): string => (text.length > longestValue ? `${text.slice(0, longestValue)}…` : text);

const shown = (value: unknown): string | null =>
  value === undefined ? null : cut(JSON.stringify(value, sorted));

/** How an entry is listed. @param one of the one side, undefined where that has none @param by the field that `key` says */
export function rowOf(key: string, one: unknown, other: unknown, by: string | null): RowDifference {
  const mark = one === undefined ? '+' : other === undefined ? '-' : '!';
  const parts = (value: unknown): Values => (isMap(value) ? value : value === undefined ? {} : {'': value});
  const [mine, theirs] = [parts(one), parts(other)];
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const columns = names
    .filter((name) => mark === '!' || name !== by)
    .filter(
      (name) => mark !== '!' || JSON.stringify(mine[name], sorted) !== JSON.stringify(theirs[name], sorted),
    )
    .map((name) => ({name: cut(name), one: shown(mine[name]), other: shown(theirs[name])}));
  return {
    mark,
    key: cut(key),
    columns: columns.slice(0, mostColumns),
    left: Math.max(0, columns.length - mostColumns),
  };
}
