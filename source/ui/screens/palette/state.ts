import {withoutLast} from '../../../presenters/graphemes.ts';
import {slice} from '../../state.ts';

/** `line`: the one it stands on, counted from the first, in either direction; of those that hold what was typed. */
export type PaletteState = {line: number; filter: string};

export type PaletteAction =
  | {type: 'palette opened'}
  | {type: 'palette typed'; text: string}
  | {type: 'palette erased'};

const start: PaletteState = {line: 0, filter: ''};

export const paletteSlice = slice<PaletteState, PaletteAction>('palette', {
  start,
  reduce({filter}, action) {
    switch (action.type) {
      case 'palette opened':
        return start;
      case 'palette typed':
        return {line: 0, filter: filter + action.text};
      case 'palette erased':
        return {line: 0, filter: withoutLast(filter)};
    }
  },
});
