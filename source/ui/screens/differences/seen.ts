import {escapeText} from '../../../engine/base/escape.ts';
import type {Difference} from '../../../engine/differences/difference.ts';
import type {DiffLine} from '../../../engine/differences/lines.ts';
import {isSentence, type SeenLine, sentencesOf, shownLine} from '../../../presenters/difference-view.ts';
import {widthOf, wrapWords} from '../../../presenters/graphemes.ts';
import {differenceHeight, type Size} from '../../layout.ts';

/** All that scrolls: sentences first, then the lines. Not escaped yet but for the sentences. */
export function linesOfDifference({difference}: OpenedDifference, columns: number): SeenLine[] {
  if (!difference) return [];
  const sentences = sentencesOf(difference)
    .flatMap((text) => wrapWords(escapeText(text), columns - 5))
    .map((text): SeenLine => ({mark: '!', text}));
  return difference.kind === 'lines' ? [...sentences, ...difference.lines] : sentences;
}

/** Columns of the widest line that is seen. */
export function widestSeen(opened: OpenedDifference, size: Size): number {
  return linesOfDifference(opened, size.columns)
    .slice(opened.top, opened.top + differenceHeight(size))
    .reduce((most, line) => Math.max(most, isSentence(line) ? 0 : widthOf(shownLine(line as DiffLine))), 0);
}

/** How one dataset differs, as far as it has been read, and what is seen of it. */
export type OpenedDifference = {
  name: string;
  difference: Difference | null;
  /** Why nothing could be read; null while all is well. */
  problem: string | null;
  /** Bytes compared so far, and of how many. */
  done: number;
  total: number;
  /** First line, and first column, that is seen. */
  top: number;
  left: number;
};
