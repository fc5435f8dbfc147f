import {commonKeys} from '../../common-keys.ts';
import {Menu} from '../../kit/menu.tsx';
import type {Move} from '../../kit/scroll.ts';
import {TextField} from '../../kit/text-field.tsx';
import {Notice} from '../../kit/words.tsx';
import type {Screen, Screens, ViewProps} from '../../screen.ts';
import {typingInto} from '../../typings.ts';
import {chosenItem, type PaletteAction, type PaletteState, paletteItems, paletteSlice} from './state.ts';

const page = 5;

/** Lines that a move goes; it goes round at both ends. */
function stepOf(how: Move, from: number): number {
  return {up: -1, down: 1, pageUp: -page, pageDown: page, first: -from, last: -1 - from}[how];
}

/** Lines above and below the list: what was typed, and what there is to say of the chosen one. */
const said = 3;
const beside = 1 + said;

const typing = typingInto({
  help: 'In the menu',
  text: (state) => paletteSlice.of(state).filter,
  write: (text) => paletteSlice.to({type: 'palette written', text}),
  isLine: true,
  beside: true,
  keys: [],
});

/** What can be done on the screen below, as a menu. */
export function palette(screens: () => Screens): Screen<PaletteState, PaletteAction> {
  function View({state, slice}: ViewProps<PaletteState>) {
    const items = paletteItems(state, screens(), commonKeys);
    const chosen = chosenItem(items, slice);
    const why = chosen?.reason ? ` Not now: ${chosen.reason}.` : '';
    const about = chosen
      ? `${chosen.label}.${why}`
      : 'Nothing matches. Backspace takes back a character, Esc goes back.';
    return (
      <Menu
        items={items.map(({name, short}) => ({name, says: short}))}
        index={chosen ? items.indexOf(chosen) : 0}
        least={6}
        above={<TextField asks=" Type to find: " text={slice.filter} />}
        below={<Notice text={about} most={said} />}
        beside={beside}
      />
    );
  }
  return {
    slice: paletteSlice,
    title: 'Menu',
    help: null,
    keys: [
      {
        keys: ['enter'],
        label: 'do it',
        hint: 'do it',
        run(store, reach) {
          const state = store.get();
          const item = chosenItem(paletteItems(state, screens(), commonKeys), paletteSlice.of(state));
          if (!item) return;
          store.dispatch({type: 'went back'});
          reach.attempt(item.binding);
        },
      },
    ],
    typings: [typing],
    typing: () => typing,
    View,
    move: (at, how) => ({...at, line: at.line + stepOf(how, at.line)}),
  };
}
