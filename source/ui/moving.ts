import type {Move} from './kit/scroll.ts';
import type {Reason} from './reasons.ts';
import type {Binding} from './screen.ts';
import type {AppAction} from './state.ts';

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

/** The keys of a text that is wider than the terminal. */
export const sidewaysKeys = (why: Reason, look: (how: 'left' | 'right') => AppAction): Binding[] => [
  {
    keys: ['right', 'l'],
    label: 'look further right',
    hint: 'scroll',
    why,
    run: (store) => store.dispatch(look('right')),
  },
  {keys: ['left', 'h'], label: 'look further left', why, run: (store) => store.dispatch(look('left'))},
];
