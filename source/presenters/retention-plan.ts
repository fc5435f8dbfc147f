import {updateReminder} from '../engine/config/last-run.ts';
import {emptiesText, type PhpForecast} from '../engine/retention/php-forecast.ts';
import {present} from './present.ts';
import {type Sentence, sentence} from './sentence.ts';

/** What PHP's next run would delete, and empty. */
export const phpSentences = ({deletes, empties}: PhpForecast): Sentence[] =>
  present([
    deletes.length > 0 && sentence('!', `PHP's own next run would then delete ${deletes.join(', ')}`),
    empties && sentence('x', `PHP's own ${emptiesText(empties)}`),
  ]);

/** What the runbook wants done when the configuration changed. */
export const changeSentences = (changes: string[]): Sentence[] =>
  changes.length === 0
    ? []
    : [...changes.map((change) => `since the last run: ${change}`), updateReminder].map((text) =>
        sentence('!', text),
      );
