/** What a line means, never by colour alone: the mark says it too (SCREENS.md). */
export type Tone = 'good' | 'bad' | 'beware' | 'unknown' | 'none';
export type Mark = '+' | 'x' | '!' | '?' | '-' | '=' | ' ';

/** One thing to say, to text and screen alike; not escaped. */
export type Sentence = {mark: Mark; text: string; tone: Tone};

const tones: Record<Mark, Tone> = {
  '+': 'good',
  x: 'bad',
  '!': 'beware',
  '?': 'unknown',
  '-': 'none',
  '=': 'none',
  ' ': 'none',
};

export const sentence = (mark: Mark, text: string): Sentence => ({mark, text, tone: tones[mark]});

/** What was done, and could not be told to others. */
export const untold = (problems: string[]): Sentence[] =>
  problems.map((problem) => sentence('!', `Not reported: ${problem}`));
