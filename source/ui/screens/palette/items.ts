import {keyName} from '../../keys.ts';
import type {Binding, Screens} from '../../screen.ts';
import type {AppState} from '../../state.ts';

/** A line of the menu; `reason`: why it cannot be done just now. */
export type Item = {binding: Binding; label: string; reason: string | null; name: string};

/** What can be done on the screen below the menu, with its keys. */
export function paletteItems(state: AppState, screens: Screens, common: Binding[]): Item[] {
  const below = screens[state.screens.at(-2) ?? 'backups'];
  return [...(below?.keys ?? []), ...common]
    .filter(({unlisted}) => !unlisted)
    .map((binding) => {
      const reason = binding.why?.(state) ?? null;
      const label = `${binding.label}${reason ? ` (not now: ${reason})` : ''}`;
      return {binding, reason, name: keyName(binding.keys[0] as string), label};
    });
}

/** The one the menu stands on. */
export const chosenItem = (items: Item[], line: number): Item | undefined =>
  items[((line % items.length) + items.length) % items.length];
