import {escapeText} from '../engine/base/escape.ts';
import type {PhpForecast} from '../engine/retention/php-forecast.ts';
import type {Verdict} from '../engine/retention/retention.ts';
import {lastCopySentences, phpSentences} from '../presenters/retention-plan.ts';
import {lineOf} from './tell.ts';

/** What retention says of each backup, for scripts. */
export const verdictsJson = (verdicts: Verdict[]) =>
  verdicts.map(({id, stays, reason, datasets, lastCopies = []}) => ({
    id,
    stays,
    reason,
    datasets,
    last_copies: lastCopies,
  }));

const markOf = ({stays, lastCopies}: Verdict): string => (stays ? '=' : lastCopies ? '!' : '-');

/** The same for people, a line each, and what is lost for good. */
export const verdictLines = (verdicts: Verdict[]): string[] => [
  ...verdicts.map(
    (each) =>
      `  ${markOf(each)} ${escapeText(each.id)}  ${each.stays ? 'keep' : 'delete'}: ${escapeText(each.reason)}`,
  ),
  ...lastCopySentences(verdicts).map((each) => `${lineOf(each)}. ${holdsOne}`),
];

const holdsOne = '"magds backup pin ID --reason=…" holds one.';

/** What PHP's retention does next, and what helps. */
export const phpLines = (forecast: PhpForecast): string[] =>
  phpSentences(forecast).map(
    (each) => `${lineOf(each)}. ${each.mark === 'x' ? 'Take that link away.' : holdsOne}`,
  );
