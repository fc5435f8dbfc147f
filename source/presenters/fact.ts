import type {Tone} from './row-view.ts';

/** One thing to know before a restore: `x WRITING  tenants: …`. */
export type Fact = {mark: 'x' | '!' | '?' | '+' | ' '; word: string; text: string; tone: Tone};

export const fact = (mark: Fact['mark'], word: string, text: string): Fact => ({
  mark,
  word,
  text,
  tone: ({x: 'bad', '!': 'beware', '?': 'unknown', '+': 'good', ' ': 'none'} as const)[mark],
});

/** How many are named of what may be thousands. */
export const mostNamed = 5;

export const some = (names: string[], shown = mostNamed): string =>
  names.slice(0, shown).join(', ') + (names.length > shown ? ` and ${names.length - shown} more` : '');
