import {type Fields, type JsonValue, NumberText, textOf} from './canonical-json.ts';
import {likelyFirst} from './record-values.ts';
import type {RowDifference, TableDifference} from './tables.ts';

/** Some entries: how many, and the names of the first. Names are as they were read. */
export type NamedEntries = {count: number; names: string[]};

/** How the entries of one list or map differ. */
export type EntriesDifference = {
  /** The key that they stand under; empty at the top. */
  at: string;
  /** The field that tells them apart; null for the keys of a map. */
  by: string | null;
  onlyOne: NamedEntries;
  onlyOther: NamedEntries;
  differ: NamedEntries;
  same: number;
};

/** More is counted. */
const mostNames = 20;
const longestName = 60;

const isMap = (value: JsonValue | undefined): value is Fields => value instanceof Map;

/** What a field says, where that can tell entries apart. */
function scalar(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return value;
  return value instanceof NumberText ? value.text : null;
}

/** The entries of a list by what a field says; null where one has no such field, or two say the same. */
function byField(list: JsonValue[], field: string): Map<string, JsonValue> | null {
  const entries = new Map<string, JsonValue>();
  for (const item of list) {
    const name = isMap(item) ? scalar(item.get(field)) : null;
    if (name === null || entries.has(name)) return null;
    entries.set(name, item);
  }
  return entries;
}

type Pair = {by: string | null; one: Map<string, JsonValue>; other: Map<string, JsonValue>};

/** Two lists by the field that tells their entries apart; null where none does. */
function pairLists(one: JsonValue[], other: JsonValue[]): Pair | null {
  const [sample] = [...one, ...other];
  if (!isMap(sample)) return null;
  for (const by of likelyFirst([...sample.keys()])) {
    const [mine, theirs] = [byField(one, by), byField(other, by)];
    if (mine && theirs) return {by, one: mine, other: theirs};
  }
  return null;
}

const named = (all: string[]): NamedEntries => ({
  count: all.length,
  names: all
    .slice(0, mostNames)
    .map((name) => (name.length > longestName ? `${name.slice(0, longestName)}…` : name)),
});

function compareEntries({by, one, other}: Pair, at: string): EntriesDifference {
  const shared = [...one.keys()].filter((name) => other.has(name));
  const differ = shared.filter((name) => textOf(one.get(name) ?? null) !== textOf(other.get(name) ?? null));
  return {
    at,
    by,
    onlyOne: named([...one.keys()].filter((name) => !other.has(name))),
    onlyOther: named([...other.keys()].filter((name) => !one.has(name))),
    differ: named(differ),
    same: shared.length - differ.length,
  };
}

const isDifferent = ({onlyOne, onlyOther, differ}: EntriesDifference): boolean =>
  onlyOne.count + onlyOther.count + differ.count > 0;

/**
 * What differs between two JSON texts, by entries: items of a list by the field that identifies them, else the keys of
 * a map. A list that stands under a key is looked into. Empty where nothing can be told apart so.
 */
export function differentEntries(one: JsonValue, other: JsonValue): EntriesDifference[] {
  if (Array.isArray(one) && Array.isArray(other)) {
    const pair = pairLists(one, other);
    return pair ? [compareEntries(pair, '')].filter(isDifferent) : [];
  }
  if (!isMap(one) || !isMap(other)) return [];
  const [mine, theirs] = [new Map(one), new Map(other)];
  const found: EntriesDifference[] = [];
  for (const key of [...mine.keys()].sort()) {
    const [left, right] = [mine.get(key), theirs.get(key)];
    const pair = Array.isArray(left) && Array.isArray(right) ? pairLists(left, right) : null;
    if (!pair) continue;
    found.push(compareEntries(pair, key));
    mine.delete(key);
    theirs.delete(key);
  }
  const [only, ...more] = mine.keys();
  // A map in a map of one key: the entries are those of the inner one.
  const [left, right] = [mine.get(only ?? ''), theirs.get(only ?? '')];
  if (only !== undefined && more.length === 0 && theirs.size === 1 && isMap(left) && isMap(right))
    return [...found, compareEntries({by: null, one: left, other: right}, only)].filter(isDifferent);
  return [...found, compareEntries({by: null, one: mine, other: theirs}, '')].filter(isDifferent);
}

/** The same of a list or map that was compared as a table. */
export function entriesOf({
  name,
  by,
  one,
  onlyOne,
  onlyOther,
  differ,
  rows,
}: TableDifference): EntriesDifference {
  const of = (mark: RowDifference['mark'], count: number | null): NamedEntries => ({
    ...named(rows.filter((row) => row.mark === mark).map(({key}) => key)),
    count: count ?? 0,
  });
  return {
    at: name,
    by,
    onlyOne: of('-', onlyOne),
    onlyOther: of('+', onlyOther),
    differ: of('!', differ),
    same: (one ?? 0) - (onlyOne ?? 0) - (differ ?? 0),
  };
}
