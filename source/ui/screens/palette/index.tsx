import type {ReactNode} from 'react';
import {Menu} from '../../kit/menu.tsx';
import type {Move} from '../../kit/scroll.ts';
import type {Binding, Screen, ViewProps} from '../../screen.ts';
import {chosenItem, paletteItems} from './state.ts';

const choose: Binding = {
  keys: ['enter'],
  label: 'do it',
  hint: 'do it',
  run(store, reach) {
    const state = store.get();
    const item = chosenItem(paletteItems(state, reach), state.palette);
    store.dispatch({type: 'went back'});
    if (item) reach.attempt(item.binding);
  },
};

/** What can be done on the screen below, as a menu. */
export function Palette({state, height, ...reach}: ViewProps): ReactNode {
  const items = paletteItems(state, reach);
  const chosen = chosenItem(items, state.palette);
  return (
    <Menu
      labels={items.map(({label}) => label)}
      index={chosen ? items.indexOf(chosen) : 0}
      columns={state.size.columns}
      height={height}
    />
  );
}

const page = 5;

/** Lines that a move goes; it goes round at both ends. */
function stepOf(how: Move, from: number): number {
  return {up: -1, down: 1, pageUp: -page, pageDown: page, first: -from, last: -1 - from}[how];
}

export const palette: Screen = {
  title: 'Menu',
  help: null,
  keys: [choose],
  View: Palette,
  move: (state, how) => ({...state, palette: state.palette + stepOf(how, state.palette)}),
};
