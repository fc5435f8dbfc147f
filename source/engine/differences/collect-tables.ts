import {describeError} from '../base/problem.ts';
import {PrivatePlace} from '../content/private-place.ts';
import {compareInProcess} from './compare-in-process.ts';
import type {FileAt} from './sides.ts';
import {
  blank,
  type ComparedAs,
  type Comparing,
  type TableDifference,
  type Tables,
  usualLimit,
} from './tables.ts';

/** Where it may be done, and for how long. */
export type ComparingPlace = {
  /** Where a private copy may lie; null for a directory of backups alone. */
  root: string | null;
  readOnly: boolean;
  limit?: number;
};

/** A file to compare by its rows. */
export type SideFile = {file: FileAt; isLive: boolean; bytes: number};

/**
 * How two files differ, table by table. Copies of databases are made where there is room for both; they go when it ends,
 * however it does.
 * @returns why they cannot be compared so, in its place
 * @throws what the signal is aborted with
 */
export async function* collectTables(
  of: ComparedAs,
  one: SideFile,
  other: SideFile,
  {root, readOnly, limit = usualLimit}: ComparingPlace,
  signal: AbortSignal,
): AsyncGenerator<Comparing, Tables | {why: string}, undefined> {
  const place = new PrivatePlace(root, readOnly);
  const found = {as: null as ComparedAs | null, tables: [] as TableDifference[], notes: [] as string[]};
  let doing = 'beginning';
  let unfinished: string | null = null;
  let isPart = false;
  try {
    const into = of === 'sqlite' ? place.prepare(one.bytes + other.bytes) : null;
    if (into && 'reason' in into) return {why: into.reason};
    for await (const told of compareInProcess({as: of, one, other, into}, limit, signal)) {
      if (told.is === 'doing') {
        doing = told.what;
        yield {type: 'comparing', what: told.what, done: told.done, of: told.of, limit};
      } else if (told.is === 'tables') {
        found.as = told.as;
        found.tables = told.names.map((name) => ({...blank(name), reason: 'not reached'}));
      } else if (told.is === 'table') found.tables[told.index] = told.table;
      else if (told.is === 'note') found.notes.push(told.text);
      else if (told.is === 'in part') isPart = true;
      else if (told.is === 'not so') return {why: told.why};
      else if (told.is === 'late') unfinished = `it was stopped after ${limit / 1000}s, the time limit`;
      else if (told.is === 'gone') unfinished = `the comparison ended early (${told.how})`;
    }
  } catch (error) {
    signal.throwIfAborted();
    return {why: describeError(error)};
  } finally {
    const stays = place.close();
    if (stays !== null) found.notes.push(stays);
  }
  const {as, tables, notes} = found;
  const why = unfinished === null ? null : `${unfinished}, while at: ${doing}`;
  if (as === null) return {why: [why ?? 'it gave no answer', ...notes].join('; ')};
  if (why !== null) notes.unshift(`x Not all was compared: ${why}.`);
  const isWhole = why === null && !isPart && tables.every(({reason}) => reason === null);
  return {kind: 'tables', as, tables, notes, isWhole};
}
