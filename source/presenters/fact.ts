import {type Sentence, sentence} from './sentence.ts';

/** One thing to know before a restore: `x WRITING  tenants: …`. */
export type Fact = Sentence & {word: string};

export const fact = (mark: Fact['mark'], word: string, text: string): Fact => ({
  ...sentence(mark, text),
  word,
});

/** How many are named of what may be thousands. */
export const mostNamed = 5;

export const some = (names: string[], shown = mostNamed): string =>
  names.slice(0, shown).join(', ') + (names.length > shown ? ` and ${names.length - shown} more` : '');
