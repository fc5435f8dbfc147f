import type {LiveCounts} from '../datasets/type.ts';
import type {ComparingPlace} from '../differences/collect-tables.ts';
import {type Counts, countDifferences, countsOf} from '../differences/counts.ts';
import {rowsOfSide, tablesOfRows} from '../differences/database-rows.ts';
import type {Part} from '../differences/sides.ts';
import {serverName} from '../postgres/connection.ts';
import {type Counting, countLiveRows} from '../postgres/live-rows.ts';
import type {DatabaseFacts} from '../session/database-facts.ts';
import type {RestoreAction} from './action.ts';
import type {DatasetPlan} from './by-dataset.ts';
import {reach} from './reach.ts';

/** What a restore loses of a dataset. */
export type Loss = {
  /** Of which copy and which live file it was counted. */
  of: string;
  /** How much the two differ; null where that cannot be counted. */
  counts: Counts | null;
};

/** The one file of a dataset whose content gives way; null where it has several, which are counted themselves. */
export function givesWay({actions, files, action, loses}: DatasetPlan): RestoreAction | null {
  if (files !== 1 || action !== 'overwrite' || !loses) return null;
  return actions.find(({role}) => role === 'dataset') ?? null;
}

/** The same for the same copy and the same live file, also what lies beside that. */
export const lossKey = ({actions}: DatasetPlan): string =>
  actions.map(({hash, liveHash}) => `${hash}:${liveHash}`).join(' ');

const unknown: Pick<Part, 'reason' | 'absent' | 'madeAt'> = {reason: null, absent: false, madeAt: null};

/** What of a database is lost, by how many rows its tables have now; null where that cannot be asked. */
async function countDatabase(
  {name, reached, comes}: DatabaseFacts,
  {root, limit = 10_000}: ComparingPlace,
  signal: AbortSignal,
): Promise<Counts | null> {
  if (root === null || comes?.how !== 'load' || comes.rows === null) return null;
  const count = async (counting: Omit<Counting, 'schemas'>): Promise<LiveCounts> => {
    const connection = await reach({root, found: new Map()}, reached, name);
    const live = await countLiveRows(connection, {...counting, schemas: null});
    return {...live, database: name, server: serverName(connection)};
  };
  const live = await rowsOfSide({count}, {limit, signal});
  // The plan says what is wrong with the server.
  if ('reason' in live) return null;
  const copy = {...live, rows: new Map(Object.entries(comes.rows)), uncounted: []};
  return countsOf({
    kind: 'tables',
    as: 'postgres',
    tables: tablesOfRows(copy, live),
    notes: [],
    isWhole: false,
  });
}

/**
 * Counts what is lost of a dataset, in its own terms. It may take seconds: no screen waits for it.
 * @param directory of the backup
 * @throws what the signal is aborted with
 */
export async function countLoss(
  set: DatasetPlan,
  directory: string,
  place: ComparingPlace,
  signal: AbortSignal,
): Promise<Loss> {
  const file = givesWay(set);
  const of = lossKey(set);
  if (file?.database) return {of, counts: await countDatabase(file.database, place, signal)};
  if (!file?.place) return {of, counts: null};
  const {algorithm, hash, copy} = file;
  const {base, segments} = file.place;
  const pair = {
    one: {...unknown, file: {directory, segments: copy}, recorded: {algorithm, hash}},
    other: {...unknown, file: {directory: base, segments}, recorded: null},
  };
  return {of, counts: await countDifferences(pair, place, signal)};
}
