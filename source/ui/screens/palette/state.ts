import {keyName} from '../../keys.ts';
import type {Binding, Screens} from '../../screen.ts';
import {type AppState, slice} from '../../state.ts';

/** `line`: the one it stands on, counted from the first, in either direction; of those that hold what was typed. */
export type PaletteState = {line: number; filter: string};

export type PaletteAction = {type: 'palette opened'} | {type: 'palette written'; text: string};

const start: PaletteState = {line: 0, filter: ''};

export const paletteSlice = slice<PaletteState, PaletteAction>('palette', {
  start,
  reduce: (_, action) => (action.type === 'palette opened' ? start : {line: 0, filter: action.text}),
});

/** A line of the menu; `reason`: why it cannot be done just now. */
type Item = {
  binding: Binding;
  /** The beginning of what is said of the key: the rest stands below the menu. */
  short: string;
  label: string;
  reason: string | null;
  name: string;
};

/** What can be done on the screen below the menu, with its keys: what holds the text that was typed. */
export function paletteItems(state: AppState, screens: Screens, common: Binding[]): Item[] {
  const below = screens[state.screens.at(-2) ?? 'backups'];
  const wanted = paletteSlice.of(state).filter.toLowerCase();
  return [...(below?.keys ?? []), ...common]
    .filter(({unlisted}) => !unlisted)
    .map((binding) => {
      const reason = binding.why?.(state) ?? null;
      const {label} = binding;
      const short = `${label.split(/[:;,(]/)[0]}${reason ? '   not now' : ''}`;
      return {binding, reason, name: keyName(binding.keys[0] as string), short, label};
    })
    .filter(({name, label}) => `${name} ${label}`.toLowerCase().includes(wanted));
}

/** The one the menu stands on. */
export const chosenItem = (items: Item[], {line}: PaletteState): Item | undefined =>
  items[((line % items.length) + items.length) % items.length];
