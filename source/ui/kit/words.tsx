import {escapeText} from '../../engine/base/escape.ts';
import {atMost, widthOf, wrap, wrapWords} from '../../presenters/graphemes.ts';
import {clip, type Line, pad, plain, someOf} from './line.ts';
import {type Look, lookOf, styleOf} from './look.ts';
import {part} from './part.tsx';
import {flat, joined, lineOf, type Spans} from './span.ts';

/** Columns before what is said: a mark may stand there. */
const margin = 3;
/** Before what begins at the edge. */
const edge = 1;
/** Columns by which a sentence is set in further where it goes on. */
const hanging = 2;
/** Columns that names leave to what follows them, if it takes them. */
const mostAfter = 40;

/** One line. `wide`: it begins at the edge, as headings and questions do. */
export const TextLine = part<{of: Spans; look?: Look; wide?: boolean}>(
  ({of, look, wide = false}, {columns}) => {
    const start = wide ? edge : margin;
    return [lineOf([' '.repeat(start), ...flat(of, columns - start)], columns, look)];
  },
);

/** A sentence. Its mark says how it is meant, and so does its look. */
export type NoticeText = {
  mark?: string;
  /** Names before the text, as many as it leaves room for in its line; and what stands before them. */
  before?: string;
  names?: string[];
  text: string;
  look?: Look;
  /** It belongs to what is said before it. */
  deep?: boolean;
  /** A path or a digest has no words: broken anywhere. */
  broken?: boolean;
  /** Said instead where the text does not fit in a line. */
  or?: string;
};

export const noticeOf = (mark: string, text: string): NoticeText => ({mark, text});

export type NoticesProps = {
  of: (string | NoticeText)[];
  /** What goes on stands under what it began with. */
  flush?: boolean | undefined;
  /** From the edge on. */
  wide?: boolean | undefined;
  /** Lines that are left for others. */
  leaves?: number | undefined;
  /** Lines that it takes at most; in the last one what was left out is cut. */
  most?: number | undefined;
};

/** A sentence in lines of so many columns, those after the first set in by `hang`. */
function sentence(notice: NoticeText, columns: number, hang: number): {text: string; look: Look}[] {
  const {mark = '', before = '', names, or, deep, broken, look = lookOf(mark)} = notice;
  const room = columns - 1;
  const isLong = widthOf(escapeText(notice.text)) > room;
  const text = or !== undefined && isLong ? or : notice.text;
  const named = names ? someOf(names, room - before.length - Math.min(mostAfter, widthOf(text))) : '';
  const whole = escapeText([mark, `${before}${named}${text}`].filter(Boolean).join(' '));
  const width = or !== undefined && !isLong ? room : room - hang;
  const lines = broken ? wrap([whole], width) : wrapWords(whole, width);
  return lines.map((line, index) => ({text: `${' '.repeat(index > 0 || deep ? hang : 0)}${line}`, look}));
}

/** Sentences, each to its end: in as many lines as it takes. */
export const Notices = part<NoticesProps>((props, {columns, height}) => {
  const {of, flush = false, wide = false, leaves, most = Number.POSITIVE_INFINITY} = props;
  const start = wide ? edge : margin;
  const lines = of.flatMap((each) =>
    sentence(typeof each === 'string' ? {text: each} : each, columns - start, flush || wide ? 0 : hanging),
  );
  const limit = leaves === undefined ? most : Math.max(1, Math.min(most, height - leaves));
  const texts = atMost(
    lines.map(({text}) => text),
    limit,
  );
  return texts.map((text, index) =>
    clip(plain(`${' '.repeat(start)}${text}`, styleOf(lines[index]?.look)), columns),
  );
});

/** One sentence. */
export const Notice = part<NoticeText & Omit<NoticesProps, 'of'>>(
  ({flush, wide, leaves, most, ...one}, room) => Notices.lines({of: [one], flush, wide, leaves, most}, room),
);

/** Why there is nothing to see, and what to do, below an empty line. */
export const Empty = part<{of: (string | NoticeText)[]}>(({of}, room) => [[], ...Notices.lines({of}, room)]);

/** What was said last, its mark at the edge: in as many lines as it takes, up to so many. */
export const Saying = part<{mark: string; text: string; most: number}>(({mark, text, most}, room) => {
  const look = lookOf(mark);
  if (mark === ' ') return Notices.lines({of: [text], wide: true, most}, room);
  const [first = [], ...others] = Notices.lines({of: [{text, look}], flush: true, most}, room);
  const [{text: line} = {text: ''}] = first;
  return [plain(` ${mark} ${line.slice(margin)}`, styleOf(look)), ...others];
});

/** A word, and what there is to say of it. */
export type ListedFact = {
  mark?: string;
  word: string;
  /** A sentence goes on under its beginning; spans take one line. */
  says: string | Spans;
  look?: Look;
  /** Of the word alone. */
  wordLook?: Look;
  /** A hash or a path: broken anywhere, in so many lines at most. */
  lines?: number;
};

/** `toEdge`: the last column of the terminal is used too. */
export type FactListProps = {of: ListedFact[]; width: number; toEdge?: boolean};

/** What is known, each with its word before it: `SPACE   60 MB of 21 GB free`. `width`: of the widest word. */
export const FactList = part<FactListProps>(({of, width, toEdge = false}, {columns}) => {
  const room = columns - margin - width - (toEdge ? 1 : 2);
  return of.flatMap(({mark = '', word, says, look = lookOf(mark), wordLook = look, lines}) => {
    const start = (index: number): string =>
      index === 0 ? ` ${pad(mark, 1)} ${pad(word, width)} ` : ' '.repeat(margin + width + 1);
    const lineAt = (line: Line, index: number): Line =>
      joined([{text: start(index), ...styleOf(wordLook)}, ...line]);
    if (typeof says !== 'string') return [lineAt(lineOf(says, columns - margin - width - 1, look), 0)];
    const text = escapeText(says);
    const parts = lines === undefined ? wrapWords(text, room) : wrap([text], room).slice(0, lines);
    return parts.map((line, index) => lineAt(plain(line, styleOf(look)), index));
  });
});
