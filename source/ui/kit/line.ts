import {escapeText} from '../../engine/base/escape.ts';
import {cut, graphemes, widthOf} from '../../presenters/graphemes.ts';
import type {Style} from './look.ts';

/** `turns`: that the program is alive is seen by it; there is one at most. */
export type Segment = Style & {text: string; turns?: boolean};
/** One line of the screen, already as wide as it may be. */
export type Line = Segment[];

/** Narrow columns of a table give way in a terminal that has fewer. */
export const isNarrow = (columns: number): boolean => columns < 76;

/** Cut on the left, for paths, whose end says more. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  let result = '';
  let used = 1;
  for (const grapheme of graphemes(text).reverse()) {
    used += widthOf(grapheme);
    if (used > width) break;
    result = grapheme + result;
  }
  return `~${result}`;
}

/** The columns of a text that are seen from one on; `~` where it goes on, on either side. */
export function cutBoth(text: string, left: number, width: number): string {
  if (left === 0) return cut(text, width);
  if (widthOf(text) <= left) return text === '' ? '' : '~';
  let at = 0;
  let from = 0;
  for (const grapheme of graphemes(text)) {
    if (at > left) break;
    at += widthOf(grapheme);
    from += grapheme.length;
  }
  return cut(`~${text.slice(from)}`, width);
}

/** As many names as fit, escaped here, and how many there are beside; the first one is there in any case. */
export function someOf(names: string[], width: number): string {
  const escaped = names.map(escapeText);
  const upTo = (count: number): string => {
    const more = names.length > count ? ` and ${names.length - count} more` : '';
    const text = escaped.slice(0, count).join(', ');
    return (count === 1 ? cut(text, width - more.length) : text) + more;
  };
  // Even names of one letter take three columns with what parts them.
  let count = Math.min(names.length, Math.ceil(width / 3));
  while (count > 1 && widthOf(upTo(count)) > width) count--;
  return upTo(Math.max(1, count));
}

/** As many as fit whole, escaped here, and how many there are beside: `a  b  +3 more`. */
export function wholeOf(parts: string[], width: number): string {
  const shown: string[] = [];
  let used = 0;
  for (const [index, part] of parts.entries()) {
    const text = escapeText(part);
    const left = parts.length - index - 1;
    used += widthOf(text) + (index > 0 ? 2 : 0);
    if (used + (left > 0 ? `  +${left} more`.length : 0) > width) break;
    shown.push(text);
  }
  const more = parts.length - shown.length;
  if (shown.length === 0) return parts.length === 1 ? cut(escapeText(parts[0] as string), width) : '';
  return [...shown, ...(more > 0 ? [`+${more} more`] : [])].join('  ');
}

/** Exactly `width` columns: cut, or filled with spaces. */
export function pad(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}

export const plain = (text: string, style: Style = {}): Line => [{text, ...style}];

/** A line cut at the edge of the terminal, whatever its segments are. */
export function clip(line: Line, columns: number): Line {
  const result: Line = [];
  let left = columns;
  for (const segment of line) {
    if (left <= 0) break;
    const text = cut(segment.text, left);
    left -= widthOf(text);
    result.push({...segment, text});
  }
  return result;
}

/** Exactly `height` lines: cut, or filled with empty ones. */
export const fill = (lines: Line[], height: number): Line[] =>
  Array.from({length: Math.max(0, height)}, (_, index) => lines[index] ?? []);

/** `####......` in exactly `width` columns; `part` from 0 to 1. */
export function bar(part: number, width: number): string {
  // Full only when it is: 99.6 % must not look done.
  const full = part >= 1 ? width : Math.min(width - 1, Math.floor(part * width));
  return '#'.repeat(Math.max(0, full)) + '.'.repeat(Math.max(0, width - Math.max(0, full)));
}

export const percent = (part: number): string => `${Math.floor(Math.min(1, part) * 100)}%`.padStart(4);

/** Columns of a line. */
export const lineWidth = (line: Line): number => line.reduce((sum, {text}) => sum + widthOf(text), 0);

export const rule = (title: string, columns: number): Line => {
  const head = title === '' ? ' ' : ` -- ${title} `;
  return plain(cut(head, columns) + '-'.repeat(Math.max(0, columns - widthOf(head) - 1)));
};
