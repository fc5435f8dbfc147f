import {escapeText} from '../../engine/base/escape.ts';
import {atMost, widthOf, wrap, wrapWords} from '../../presenters/graphemes.ts';
import {clip, type Line as Drawn, pad, plain, someOf} from './line.ts';
import {type Look, lookOf, styleOf} from './look.ts';
import {part} from './part.tsx';
import {joined, lineOf, type Spans} from './span.ts';

/** Columns before what is said: a mark may stand there. */
const margin = 3;
/** Before what begins at the edge. */
const edge = 1;
/** Columns by which a sentence is set in further where it goes on. */
const hanging = 2;
/** Columns that names leave to what follows them, if it takes them. */
const mostAfter = 40;

/** One line. `wide`: it begins at the edge, as headings and questions do. */
export const Line = part<{of: Spans; look?: Look; wide?: boolean}>(({of, look, wide = false}, {columns}) => [
  lineOf([' '.repeat(wide ? edge : margin), of].flat(), columns, look),
]);

/** A sentence. Its mark says how it is meant, and so does its look. */
export type Told = {
  mark?: string;
  /** Names before the text, as many as it leaves room for in its line; and what stands before them. */
  before?: string;
  names?: string[];
  text: string;
  look?: Look;
  /** It belongs to what is said before it. */
  deep?: boolean;
};

export const told = (mark: string, text: string): Told => ({mark, text});

export type NoticesProps = {
  of: (string | Told)[];
  /** What goes on stands under what it began with. */
  flush?: boolean;
  /** From the edge on. */
  wide?: boolean;
  /** Lines that are left for others. */
  leaves?: number;
  /** Lines that it takes at most; in the last one what was left out is cut. */
  most?: number;
};

/** Sentences, each to its end: in as many lines as it takes. */
export const Notices = part<NoticesProps>(
  ({of, flush = false, wide = false, leaves, most = Infinity}, room) => {
    const hang = flush || wide ? 0 : hanging;
    const before = wide ? edge : margin;
    const lines = of.flatMap((each) => {
      const told: Told = typeof each === 'string' ? {text: each} : each;
      const {mark = '', before: lead = '', names, text, look = lookOf(mark)} = told;
      const free = room.columns - before - 1 - lead.length - Math.min(mostAfter, widthOf(text));
      const named = names ? lead + someOf(names, free) : '';
      const whole = escapeText(`${mark === '' ? '' : `${mark} `}${named}${text}`);
      return wrapWords(whole, room.columns - before - hang - 1).map((line, index) => ({
        text: `${' '.repeat(index === 0 && !told.deep ? 0 : hang)}${line}`,
        look,
      }));
    });
    const limit = leaves === undefined ? most : Math.max(1, Math.min(most, room.height - leaves));
    const kept = atMost(
      lines.map(({text}) => text),
      limit,
    );
    return kept.map((text, index) =>
      clip(plain(`${' '.repeat(before)}${text}`, styleOf(lines[index]?.look)), room.columns),
    );
  },
);

/** One sentence. */
export const Notice = part<Told & Omit<NoticesProps, 'of'>>(({flush, wide, leaves, most, ...one}, room) => {
  const limits = {...(leaves === undefined ? {} : {leaves}), ...(most === undefined ? {} : {most})};
  return Notices.lines({of: [one], flush: flush ?? false, wide: wide ?? false, ...limits}, room);
});

/** A word, and what there is to say of it. */
export type Fact = {
  mark?: string;
  word: string;
  /** A sentence goes on under its beginning; spans take one line. */
  says: string | Spans;
  look?: Look;
  /** Of the word alone. */
  wordLook?: Look;
  /** Broken anywhere, and two lines at most: a hash. */
  broken?: boolean;
};

export type FactsProps = {of: Fact[]; width: number};

/** What is known, each with its word before it: `SPACE   60 MB of 21 GB free`. `width`: of the widest word. */
export const Facts = part<FactsProps>(({of, width}, {columns}) => {
  const room = columns - margin - width - 2;
  return of.flatMap(({mark = '', word, says, look = lookOf(mark), wordLook = look, broken}) => {
    const start = (index: number): string =>
      index === 0 ? ` ${pad(mark, 1)} ${pad(word, width)} ` : ' '.repeat(margin + width + 1);
    const lineAt = (line: Drawn, index: number): Drawn =>
      joined([{text: start(index), ...styleOf(wordLook)}, ...line]);
    if (typeof says !== 'string') return [lineAt(lineOf(says, room + 1, look), 0)];
    const text = escapeText(says);
    const parts = broken ? wrap([text], room).slice(0, 2) : wrapWords(text, room);
    return parts.map((line, index) => lineAt(plain(line, styleOf(look)), index));
  });
});
