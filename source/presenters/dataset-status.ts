import type {Row} from '../engine/catalog/row.ts';
import type {DatasetResult} from '../engine/storage/dataset.ts';
import type {Tone} from './sentence.ts';

type DatasetStatusText = {text: string; tone: Extract<Tone, 'good' | 'bad' | 'none'>};

/**
 * What is known of one copy, for the operator.
 * @param result what its last verification said, while that holds
 * @param index of the dataset in its backup
 */
export function datasetStatus(
  row: Row | undefined,
  index: number,
  result: DatasetResult | undefined,
): DatasetStatusText {
  if (result && result.status !== 'cancelled' && result.status !== 'not checked')
    return result.status === 'match'
      ? {text: '+ match', tone: 'good'}
      : {text: `x ${result.status}`, tone: 'bad'};
  const dataset = row?.datasets[index];
  if (dataset?.flaw) return {text: 'x no copy', tone: 'bad'};
  if (dataset && row?.verification.failed.includes(dataset.name)) return {text: 'x failed', tone: 'bad'};
  if (row?.verification.state === 'verified') return {text: '+ match', tone: 'good'};
  return {text: '- there', tone: 'none'};
}
