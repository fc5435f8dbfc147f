import {withoutLast} from '../presenters/graphemes.ts';
import type {FilterAction, Filtered} from './filter.ts';
import {type Binding, type Perform, questionOf, type Screen, say, type Typing} from './screen.ts';
import type {AppAction, AppState} from './state.ts';

const giveAnswer: Perform = (store, reach) => {
  const state = store.get();
  const {prompt} = state;
  const question = questionOf(state, reach.screens);
  if (!prompt || !question) return;
  const {lacks, stays = false, give} = question;
  const why = lacks?.(prompt) ?? null;
  if (why !== null) {
    say(store, why, 'beware');
    return;
  }
  if (!stays) store.dispatch({type: 'answer given'});
  give(prompt, store, reach);
};

/** `erases`: what Backspace takes back; `clears`: what Ctrl+U does, which is no key of it without that. */
type Into = Typing & {erases?: string; clears?: string};

/** Something that characters are typed into, with the keys that take them back. */
export function typingInto({erases = 'a character', clears, ...typing}: Into): Typing {
  const {text, write, keys} = typing;
  const erasing: Binding = {
    keys: ['backspace'],
    label: `erase ${erases}`,
    run: (store) => store.dispatch(write(withoutLast(text(store.get())))),
  };
  const clearing: Binding = {
    keys: ['ctrl+u'],
    label: `clear ${clears}`,
    hint: 'clear',
    run: (store) => store.dispatch(write('')),
  };
  return {...typing, keys: [...keys, erasing, ...(clears === undefined ? [] : [clearing])]};
}

const answering: Binding = {keys: ['enter'], label: 'that is the answer', hint: 'confirm', run: giveAnswer};

/** Of a question that there is nothing to say to but yes. */
export const confirming: Typing = {
  help: 'While a question is answered',
  text: ({prompt}) => prompt?.text ?? '',
  write: (text) => ({type: 'answer written', text}),
  keys: [answering],
};

/** While a question is answered. */
export const answerTyping = typingInto({...confirming, isLine: true, clears: 'the answer'});

/** A slice with a filter. */
type FilterSlice<Value> = {of(state: AppState): Value; to(action: FilterAction): AppAction};

/** While a filter is typed. */
export const filterTyping = ({of, to}: FilterSlice<Filtered>): Typing =>
  typingInto({
    help: 'While a filter is typed',
    text: (state) => of(state).filter,
    write: (text) => to({type: 'filter written', text}),
    isLine: true,
    keys: [
      {
        keys: ['enter'],
        label: 'keep the filter',
        hint: 'keep',
        run: (store) => store.dispatch(to({type: 'filter kept'})),
      },
    ],
  });

/**
 * The part of a screen that lets a filter be typed: Esc ends it before it goes back.
 * @param isOn whether there is something to be ended
 */
export function filtering<Value extends Filtered>(
  slice: FilterSlice<Value>,
  isOn = ({filter, typing}: Value): boolean => filter !== '' || typing,
): Required<Pick<Screen<Value>, 'typing' | 'ends' | 'back'>> {
  const typing = filterTyping(slice);
  return {
    typing: (state) => (slice.of(state).typing ? typing : null),
    ends: (value) => (isOn(value) ? 'clear filter' : null),
    back(store) {
      const wasOn = isOn(slice.of(store.get()));
      if (wasOn) store.dispatch(slice.to({type: 'filter cleared'}));
      return wasOn;
    },
  };
}
