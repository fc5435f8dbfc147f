import type {DatasetDifference} from '../engine/differences/compare.ts';
import {type Counts, countDifferences, countsOf} from '../engine/differences/counts.ts';
import {tablesOfRows} from '../engine/differences/database-rows.ts';
import {type Comparison, pairs} from '../engine/differences/sides.ts';

/** Milliseconds for all datasets together: whoever reads the list waits for it. */
const limit = 10_000;

/** How much datasets differ, by name; null where that cannot be counted. What there was no time for is missing. */
export type Counted = ReadonlyMap<string, Counts | null>;

/** Of databases their rows were counted to compare them. */
function countedRows({one, other}: DatasetDifference): Counts | null {
  if (!one.rows || !other.rows) return null;
  const tables = tablesOfRows(one.rows, other.rows);
  return countsOf({kind: 'tables', as: 'postgres', tables, notes: [], isWhole: false});
}

/** Counts how much each dataset that differs does so, as long as there is time. */
export async function countAll(
  comparison: Comparison,
  datasets: DatasetDifference[],
  readOnly: boolean,
  signal: AbortSignal,
): Promise<Counted> {
  const counted = new Map<string, Counts | null>();
  const differing = datasets.filter(({relation}) => relation === 'differs');
  if (differing.length === 0) return counted;
  const all = new Map(pairs(comparison).map((pair) => [pair.name, pair]));
  const until = performance.now() + limit;
  for (const dataset of differing) {
    const {name} = dataset;
    const pair = all.get(name);
    const rows = countedRows(dataset);
    if (rows) counted.set(name, rows);
    const left = until - performance.now();
    if (rows || !pair || left <= 0 || signal.aborted) continue;
    try {
      const place = {root: comparison.place.root, readOnly, limit: left};
      const counts = await countDifferences(pair, place, signal);
      // What was ended by the limit might have been counted.
      if (counts || performance.now() < until) counted.set(name, counts);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  return counted;
}
