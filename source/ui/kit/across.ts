import {escapeText} from '../../engine/base/escape.ts';
import {widthOf} from '../../presenters/graphemes.ts';
import {cutEnd, type Spans} from './span.ts';

/** Columns of a table that are scrolled across: the first one that is seen, how many are, and how wide each is. */
export type Across = {first: number; seen: number; width: number};

/** Columns before each. */
export const acrossGap = 1;

/**
 * As many columns as there is room for, each as wide as the others, from one on.
 * @param names of all of them, which head them
 * @param left the first one that is asked for: at the end of them as many as fit are seen
 * @param room of the terminal, for all that are seen
 */
export function across(
  names: string[],
  left: number,
  {room, least, most}: {room: number; least: number; most: number},
): Across {
  const seen = Math.max(1, Math.min(names.length, Math.floor(room / (least + acrossGap))));
  const first = Math.max(0, Math.min(left, names.length - seen));
  const widest = Math.max(0, ...names.slice(first, first + seen).map((name) => widthOf(escapeText(name))));
  const fitting = Math.floor(room / seen) - acrossGap;
  return {first, seen, width: Math.min(fitting, Math.max(least, Math.min(most, widest)))};
}

/** The head of one: `<` and `>` say that there are more on that side. */
export function acrossHead(names: string[], index: number, {first, seen}: Across): Spans {
  const name = cutEnd(names[index] ?? '');
  return [
    index === first && first > 0 ? '< ' : '',
    name,
    index === first + seen - 1 && index + 1 < names.length ? ' >' : '',
  ];
}
