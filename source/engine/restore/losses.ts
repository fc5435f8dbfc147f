import type {ComparingPlace} from '../differences/collect-tables.ts';
import {type Counts, countDifferences} from '../differences/counts.ts';
import type {Part} from '../differences/sides.ts';
import type {RestoreAction} from './action.ts';
import type {DatasetPlan} from './by-dataset.ts';

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
  if (!file?.place) return {of, counts: null};
  const {algorithm, hash, copy} = file;
  const {base, segments} = file.place;
  const pair = {
    one: {...unknown, file: {directory, segments: copy}, recorded: {algorithm, hash}},
    other: {...unknown, file: {directory: base, segments}, recorded: null},
  };
  return {of, counts: await countDifferences(pair, place, signal)};
}
