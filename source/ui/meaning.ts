import {commonKeys} from './common-keys.ts';
import {editingKeys, isInside} from './editing.ts';
import {isText, keyName} from './keys.ts';
import {fits} from './layout.ts';
import {movingKeys} from './moving.ts';
import type {Binding} from './screen.ts';
import {screenOf, typingIn} from './screens.ts';
import type {AppState} from './state.ts';

/** The keys that are listened to, nearest first. */
export function layersOf(state: AppState): Binding[][] {
  const screen = screenOf(state);
  const typing = typingIn(state);
  if (!typing) return [screen.keys, movingKeys, commonKeys];
  if (typing.beside) return [typing.keys, screen.keys, movingKeys, commonKeys];
  const editing = typing.isLine ? editingKeys(typing) : [];
  // At the end of the line its own keys come first: some of them do more there.
  return isInside(typing, state) ? [editing, typing.keys, commonKeys] : [typing.keys, editing, commonKeys];
}

/** What a key means now: the nearest that can be done, else one with its reason. Nothing is obeyed that cannot be seen. */
export function bindingFor(state: AppState, key: string): Binding | null {
  const found = layersOf(state)
    .flat()
    .filter(({keys, blind = false}) => keys.includes(key) && (blind || fits(state.size)));
  return found.find(({why}) => !why?.(state)) ?? found[0] ?? null;
}

const hintOf = ({hint}: Binding, state: AppState): string | null =>
  (typeof hint === 'function' ? hint(state, screenOf(state)) : hint) ?? null;

/** What the footer names: what can be done now, in the keys' order. `always`: the way out, and help. */
export function hints(state: AppState): {key: string; hint: string; always: boolean}[] {
  const typing = typingIn(state);
  return layersOf(state).flatMap((layer) =>
    layer.flatMap((binding) => {
      const [first = ''] = binding.keys;
      const hint = hintOf(binding, state);
      if (hint === null || binding.why?.(state)) return [];
      // Where characters are typed, one is no command.
      if (typing && !typing.beside && isText(first)) return [];
      return [{key: keyName(first), hint, always: layer === commonKeys}];
    }),
  );
}
