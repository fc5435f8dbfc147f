import stringWidth from 'string-width';

const ascii = /^[\x20-\x7e]*$/;
let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for the characters of a text. Most text is ASCII, and the segmenter takes 30 ms to make. */
export function graphemes(text: string): string[] {
  if (ascii.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter(undefined, {granularity: 'grapheme'});
  return [...segmenter.segment(text)].map(({segment}) => segment);
}

/** What is left after Backspace. */
export const withoutLast = (text: string): string => graphemes(text).slice(0, -1).join('');

/** Columns that a text takes in a terminal. */
export const widthOf = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text));

/** Lines cut into pieces of at most `width` columns. */
export function wrap(lines: string[], width: number): string[] {
  return lines.flatMap((line) => (widthOf(line) <= width ? [line] : pieces(line, width)));
}

function pieces(line: string, width: number): string[] {
  const result: string[] = [];
  let piece = '';
  let used = 0;
  for (const grapheme of graphemes(line)) {
    const wide = widthOf(grapheme);
    if (used + wide > width && piece !== '') {
      result.push(piece);
      piece = '';
      used = 0;
    }
    piece += grapheme;
    used += wide;
  }
  return [...result, piece];
}

/** At most so many of the lines: the last one takes the rest, so that cutting it says that there is more. */
export const atMost = (lines: string[], most: number): string[] =>
  lines.length > most && most > 0
    ? [...lines.slice(0, most - 1), lines.slice(most - 1).join(' ')]
    : lines.slice(0, Math.max(0, most));

/** Words in lines of at most `width` columns; a longer word goes over several. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const wide = widthOf(word);
    if (line !== '' && used + 1 + wide > width) {
      lines.push(line);
      line = '';
    }
    if (wide > width) {
      const parts = wrap([word], width);
      line = parts.pop() ?? '';
      lines.push(...parts);
      used = widthOf(line);
    } else {
      used = line === '' ? wide : used + 1 + wide;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Cut to at most `width` columns; `~` says that something was cut. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  let result = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += widthOf(grapheme);
    if (used > width - 1) break;
    result += grapheme;
  }
  return `${result}~`;
}
