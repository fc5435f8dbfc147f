/** A window of `height` lines over `count` items, with the cursor always inside. */
export type Scroll = {cursor: number; top: number};

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

/** Puts the cursor inside the list, and the window around it: a step out of it scrolls half a page, so that few do. */
export function settle({cursor, top}: Scroll, count: number, height: number): Scroll {
  const last = Math.max(0, count - 1);
  const to = clamp(cursor, 0, last);
  const page = Math.max(1, height);
  let first = clamp(top, 0, Math.max(0, count - page));
  if (to < first) first = clamp(to - Math.floor((page - 1) / 2), 0, last);
  if (to >= first + page) first = clamp(to - Math.floor(page / 2), 0, Math.max(0, count - page));
  return {cursor: to, top: first};
}

export type Move = 'up' | 'down' | 'pageUp' | 'pageDown' | 'first' | 'last';

/** How far a move goes in a list of `count` lines, `height` of which are seen; a page keeps one line in sight. */
export function stepOf(how: Move, count: number, height: number): number {
  const page = Math.max(1, height - 1);
  return {up: -1, down: 1, pageUp: -page, pageDown: page, first: -count, last: count}[how];
}

/** The cursor after a move; the window follows by `settle`. */
export const move = (scroll: Scroll, how: Move, count: number, height: number): Scroll =>
  settle({...scroll, cursor: scroll.cursor + stepOf(how, count, height)}, count, height);

/** A text's top line that leaves no blank below while there is text above. */
export const clampText = (top: number, count: number, height: number): number =>
  clamp(top, 0, Math.max(0, count - height));

/** The top line of a text without a cursor after a move. */
export const moveText = (top: number, how: Move, count: number, height: number): number =>
  clampText(top + stepOf(how, count, height), count, height);
