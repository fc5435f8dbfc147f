import {slice} from '../../state.ts';

export type HelpAction = {type: 'help opened'};

/** Top line of its text. */
export const helpSlice = slice<number, HelpAction>('help', {start: 0, reduce: () => 0});
