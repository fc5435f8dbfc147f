import {escapeText} from '../../../engine/base/escape.ts';
import type {DiffLine} from '../../../engine/differences/lines.ts';
import type {Comparing, TableDifference} from '../../../engine/differences/tables.ts';
import type {Difference} from '../../../engine/differences/texts.ts';
import {isSentence, type SeenLine, sentencesOf, shownLine} from '../../../presenters/difference-view.ts';
import {widthOf, wrapWords} from '../../../presenters/graphemes.ts';
import {isEven, rowText, unlisted} from '../../../presenters/tables-view.ts';
import type {Scroll} from '../../kit/scroll.ts';
import {detailHeight, type Size} from '../../layout.ts';

/** Tables, those first that are not the same. */
export function tablesOf({difference}: OpenedDifference): TableDifference[] {
  if (difference?.kind !== 'tables') return [];
  return difference.tables.toSorted((one, other) => Number(isEven(one)) - Number(isEven(other)));
}

/** The rows of a table that differ, a line each. */
function rowLines(table: TableDifference | undefined): SeenLine[] {
  if (!table || table.isCounted) return [];
  const rest = unlisted(table);
  const rows = table.rows.map(
    (row): SeenLine => ({mark: row.mark === '!' ? '~' : row.mark, text: rowText(row)}),
  );
  return [...rows, ...(rest === null ? [] : [{mark: '!' as const, text: rest}])];
}

/** All that scrolls: sentences first, then the lines; of tables the rows of the chosen one. Not escaped yet but for the sentences. */
export function linesOfDifference(opened: OpenedDifference, columns: number): SeenLine[] {
  const {difference} = opened;
  if (!difference) return [];
  if (difference.kind === 'tables') return rowLines(tablesOf(opened)[opened.list.cursor]);
  const sentences = sentencesOf(difference)
    .flatMap((text) => wrapWords(escapeText(text), columns - 5))
    .map((text): SeenLine => ({mark: '!', text}));
  return difference.kind === 'lines' ? [...sentences, ...difference.lines] : sentences;
}

/** Columns of the widest line that is seen. */
export function widestSeen(opened: OpenedDifference, size: Size): number {
  return linesOfDifference(opened, size.columns)
    .slice(opened.top, opened.top + detailHeight(size))
    .reduce((most, line) => Math.max(most, isSentence(line) ? 0 : widthOf(shownLine(line as DiffLine))), 0);
}

/** How one dataset differs, as far as it has been read, and what is seen of it. */
export type OpenedDifference = {
  name: string;
  difference: Difference | null;
  /** What is being compared, and how far that is; null before, and of what is only read. */
  comparing: Comparing | null;
  /** Of its tables: the chosen one, and the first that is seen. */
  list: Scroll;
  /** Why nothing could be read; null while all is well. */
  problem: string | null;
  /** Bytes compared so far, and of how many. */
  done: number;
  total: number;
  /** First line, and first column, that is seen. */
  top: number;
  left: number;
};
