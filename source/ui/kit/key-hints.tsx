import {widthOf} from '../../presenters/graphemes.ts';
import {part} from './part.tsx';
import {key, lineOf} from './span.ts';

/** A key and what it does. `always`: it is there whatever gives way. */
type KeyHint = {key: string; hint: string; always: boolean};

/** What can be done: as many keys as there is room for, beside those that are always there. */
export const KeyHints = part<{of: KeyHint[]}>(({of}, {columns}) => {
  const width = (each: KeyHint): number => widthOf(each.key) + widthOf(each.hint) + 3;
  // The last one needs no gap behind it.
  let room = columns + 1 - of.filter(({always}) => always).reduce((sum, each) => sum + width(each), 0);
  const shown = of.filter((each) => {
    if (each.always) return true;
    room -= width(each);
    return room >= 0;
  });
  return [
    lineOf(
      [' ', ...shown.flatMap((each, index) => [index === 0 ? '' : '  ', key(each.key), ` ${each.hint}`])],
      columns,
    ),
  ];
});
