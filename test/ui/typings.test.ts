import {expect, test} from 'vitest';
import type {Reach} from '../../source/ui/screen.ts';
import type {AppState, AppStore} from '../../source/ui/state.ts';
import {createStore} from '../../source/ui/store.ts';
import {typingInto} from '../../source/ui/typings.ts';
import {anApp} from '../support/states.ts';

/** What is left of a text after these keys. */
function after(text: string, ...keys: string[]): string {
  let typed = text;
  const typing = typingInto({
    help: '',
    text: () => typed,
    write: (now) => ({type: 'said', message: {text: now, tone: 'plain'}}),
    keys: [],
    clears: 'the label',
  });
  const store: AppStore = createStore(anApp(), (state: AppState, action) => {
    if (action.type === 'said') typed = action.message.text;
    return {...state};
  });
  for (const key of keys) typing.keys.find((each) => each.keys.includes(key))?.run(store, {} as Reach);
  return typed;
}

test.each([
  ['aé', ['backspace'], 'a'],
  ['pre😀', ['backspace'], 'pre'],
  ['pre👨‍👩‍👧', ['backspace'], 'pre'],
  ['olde\u0301', ['backspace'], 'old'],
  ['a', ['backspace', 'backspace'], ''],
  ['abc', ['ctrl+u'], ''],
])('%j loses by %j whole characters, or all of it', (text, keys, left) => {
  expect(after(text, ...keys)).toBe(left);
});

test('what is not to be cleared has no key for that', () => {
  const typing = typingInto({
    help: '',
    text: () => '',
    write: (text) => ({type: 'answer written', text}),
    keys: [],
  });
  expect(typing.keys.map(({label}) => label)).toEqual(['erase a character']);
});
