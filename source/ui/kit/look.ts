import type {Tone} from '../../presenters/sentence.ts';

/** `marked`: the `!` that it begins with is bold. */
export type Style = {color?: string; bold?: boolean; marked?: boolean};

/**
 * Readable in any palette, on light and on dark: cyan, yellow and green are not on white (1.5 to 2.1 to one), so nothing
 * is told by them. Colour only ever adds: the text says the same without it.
 */
const styles = {
  environment: {color: 'magenta'},
  key: {bold: true},
  good: {},
  beware: {marked: true},
  bad: {color: 'red', bold: true},
  unknown: {},
  none: {},
  strong: {bold: true},
} as const satisfies Record<Tone | 'environment' | 'key' | 'strong', Style>;

/** What a text means: the kit knows its colour. */
export type Look = keyof typeof styles;

/** Every style that has a colour, for whoever wants to see whether it can be read. */
export const coloured: Style[] = Object.values(styles).filter((style: Style) => style.color);

export const styleOf = (look: Look = 'none'): Style => styles[look];

/** The look of a mark: it is what the mark says already. */
export const lookOf = (mark: string): Look =>
  (({x: 'bad', '!': 'beware', '?': 'unknown', '+': 'good'}) as const)[mark] ?? 'none';
