import {move, settle} from '../../kit/scroll.ts';
import {configLayout} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {configLines} from './state.ts';
import {ConfigView} from './View.tsx';

const count = ({configuration, changes}: AppState): number => configLines(configuration, changes).length;

/** Every value of the configuration, and where it came from. */
export const config: Screen = {
  title: 'Configuration',
  help: null,
  keys: [],
  View: ConfigView,
  move: (state, how) => ({
    ...state,
    config: move(state.config, how, count(state), configLayout(state.size).list),
  }),
  fit: (state) => ({...state, config: settle(state.config, count(state), configLayout(state.size).list)}),
};
