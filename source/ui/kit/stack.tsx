import type {ReactNode} from 'react';
import {escapeText} from '../../engine/base/escape.ts';
import {fill, type Line, rule} from './line.ts';
import {elementsIn, linesOf, part, type Room} from './part.tsx';
import {lineOf, type Spans} from './span.ts';

type FlexProps = {
  children?: ReactNode;
  /** Whose turn comes later gives way first. */
  turn?: number;
  /** All of it, or nothing: then what comes later is left out too. */
  whole?: boolean;
  /** Lines that it takes in any case. */
  least?: number;
  /** Its last lines are seen rather than its first. */
  tail?: boolean;
  /** Takes all that is left. */
  fills?: boolean;
  /** What says that this is not all. */
  more?: Spans | undefined;
  /** Stands there instead, above `more`, where there is no room for all. */
  or?: ReactNode;
};

/** What gives way in a `Stack`: it gets the lines that its neighbours leave. */
export const Flex = part<FlexProps>(({children}, room) => linesOf(children, room));

function given(props: FlexProps, room: Room): Line[] {
  const {children, whole, tail, fills, more, or} = props;
  const {columns, height} = room;
  const lines = linesOf(children, room);
  if (lines.length <= height) return fills ? fill(lines, height) : lines;
  if (whole || height === 0) return [];
  if (tail) return lines.slice(-height);
  const rest = more === undefined ? height : height - 1;
  const kept = or === undefined ? lines : linesOf(or, {columns, height: rest});
  return [...kept.slice(0, rest), ...(more === undefined ? [] : [lineOf(more, columns)])];
}

const isFlex = (element: {type: unknown}): boolean => element.type === Flex;

/** Parts one below the other; those in `Flex` share what the others leave. */
export const Stack = part<{children?: ReactNode}>(({children}, room) => {
  const elements = elementsIn(children);
  const blocks = elements.map((element) => (isFlex(element) ? [] : linesOf(element as ReactNode, room)));
  let left = room.height - blocks.reduce((sum, lines) => sum + lines.length, 0);
  const flexible = elements
    .flatMap((element, index) => (isFlex(element) ? [{index, props: element.props as FlexProps}] : []))
    .toSorted((a, b) => (a.props.turn ?? 0) - (b.props.turn ?? 0));
  for (const {index, props} of flexible) {
    const height = Math.max(props.least ?? 0, left, 0);
    const lines = given(props, {columns: room.columns, height});
    const isLeftOut = props.whole === true && lines.length === 0 && height < Number.POSITIVE_INFINITY;
    left = isLeftOut ? 0 : left - lines.length;
    blocks[index] = lines;
  }
  return blocks.flat();
});

/**
 * A screen from top to bottom. What a message covers is its last lines, so that nothing above them moves.
 * @param asks its last line is a question, which stays in view with what was typed
 */
export const Page = part<{children?: ReactNode; asks?: boolean}>(({children, asks}, room) => {
  const {columns, height, seen = height} = room;
  const lines = Stack.lines({children}, {columns, height});
  const last = lines.at(-1);
  return fill(asks && last && lines.length > seen ? [...lines.slice(0, seen - 1), last] : lines, seen);
});

/** What there is to know of what is chosen: a rule with its name, and so many lines. */
export const Panel = part<{title?: string; height: number; more?: Spans; children?: ReactNode}>(
  ({title = '', height, more, children}, {columns}) => [
    rule(escapeText(title), columns),
    ...fill(Stack.lines({children: <Flex more={more}>{children}</Flex>}, {columns, height}), height),
  ],
);

/** An empty line. */
export const Gap = part(() => [[]]);
