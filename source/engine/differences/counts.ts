import type {ComparingPlace} from './collect-tables.ts';
import {readDifference} from './difference.ts';
import type {Pair} from './sides.ts';
import type {ComparedAs} from './tables.ts';
import type {Difference} from './texts.ts';

/** How much of a table, a list or a map differs. */
export type Count = {
  /** The table, or the key that the entries stand under; empty where the file is but one. */
  name: string;
  /** Only in the copy, only in what it was compared with, in both and different. */
  onlyCopy: number;
  onlyLive: number;
  differ: number;
};

export type Counts = {
  of: 'rows' | 'entries' | 'lines';
  /** Those of which something differs. */
  counts: Count[];
  /** False where not all was compared: there may be more. */
  isWhole: boolean;
};

/** What is counted of each. */
export const nouns: Record<ComparedAs, Counts['of']> = {
  sqlite: 'rows',
  postgres: 'rows',
  csv: 'rows',
  json: 'entries',
  'json lines': 'entries',
  text: 'lines',
};

/** What is counted of a difference; null where nothing can be. */
export function nounOf(difference: Difference): Counts['of'] | null {
  switch (difference.kind) {
    case 'tables':
      return nouns[difference.as];
    case 'lines':
      return difference.entries.length > 0 ? 'entries' : 'lines';
    default:
      return null;
  }
}

/** What a difference comes to in numbers; null where nothing could be counted. */
export function countsOf(difference: Difference): Counts | null {
  switch (difference.kind) {
    case 'same':
      return {of: 'rows', counts: [], isWhole: true};
    case 'formatting':
      return {of: 'entries', counts: [], isWhole: true};
    case 'tables': {
      const counts = difference.tables.map(({name, onlyOne, onlyOther, differ}) => ({
        name,
        onlyCopy: onlyOne ?? 0,
        onlyLive: onlyOther ?? 0,
        differ: differ ?? 0,
      }));
      const of = nouns[difference.as];
      // Of rows that were only counted, so many differ at least.
      const isWhole = difference.isWhole && difference.tables.every(({isCounted}) => !isCounted);
      return {of, counts: counts.filter(isSome), isWhole};
    }
    case 'lines': {
      const {entries, removed, added} = difference;
      const counts = entries.map(({at, onlyOne, onlyOther, differ}) => ({
        name: at,
        onlyCopy: onlyOne.count,
        onlyLive: onlyOther.count,
        differ: differ.count,
      }));
      if (counts.length > 0) return {of: 'entries', counts, isWhole: difference.isPart !== true};
      const lines = {name: '', onlyCopy: removed, onlyLive: added, differ: 0};
      return {of: 'lines', counts: [lines].filter(isSome), isWhole: true};
    }
    case 'bytes':
    case 'none':
      return null;
  }
}

const isSome = ({onlyCopy, onlyLive, differ}: Count): boolean => onlyCopy + onlyLive + differ > 0;

/**
 * How much a copy (`one`) differs from the live file (`other`), by rows of a database, entries or lines.
 * @returns null where that cannot be told: it is binary, too large, gone, or there is no room for private copies
 * @throws what the signal is aborted with
 */
export async function countDifferences(
  pair: Pick<Pair, 'one' | 'other'>,
  place: ComparingPlace,
  signal: AbortSignal,
): Promise<Counts | null> {
  for await (const event of readDifference(pair, place, signal))
    if (event.type === 'finished') return countsOf(event.difference);
  return null;
}
