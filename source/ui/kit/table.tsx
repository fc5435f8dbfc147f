import type {ReactNode} from 'react';
import {bar, clip, fill, isNarrow, type Line, lineWidth, percent} from './line.ts';
import {type Look, styleOf} from './look.ts';
import {linesOf, part} from './part.tsx';
import {joined, lineOf, type Spans} from './span.ts';

/** What stands in a cell. `rest`: over all columns that follow; `part`: a bar, full at 1; null: nothing. */
export type Cell = Spans | {rest: Spans} | {part: number} | null;

export type Column<Row> = {
  head?: Spans;
  /** @param room columns that it has */
  cell: (row: Row, index: number, room: number) => Cell;
  /** Exactly so many columns of the terminal. */
  width?: number;
  /** The same where the terminal is narrow; 0 leaves the column out. */
  narrow?: number;
  /** As wide as the widest cell. */
  fits?: boolean;
  least?: number;
  most?: number;
  /** Columns that it has before others grow, if a cell takes them. */
  keeps?: number;
  /** Of what the fixed ones leave, this part. */
  share?: number;
  /** Numbers stand at the right. */
  right?: boolean;
  /** Columns before it. */
  gap?: number;
};

export type TableProps<Row> = {
  columns: Column<Row>[];
  rows: Row[];
  /** How what has no look of its own is meant. */
  look?: (row: Row) => Look;
  /** The chosen row; its line is marked. */
  cursor?: number;
  /** The first one that is seen. */
  top?: number;
  /** Lines below the heads, filled; left out: as many as there are rows, or as there is room for with `more`. */
  height?: number | undefined;
  /** Stands there where there are no rows. */
  empty?: ReactNode;
  /** Rows there are, where not all were given. */
  total?: number;
  /** Says how many are not seen; takes a line where that is so. */
  more?: (hidden: number, rest: Row[]) => Spans;
  /** Lines between the rows that are seen, each before the one at its place, in their order. */
  between?: {at: number; line: Spans}[];
  /** What scrolls with them, below the last one. */
  after?: ReactNode;
  /** All of them together, below an empty line. */
  foot?: Row | undefined;
};

const margin = 3;
/** Columns of brackets and percent. */
const aroundBar = 7;
/** Rows that are looked at for the width of a column. */
const measured = 200;

type Placed<Row> = Column<Row> & {gap: number; room: number};

const isSpans = (cell: Cell): cell is Spans =>
  cell !== null && (typeof cell !== 'object' || (!('rest' in cell) && !('part' in cell)));

function widest<Row>({cell, head = ''}: Column<Row>, rows: Row[]): number {
  const widths = rows.slice(0, measured).map((row, index) => {
    const what = cell(row, index, Number.POSITIVE_INFINITY);
    return isSpans(what) ? lineWidth(lineOf(what, Number.POSITIVE_INFINITY)) : 0;
  });
  return Math.max(lineWidth(lineOf(head, Number.POSITIVE_INFINITY)), ...widths);
}

/** Shares the columns of the terminal out: what is fixed first, then what fits, then what grows, in their order. */
function place<Row>(columns: Column<Row>[], rows: Row[], width: number): Placed<Row>[] {
  const gives = isNarrow(width);
  const there = columns.filter(({narrow}) => !(gives && narrow === 0));
  const placed = there.map((column, index) => {
    const {narrow, width: fixed, least = 0, keeps = 0, gap = index === 0 ? 0 : 2} = column;
    const wanted = column.fits ? Math.min(column.most ?? Infinity, widest(column, rows)) : Infinity;
    const start = Math.max(least, Math.min(keeps, wanted));
    return {...column, gap, wanted, room: (gives ? narrow : undefined) ?? fixed ?? start};
  });
  const taken = (some: typeof placed): number => some.reduce((sum, {gap, room}) => sum + gap + room, 0);
  const open = placed.filter(({width: fixed}) => fixed === undefined);
  let left = width - margin - taken(placed);
  const shared = left + taken(open) - (open[0]?.gap ?? 0);
  const inTurn = [...open.filter(({fits}) => fits), ...open.filter(({fits}) => !fits)];
  for (const column of inTurn) {
    const {wanted, share, most = Infinity} = column;
    const limit = Math.min(wanted, most, share === undefined ? Infinity : Math.floor(shared * share));
    // Nothing stands beside the last one.
    const to = column === placed.at(-1) ? Infinity : limit;
    const more = Math.max(0, Math.min(to - column.room, left));
    column.room += more;
    left -= more;
  }
  return placed;
}

function cellLine(cell: Cell, width: number, look: Look): Line {
  if (cell === null) return [];
  if (isSpans(cell)) return lineOf(cell, width, look);
  if ('rest' in cell) return lineOf(cell.rest, width, look);
  return [{text: `[${bar(cell.part, width - aroundBar)}] ${percent(cell.part)}`}];
}

type Drawing = {isChosen?: boolean; look?: Look; width: number};

/** One row, in one line; the chosen one is marked, and bold. */
function rowLine<Row>(
  columns: Placed<Row>[],
  row: Row,
  index: number,
  {isChosen = false, look = 'none', width}: Drawing,
): Line {
  const line: Line = [{text: isChosen ? ' > ' : '   '}];
  let end = margin;
  let start = margin;
  for (const {cell, gap, room, right} of columns) {
    start += gap;
    const what = cell(row, index, Math.min(room, width - start));
    const isRest = what !== null && !isSpans(what) && 'rest' in what;
    const segments = cellLine(what, isRest ? width - start : Math.min(room, width - start), look);
    const shift = right && !isRest ? Math.max(0, room - lineWidth(segments)) : 0;
    line.push({text: ' '.repeat(Math.max(0, start + shift - end))}, ...segments);
    end = start + shift + lineWidth(segments);
    start += room;
    if (isRest) break;
  }
  const styled = isChosen ? line.map((segment) => ({...segment, ...styleOf('strong')})) : line;
  return clip(joined(styled), width);
}

const headLine = <Row,>(columns: Placed<Row>[], width: number): Line =>
  rowLine(
    columns.map(({head = '', ...column}) => ({...column, cell: () => head})),
    null as Row,
    0,
    {width},
  );

/** How many rows are seen, and whether a line says that there are more. */
function windowOf<Row>(
  {rows, total = rows.length, height, more, between = []}: TableProps<Row>,
  room: number,
) {
  const lines = height ?? (more === undefined ? total : Math.max(0, room));
  const hasMore = more !== undefined && total > lines;
  return {lines, hasMore, count: Math.max(0, lines - (hasMore ? 1 : 0) - between.length)};
}

function tableLines<Row>(props: TableProps<Row>, room: {columns: number; height: number}): Line[] {
  const {
    columns,
    rows,
    cursor,
    top = 0,
    empty = null,
    total = rows.length,
    between = [],
    after,
    foot,
  } = props;
  const width = room.columns;
  const isHeaded = columns.some(({head}) => head !== undefined);
  const {lines: height, hasMore, count} = windowOf(props, room.height - (isHeaded ? 1 : 0));
  const seen = rows.slice(top, top + count);
  // Where there are more than were given, only those that are seen say how wide a column is.
  const known = total === rows.length ? rows.slice(0, measured) : seen;
  const placed = place(columns, foot === undefined ? known : [foot, ...known], width);
  const lines = seen.map((row, index) => {
    const drawing = {isChosen: top + index === cursor, look: props.look?.(row) ?? 'none', width};
    return rowLine(placed, row, top + index, drawing);
  });
  if (rows.length === 0) lines.push(...linesOf(empty, room));
  if (after !== undefined) lines.push(...linesOf(after, room).slice(Math.max(0, top - rows.length)));
  for (const {at, line} of between.toReversed()) lines.splice(at, 0, lineOf(line, width));
  const hidden = total - top - seen.length;
  const more = hasMore ? props.more?.(hidden, rows.slice(top + seen.length)) : undefined;
  return [
    ...(isHeaded ? [headLine(placed, width)] : []),
    ...(props.height === undefined ? lines : fill(lines, height - (hasMore ? 1 : 0))),
    ...(more === undefined ? [] : [lineOf(more, width)]),
    ...(foot === undefined ? [] : [[], rowLine(placed, foot, -1, {width})]),
  ];
}

/** Rows in columns, a line each, of which those in the window are drawn. */
// biome-ignore lint/suspicious/noExplicitAny: it is one part, for rows of any kind
export const Table = part<TableProps<any>>(tableLines) as unknown as (<Row>(
  props: TableProps<Row>,
) => ReactNode) & {lines: typeof tableLines};
