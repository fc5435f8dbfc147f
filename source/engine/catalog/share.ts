import {readVerdicts} from '../storage/content-verdicts.ts';
import {type Row, readRow} from './row.ts';

/** What is to be read: whoever takes part takes the next few of it, on a thread of its own too. */
export type Share = {
  /** Of each backup, the directory that it lies in and its id. */
  backups: [directory: string, id: string][];
  /** Where the state of the root lies; null where there is none. */
  state: string | null;
  /** Milliseconds since the epoch. */
  now: number;
  /** How many are taken. Shared by threads. */
  taken: Int32Array;
};

/** Backups that are taken at a time: the threads end within as many of each other. */
const few = 50;

/** Reads what nobody else has taken. */
export function readShare({backups, state, now, taken}: Share): Row[] {
  const verdicts = readVerdicts(state);
  const rows: Row[] = [];
  for (;;) {
    const from = Atomics.add(taken, 0, few);
    if (from >= backups.length) return rows;
    for (const [directory, id] of backups.slice(from, from + few))
      rows.push(readRow(directory, id, now, verdicts));
  }
}
