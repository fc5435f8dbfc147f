import {escapeText} from '../../engine/base/escape.ts';
import {formatBytes} from '../../engine/base/format.ts';
import {cut, graphemes, widthOf} from '../../presenters/graphemes.ts';
import {clip, cutBoth, cutStart, type Line, type Segment, someOf} from './line.ts';
import {type Look, styleOf} from './look.ts';

/** A text with what it means. Where a line has no room for all, `gives` says that this one is cut, and where. */
export type StyledText = {
  text: string;
  look?: Look;
  gives?: 'end' | 'start';
  /** Columns that are left of it in any case. */
  least?: number;
  /** Columns that it takes at most. */
  most?: number;
  /** In fewer columns than these it says nothing, and is left out. */
  worth?: number;
  /** Stands there instead where the text has no room. */
  or?: string;
  /** The end of it is in view, with the place for the next character. */
  typed?: boolean;
  /** Characters of it behind the cursor. */
  behind?: number;
  /** Takes what the others leave, wherever it stands. */
  last?: boolean;
  /** Seen from this column on. */
  from?: number;
};

/** A part of a line, as it was read: the kit escapes it, and knows how wide it is. */
export type Span = string | StyledText | {names: string[]} | {gap: number; of?: string; look?: Look};
/** `or` stands there instead where there is no room for all. */
export type Spans = Span | Span[] | {either: Span[]; or: Span[]};

const as =
  (look: Look) =>
  (text: string): StyledText => ({text, look});

export const strong = as('strong');
export const key = as('key');
export const good = as('good');
export const beware = as('beware');
export const bad = as('bad');

/** Gives way, its end first: what follows it is seen in any case. */
export const cutEnd = (text: string, more: Omit<StyledText, 'text' | 'gives'> = {}): StyledText => ({
  text,
  gives: 'end',
  ...more,
});

/** Gives way, its start first: the end of a path says more. */
export const cutStartOf = (text: string, more: Omit<StyledText, 'text' | 'gives'> = {}): StyledText => ({
  text,
  gives: 'start',
  ...more,
});

/** Is there only where there is room for all of it. */
export const spare = (text: string): StyledText => ({text, or: ''});

/** What is being typed: its end is in view. */
export const typed = (
  text: string,
  more: Pick<StyledText, 'most' | 'least' | 'behind'> = {},
): StyledText => ({
  text,
  typed: true,
  look: 'strong',
  ...more,
});

/** As many as there is room for, and how many there are beside. */
export const names = (list: string[]): Span => ({names: list});

/** A size, as it stands under other sizes. */
export const sizeText = (bytes: number | null): string =>
  (bytes === null ? '-' : formatBytes(bytes)).padStart(7);

/** Names in so many columns of a sentence, and how many there are beside. */
export const namesIn = (list: string[], columns: number): string => someOf(list, columns);

/** What follows stands at the right edge, so many columns from what is before at least. */
export const gap = (least = 1): Span => ({gap: least});

/** Turn by turn: what is as wide as it is, what gives way, what is there if there is room, what fills it. */
const turnOf = (span: Span): number => {
  if (typeof span === 'string') return 0;
  if ('gap' in span) return 3;
  if ('names' in span) return 1;
  if (span.or !== undefined || span.last) return 2;
  return span.gives || span.typed || span.from !== undefined ? 1 : 0;
};

/** Columns that are kept for it while others are served. */
const leastOf = (span: Span): number => {
  if (typeof span === 'string') return 0;
  if ('gap' in span) return span.gap;
  if ('names' in span || span.least === undefined) return 0;
  // What is typed may grow.
  return span.typed ? span.least : Math.min(span.least, widthOf(escapeText(span.text)));
};

/** What is typed, with the cursor in view: `|` inside it, `_` where the next character comes. */
function typedText({text, behind = 0}: StyledText, width: number): string {
  if (behind === 0) return `${cutStart(escapeText(text), Math.max(0, width))}_`;
  const all = graphemes(text);
  const at = Math.max(0, all.length - behind);
  const before = escapeText(all.slice(0, at).join(''));
  const after = escapeText(all.slice(at).join(''));
  if (widthOf(before + after) <= width) return `${before}|${after}`;
  const shown = cutStart(before, Math.max(0, width - 1));
  return `${shown}|${cut(after, width - widthOf(shown))}`;
}

function textOf(span: Span, room: number): string {
  if (typeof span === 'string') return escapeText(span);
  if ('gap' in span) return (span.of ?? ' ').repeat(Math.max(0, room));
  if ('names' in span) return someOf(span.names, room);
  const text = escapeText(span.text);
  const {least = 0, most = Number.POSITIVE_INFINITY} = span;
  const width = Math.min(most, Math.max(least, room));
  if (span.typed) return typedText(span, width - 1);
  if (span.or !== undefined) return widthOf(text) <= width ? text : escapeText(span.or);
  if (span.from !== undefined) return cutBoth(text, span.from, width);
  if (span.gives === undefined) return text;
  if (width < Math.min(span.worth ?? 0, widthOf(text))) return '';
  return span.gives === 'start' ? cutStart(text, width) : cut(text, width);
}

/** Columns that spans take where nothing gives way. */
const wish = (spans: Span[]): number =>
  spans.reduce(
    (sum, span) => sum + ('gap' in Object(span) ? leastOf(span) : widthOf(textOf(span, Infinity))),
    0,
  );

/** Whether so many columns have room for all of them. */
export const fits = (spans: Span[], columns: number): boolean => wish(spans) <= columns;

/** One after the other. */
export function flat(spans: Spans, columns: number): Span[] {
  if (typeof spans === 'string' || Array.isArray(spans) || !('either' in spans)) return [spans].flat();
  return fits(spans.either, columns) ? spans.either : spans.or;
}

/** One line of at most so many columns. Nothing in it can drive a terminal. */
export function lineOf(spans: Spans, columns: number, look: Look = 'none'): Line {
  const all = flat(spans, columns);
  const texts: string[] = all.map(() => '');
  let left = columns - all.reduce((sum, span) => sum + leastOf(span), 0);
  for (const turn of [0, 1, 2, 3])
    for (const [index, span] of all.entries()) {
      if (turnOf(span) !== turn) continue;
      const text = textOf(span, left + leastOf(span));
      left -= widthOf(text) - leastOf(span);
      texts[index] = text;
    }
  const segments = all.map((span, index) => {
    const own = typeof span === 'object' && 'look' in span ? span.look : undefined;
    return {text: texts[index] ?? '', ...styleOf(own ?? look)};
  });
  return clip(joined(segments), columns);
}

/** A mark stands at the beginning of a segment. */
const isAlike = (one: Segment, other: Segment): boolean =>
  one.color === other.color && one.bold === other.bold && !one.marked && !other.marked;

/** Neighbours that look the same are one: each costs Ink something. */
export function joined(line: Line): Line {
  const all: Line = [];
  for (const segment of line) {
    const last = all.at(-1);
    if (segment.text === '') continue;
    if (last && isAlike(last, segment)) last.text += segment.text;
    else all.push({...segment});
  }
  return all;
}
