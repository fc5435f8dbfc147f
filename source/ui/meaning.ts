import {type Binding, bindings, type Scope} from './common-keys.ts';
import {isText} from './keys.ts';
import {currentScreen, typingIn} from './screen.ts';
import type {AppState} from './state.ts';

/** The scopes that are listened to, nearest first. */
export function scopesOf(state: AppState): Scope[] {
  const screen = currentScreen(state);
  const typing = typingIn(state);
  if (typing === 'count') return ['count', 'prune', 'lists', 'everywhere'];
  if (typing) return [typing, 'everywhere'];
  return [screen, 'lists', 'everywhere'];
}

/** The binding a key means now: the nearest scope's that is not disabled, else one with its reason. */
export function bindingFor(state: AppState, key: string): Binding | null {
  const found = scopesOf(state).flatMap((scope) =>
    bindings.filter((binding) => binding.scope === scope && binding.keys.includes(key)),
  );
  return found.find((binding) => !binding.disabledReason?.(state)) ?? found[0] ?? null;
}

const names: Record<string, string> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  ' ': 'Space',
  backspace: 'Backspace',
};

/** A key as it is written on the screen: `Enter`, `^C`, `j`. */
export const keyName = (key: string): string =>
  names[key] ?? (key.startsWith('ctrl+') ? `^${key.slice(5).toUpperCase()}` : key);

/** What the line at the bottom names: what can be done now, in the table's order. `always`: the way out, and help. */
export function hints(state: AppState): {key: string; hint: string; always: boolean}[] {
  const root = state.screens.length === 1;
  const typing = typingIn(state);
  return (
    scopesOf(state)
      .flatMap((scope) => bindings.filter((binding) => binding.scope === scope))
      .filter((binding) => binding.hint && !binding.disabledReason?.(state))
      // Where characters are typed, one is no command.
      .filter(({keys}) => !typing || typing === 'count' || !isText(keys[0] as string))
      .filter(({id}) => (root ? id !== 'back' || state.backups.filter !== '' || typing : id !== 'quit'))
      .map(({keys, hint, scope}) => ({
        key: keyName(keys[0] as string),
        hint: hint as string,
        always: scope === 'everywhere',
      }))
  );
}
