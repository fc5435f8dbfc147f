import type {ReactNode} from 'react';
import {fill, linesShown} from './line.ts';
import {linesOf, part} from './part.tsx';
import {flat, lineOf, type Spans} from './span.ts';

/** Where one is in a text of so many lines. */
export const whereIn = (top: number, height: number, count: number): string =>
  linesShown(count === 0 ? 0 : top + 1, Math.min(count, top + height), count);

type ScrollProps = {
  /** The first line that is seen. */
  top: number;
  height: number;
  /** A text by its lines, of which only those that are seen are looked at. */
  of?: readonly Spans[];
  /** Columns before each of them. */
  indent?: number;
  /** Or parts. */
  children?: ReactNode;
};

/** As much of a text as there are lines for. */
export const ScrollText = part<ScrollProps>(({top, height, of, indent = 1, children}, {columns}) =>
  fill(
    of
      ? of
          .slice(top, top + height)
          .map((line) => lineOf([' '.repeat(indent), ...flat(line, columns)], columns))
      : linesOf(children, {columns, height: Number.POSITIVE_INFINITY}).slice(top, top + height),
    height,
  ),
);
