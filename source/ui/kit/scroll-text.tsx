import type {ReactNode} from 'react';
import {fill} from './line.ts';
import {linesOf, part} from './part.tsx';
import {flat, lineOf, type Spans} from './span.ts';

/** Which lines of a text of so many are on the screen, and how the others come there. */
export function whereIn(top: number, height: number, count: number): string {
  const last = Math.min(count, top + height);
  return `lines ${count === 0 ? 0 : top + 1}-${last} of ${count}${last < count ? '   PgDn more' : ''}`;
}

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
