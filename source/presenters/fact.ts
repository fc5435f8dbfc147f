import {listed} from '../engine/base/format.ts';
import {type Sentence, sentence} from './sentence.ts';

/** A sentence with the word that it is found by: `x Writing: tenants: …`. */
export type Fact = Sentence & {word: string};

export const fact = (mark: Fact['mark'], word: string, text: string): Fact => ({
  ...sentence(mark, text),
  word,
});

/** As screens show it, where the word begins a line. */
export const inCapitals = (of: Fact): Fact => ({...of, word: of.word.toUpperCase()});

/** As a screen says how something ended: `FAILED, and rolled back: the disk is full.` */
export const loud = ({word, text}: Fact, when = ''): string =>
  `${word.replace(/^[^,]*/, (first) => first.toUpperCase())}${when}${text === '' ? '' : `: ${text.replace(/\.$/, '')}`}.`;

/** How many are named of what may be thousands. */
export const mostNamed = 5;

export const some = (names: string[], shown = mostNamed): string => listed(names, shown);
