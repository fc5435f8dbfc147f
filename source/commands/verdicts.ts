import {escapeText} from '../engine/base/escape.ts';
import type {PhpForecast} from '../engine/retention/php-forecast.ts';
import type {Verdict} from '../engine/retention/retention.ts';
import {phpSentences} from '../presenters/retention-plan.ts';
import {lineOf} from './tell.ts';

/** What retention says of each backup, for scripts. */
export const verdictsJson = (verdicts: Verdict[]) =>
  verdicts.map(({id, stays, reason, datasets}) => ({id, stays, reason, datasets}));

/** The same for people, a line each. */
export const verdictLines = (verdicts: Verdict[]): string[] =>
  verdicts.map(
    ({id, stays, reason}) =>
      `  ${stays ? '=' : '-'} ${escapeText(id)}  ${stays ? 'keep' : 'delete'}: ${escapeText(reason)}`,
  );

/** What PHP's retention does next, and what helps. */
export const phpLines = (forecast: PhpForecast): string[] =>
  phpSentences(forecast).map(
    (each) =>
      `${lineOf(each)}. ${each.mark === 'x' ? 'Take that link away.' : '"magds backup pin ID --reason=…" holds one.'}`,
  );
