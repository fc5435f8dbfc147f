import type {Tone} from '../../presenters/sentence.ts';

export type Style = {color?: string; bold?: boolean};

/** Sixteen colours, readable on light and dark; no dim, no blue (SCREENS.md). The text says the same without them. */
const styles = {
  environment: {color: 'magenta'},
  key: {color: 'cyan'},
  good: {color: 'green'},
  beware: {color: 'yellow'},
  bad: {color: 'red'},
  unknown: {color: 'yellow'},
  none: {},
  strong: {bold: true},
} as const satisfies Record<Tone | 'environment' | 'key' | 'strong', Style>;

/** What a text means: the kit knows its colour. */
export type Look = keyof typeof styles;

export const styleOf = (look: Look = 'none'): Style => styles[look];

/** The look of a mark: it is what the mark says already. */
export const lookOf = (mark: string): Look =>
  (({x: 'bad', '!': 'beware', '?': 'unknown', '+': 'good'}) as const)[mark] ?? 'none';
