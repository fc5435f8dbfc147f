import {commonKeys} from '../../common-keys.ts';
import {Menu} from '../../kit/menu.tsx';
import type {Move} from '../../kit/scroll.ts';
import type {Binding, Screen, Screens} from '../../screen.ts';
import {chosenItem, paletteItems} from './items.ts';
import {type PaletteAction, paletteSlice} from './state.ts';

const page = 5;

/** Lines that a move goes; it goes round at both ends. */
function stepOf(how: Move, from: number): number {
  return {up: -1, down: 1, pageUp: -page, pageDown: page, first: -from, last: -1 - from}[how];
}

/** What can be done on the screen below, as a menu. */
export function palette(screens: () => Screens): Screen<number, PaletteAction> {
  const choose: Binding = {
    keys: ['enter'],
    label: 'do it',
    hint: 'do it',
    run(store, reach) {
      const state = store.get();
      const item = chosenItem(paletteItems(state, screens(), commonKeys), paletteSlice.of(state));
      store.dispatch({type: 'went back'});
      if (item) reach.attempt(item.binding);
    },
  };
  return {
    slice: paletteSlice,
    title: 'Menu',
    help: null,
    keys: [choose],
    View({state, slice}) {
      const items = paletteItems(state, screens(), commonKeys);
      const chosen = chosenItem(items, slice);
      return (
        <Menu
          items={items.map(({name, label}) => ({name, says: label}))}
          index={chosen ? items.indexOf(chosen) : 0}
          least={6}
        />
      );
    },
    move: (line, how) => line + stepOf(how, line),
  };
}
