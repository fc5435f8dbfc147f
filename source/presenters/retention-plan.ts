import {counted, listed} from '../engine/base/format.ts';
import {updateReminder} from '../engine/config/last-run.ts';
import {emptiesText, type PhpForecast} from '../engine/retention/php-forecast.ts';
import type {Verdict} from '../engine/retention/retention.ts';
import {present} from './present.ts';
import {type Sentence, sentence} from './sentence.ts';

/** What PHP's next run would delete, and empty. */
export const phpSentences = ({deletes, empties}: PhpForecast): Sentence[] =>
  present([
    deletes.length > 0 && sentence('!', `PHP's own next run would then delete ${deletes.join(', ')}`),
    empties && sentence('x', `PHP's own ${emptiesText(empties)}`),
  ]);

/** How many of those that go take the last copy of a dataset with them, and of which. */
export function lastCopySentences(verdicts: Verdict[]): Sentence[] {
  const last = verdicts.filter(({stays, lastCopies}) => !stays && lastCopies);
  if (last.length === 0) return [];
  const names = last.flatMap(({lastCopies = []}) => lastCopies);
  const what = names.length === 1 ? 'the last copy of' : 'the last copies of';
  const of = `${counted(last.length, 'of them holds', 'of them hold')} ${what} ${listed(names, 3)}`;
  return [sentence('!', of)];
}

/** What the runbook wants done when the configuration changed. */
export const changeSentences = (changes: string[]): Sentence[] =>
  changes.length === 0
    ? []
    : [...changes.map((change) => `since the last run: ${change}`), updateReminder].map((text) =>
        sentence('!', text),
      );
