import {type Sentence, sentence} from './sentence.ts';

/** What was done, and could not be told to others. */
export const untold = (problems: string[]): Sentence[] =>
  problems.map((problem) => sentence('!', `Not told: ${problem}`));
