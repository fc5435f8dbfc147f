import type {BackupResult} from '../engine/verify/record.ts';
import {type Fact, fact, some} from './fact.ts';

/**
 * How the verification of a backup ended.
 * @param broken datasets that were found broken inside after it
 */
export function verifyEnding({result, reason, datasets}: BackupResult, broken: string[] = []): Fact {
  const count = datasets.length;
  if (result === 'passed' && broken.length > 0)
    return fact('x', 'Unaltered, but broken inside', some(broken));
  if (result === 'passed')
    return fact(
      '+',
      'Passed',
      `${count} of ${count} ${count === 1 ? 'dataset matches' : 'datasets match'} the manifest`,
    );
  return result === 'failed'
    ? fact('x', 'Failed', reason ?? 'why is not known')
    : fact('-', `${result[0]?.toUpperCase()}${result.slice(1)}`, reason === result ? '' : (reason ?? ''));
}
