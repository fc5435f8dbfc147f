import type {BackupResult} from '../engine/verify/record.ts';
import {type Fact, fact} from './fact.ts';

/** How the verification of a backup ended. */
export function verifyEnding({result, reason, datasets}: BackupResult): Fact {
  const count = datasets.length;
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
