import {type FilterAction, slice} from '../../state.ts';

export type HelpAction = FilterAction | {type: 'help opened'};

/** The top line of its text, and what is looked for in it. */
export type HelpState = {top: number; filter: string; typing: boolean};

const start: HelpState = {top: 0, filter: '', typing: false};

export const helpSlice = slice<HelpState, HelpAction>('help', {
  start,
  reduce(help, action) {
    switch (action.type) {
      case 'help opened':
      case 'filter cleared':
        return start;
      case 'filter opened':
        return {...help, typing: true};
      case 'filter written':
        return {top: 0, filter: action.text, typing: true};
      case 'filter kept':
        return {...help, typing: false};
    }
  },
});
