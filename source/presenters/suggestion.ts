import type {PassedOver, Suggestion} from '../engine/catalog/suggest.ts';
import {type Sentence, sentence} from './sentence.ts';

/** `20261123_000002_nightly is verified too, but ledger is broken inside`; null where none was passed over. */
export function passedText([newest, ...others]: PassedOver[]): string | null {
  if (!newest) return null;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  return `${newest.id} is verified too, but ${newest.why}${more}`;
}

/** Where there is none to verify either. */
const noneBefore = (passed: PassedOver[], when: string): string =>
  `No ${passed.length === 0 ? 'whole' : 'sound'} backup is from before ${when}`;

/**
 * What speaks against the one that is suggested; where none is, what to do about that; and which was passed over.
 * @param beware what speaks against it
 * @param when before which it has to be
 * @param verify how one is verified
 */
export function suggestionSentences(
  suggestion: Exclude<Suggestion, {state: 'reading'}>,
  beware: string | null,
  when: string,
  verify: (id: string) => string,
): Sentence[] {
  const passed = passedText(suggestion.passed);
  const sentences: Sentence[] = [];
  if (suggestion.state === 'none')
    sentences.push(
      sentence(
        '?',
        suggestion.next === null
          ? `${noneBefore(suggestion.passed, when)}.`
          : `None before ${when} is verified yet: ${verify(suggestion.next)}`,
      ),
    );
  else if (beware !== null) sentences.push(sentence('!', `${suggestion.id} is suggested, but ${beware}.`));
  if (passed !== null) sentences.push(sentence('!', `${passed}.`));
  return sentences;
}
