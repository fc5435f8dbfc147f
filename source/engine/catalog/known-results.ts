import type {DatasetResult} from '../storage/dataset.ts';
import {lastVerification} from '../storage/verifications.ts';
import type {Row} from './row.ts';

/** What the last verification of a backup said of each dataset, by name; empty where that does not hold any more. */
export function knownResults(
  directory: string,
  {state, changed}: Row['verification'],
): ReadonlyMap<string, DatasetResult> {
  const holds = (state === 'verified' || state === 'failed' || state === 'stale') && !changed;
  const datasets = (holds ? lastVerification(directory)?.datasets : undefined) ?? [];
  return new Map(datasets.map((dataset) => [dataset.name, dataset]));
}
