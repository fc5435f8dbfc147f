import {moveText} from '../../kit/scroll.ts';
import {helpHeight} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import {HelpView} from './View.tsx';

/** What each key does, and what the marks mean. */
export const help: Screen = {
  title: 'Help',
  help: null,
  keys: [],
  View: HelpView,
  move: (state, how) => ({
    ...state,
    help: {...state.help, top: moveText(state.help.top, how, state.help.lines, helpHeight(state.size))},
  }),
};
