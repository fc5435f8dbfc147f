import {lengthOf} from '../engine/session/about.ts';
import {insert} from './editing.ts';
import {isText, keyName} from './keys.ts';
import {fits} from './layout.ts';
import {bindingFor} from './meaning.ts';
import {type Binding, type Reach, say, type Typing} from './screen.ts';
import {screenOf, screens, typingIn} from './screens.ts';
import type {AppStore} from './state.ts';

/** A reason that counts down is the same one. */
const shape = (reason: string): string => reason.replace(/\d+/g, '0');

function attempt(binding: Binding, store: AppStore, reach: Reach): void {
  const reason = binding.why?.(store.get()) ?? null;
  if (reason) {
    const text = `${keyName(binding.keys[0] as string)} not now: ${reason}.`;
    say(store, text, 'plain', (state) => shape(binding.why?.(state) ?? '') === shape(reason));
  } else binding.run(store, reach);
}

function whyNotPaste(typing: Typing | null, line: string): string | null {
  if (typing === null) return 'it would be taken for keys';
  if (!typing.isLine) return 'what is confirmed has to be typed, so that it is read';
  if (/[\r\n]/.test(line)) return 'it is more than one line';
  return /\p{Cc}/u.test(line) ? 'it has a tab or another control character in it' : null;
}

/** Has a line take it whole or not at all: nothing that is recorded is cut without a word. */
function takenWhole(store: AppStore, typing: Typing, text: string): boolean {
  const before = store.get();
  const old = typing.text(before);
  insert(store, typing, text);
  if (!typing.isLine || lengthOf(typing.text(store.get())) >= lengthOf(old) + lengthOf(text)) return true;
  store.dispatch(typing.write(old));
  if (before.caret) store.dispatch({type: 'caret moved', caret: before.caret});
  return false;
}

/**
 * What to do with pasted text: a label, a reason or a ticket takes its one line, everything else refuses it, and a count
 * above all, which is typed so that it is read.
 */
export function paste(store: AppStore, text: string): void {
  const state = store.get();
  if (!fits(state.size)) return;
  store.dispatch({type: 'key pressed'});
  const typing = typingIn(state);
  const line = text.replace(/[\r\n]+$/, '');
  const why =
    whyNotPaste(typing, line) ?? (typing && takenWhole(store, typing, line) ? null : 'it is too long');
  if (why !== null) say(store, `Pasted text is ignored here: ${why}.`, 'plain');
}

/** Milliseconds for which a screen that writes is only looked at: what was typed ahead was not meant for it. */
const settling = 300;

/** Milliseconds without a key after which the next one is meant for what is seen. */
const pause = 1000;

/** Keys that mean the same whenever they come. */
const anyTime = ['ctrl+c', 'ctrl+l', 'ctrl+z'];

/** What keys reach, beside what is here. */
export type OuterReach = Omit<Reach, 'screens' | 'attempt'>;

/** Turns keys into changes of state and effects; each key sees what the one before it did. */
export function createHandler(store: AppStore, given: OuterReach): (key: string) => void {
  const reach: Reach = {
    ...given,
    screens,
    attempt: (binding) => attempt(binding, store, reach),
  };
  /** A character was typed last; since when, of the screen that is seen, one typed on where nothing can be typed any more. */
  let typedOn: number | null = null;

  /** Whether it is the rest of what was typed into something that has gone by itself since. */
  function isRest(typing: Typing | null): boolean {
    if (typedOn === null || typing !== null) return false;
    const shown = given.shownFor();
    if (shown - Math.min(typedOn, shown) >= pause) return false;
    typedOn = shown;
    return true;
  }

  return (key) => {
    const state = store.get();
    const screen = screenOf(state);
    const typing = typingIn(state);
    const isSettling = screen.writes && given.shownFor() < settling;
    if (!anyTime.includes(key) && (isRest(typing) || isSettling)) return;
    typedOn = null;
    const isOwn = screen.keys.some(({keys}) => keys.includes(key));
    if (screen.passing && !isOwn && !anyTime.includes(key)) {
      store.dispatch({type: 'went back'});
      return;
    }
    if (typing && isText(key) && fits(state.size) && (typing.takes?.test(key) ?? true)) {
      store.dispatch({type: 'key pressed'});
      if (!takenWhole(store, typing, key)) say(store, 'No more fits here.', 'beware');
      typedOn = 0;
      return;
    }
    const binding = bindingFor(state, key);
    // What was said stays until it can be read.
    if (binding ? !binding.again : fits(state.size)) store.dispatch({type: 'key pressed'});
    if (binding) attempt(binding, store, reach);
  };
}
