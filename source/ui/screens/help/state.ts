import {type FilterAction, type Filtered, reduceFilter} from '../../filter.ts';
import {slice} from '../../state.ts';

export type HelpAction = FilterAction | {type: 'help opened'};

/** The top line of its text, and what is looked for in it. */
export type HelpState = Filtered & {top: number};

const start: HelpState = {top: 0, filter: '', typing: false};

export const helpSlice = slice<HelpState, HelpAction>('help', {
  start,
  reduce(help, action) {
    if (action.type === 'help opened') return start;
    const isMoved = action.type === 'filter written' || action.type === 'filter cleared';
    return {top: isMoved ? 0 : help.top, ...reduceFilter(help, action)};
  },
});
