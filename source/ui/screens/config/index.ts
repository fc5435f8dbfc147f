import {move, type Scroll, settle} from '../../kit/scroll.ts';
import {configLayout} from '../../layout.ts';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {type ConfigAction, configLines, configSlice} from './state.ts';
import {ConfigView} from './View.tsx';

const count = ({configuration, changes}: AppState): number => configLines(configuration, changes).length;

/** Every value of the configuration, and where it came from. */
export const config: Screen<Scroll, ConfigAction> = {
  slice: configSlice,
  title: 'Configuration',
  help: null,
  keys: [],
  entries: [
    {
      keys: ['c'],
      label: 'the configuration: every value, and where it came from',
      run: (store) => store.dispatch(configSlice.open({type: 'config opened'})),
    },
  ],
  View: ConfigView,
  move: (scroll, how, state) => move(scroll, how, count(state), configLayout(state.size).list),
  fit: (scroll, state) => settle(scroll, count(state), configLayout(state.size).list),
};
