import type {Binding} from './screen.ts';
import type {Move} from './scroll.ts';

const key = (how: Move, keys: string[], label: string): Binding => ({
  keys,
  label,
  run: (store) => store.dispatch({type: 'moved', how}),
});

/** The keys of whatever scrolls: the screen that is seen says what they move. */
export const movingKeys: Binding[] = [
  key('up', ['up', 'k'], 'up'),
  key('down', ['down', 'j'], 'down'),
  key('pageUp', ['pageup', 'ctrl+b'], 'a page up'),
  key('pageDown', ['pagedown', 'ctrl+f'], 'a page down'),
  key('first', ['g', 'home'], 'to the first'),
  key('last', ['G', 'end'], 'to the last'),
];
