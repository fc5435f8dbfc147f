import {commonKeys} from '../../common-keys.ts';
import {clampText, moveText} from '../../kit/scroll.ts';
import {helpHeight} from '../../layout.ts';
import type {Screen, Screens} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {type HelpAction, helpSlice} from './state.ts';
import {helpHeightIn, helpView} from './View.tsx';

/** What each key of these screens does, and what the marks mean. */
export function help(screens: () => Screens): Screen<number, HelpAction> {
  const count = ({size}: AppState): number => helpHeightIn(screens(), commonKeys, size.columns);
  return {
    slice: helpSlice,
    title: 'Help',
    help: null,
    keys: [],
    View: helpView(screens, commonKeys),
    move: (top, how, state) => moveText(top, how, count(state), helpHeight(state.size)),
    fit: (top, state) => clampText(top, count(state), helpHeight(state.size)),
  };
}
