import {type Binding, bindings, type Scope} from '../../common-keys.ts';
import {keyName} from '../../meaning.ts';
import type {AppState} from '../../state.ts';

const notOffered = new Set(['palette', 'interrupt', 'back', 'choose']);

/** The actions of the screen below the menu, with their keys, and why those that cannot be done cannot. */
export function paletteItems(state: AppState): {binding: Binding; label: string; reason: string | null}[] {
  const below = state.screens.at(-2) ?? 'backups';
  const scopes: Scope[] = [below, 'everywhere'];
  return bindings
    .filter((binding) => scopes.includes(binding.scope) && !notOffered.has(binding.id))
    .map((binding) => {
      const reason = binding.disabledReason?.(state) ?? null;
      const key = keyName(binding.keys[0] as string).padEnd(6);
      return {binding, reason, label: `${key} ${binding.label}${reason ? ` (not now: ${reason})` : ''}`};
    });
}

/** The one the menu stands on. */
export function chosenItem(state: AppState) {
  const items = paletteItems(state);
  return items[((state.palette % items.length) + items.length) % items.length];
}
