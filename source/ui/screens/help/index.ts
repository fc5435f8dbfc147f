import {commonKeys} from '../../common-keys.ts';
import {clampText, moveText} from '../../kit/scroll.ts';
import {textHeight} from '../../layout.ts';
import type {Screen, Screens} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {filtering} from '../../typings.ts';
import {type HelpAction, type HelpState, helpSlice} from './state.ts';
import {helpHeightIn, helpView} from './View.tsx';

/** What each key of these screens does, and what the marks mean. */
export function help(screens: () => Screens): Screen<HelpState, HelpAction> {
  const count = ({filter}: HelpState, {size}: AppState): number =>
    helpHeightIn(screens(), commonKeys, size.columns, filter);
  return {
    slice: helpSlice,
    title: 'Help',
    help: 'In the help',
    keys: [
      {
        keys: ['/'],
        label: 'look for a word in the help',
        hint: 'find',
        run: (store) => store.dispatch(helpSlice.to({type: 'filter opened'})),
      },
    ],
    ...filtering(helpSlice),
    View: helpView(screens, commonKeys),
    move: (at, how, state) => ({...at, top: moveText(at.top, how, count(at, state), textHeight(state.size))}),
    fit: (at, state) => ({...at, top: clampText(at.top, count(at, state), textHeight(state.size))}),
  };
}
