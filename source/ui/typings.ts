import {type Binding, type Perform, questionOf, say, type Typing} from './screen.ts';
import type {AppAction, AppState, FilterAction} from './state.ts';

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

/** The key that takes back what was typed last. */
export const erasing = (action: AppAction, what = 'a character'): Binding => ({
  keys: ['backspace'],
  label: `erase ${what}`,
  run: (store) => store.dispatch(action),
});

/** The key that takes back all of it. */
export const clearing = (action: AppAction, what = 'what was typed'): Binding => ({
  keys: ['ctrl+u'],
  label: `clear ${what}`,
  hint: 'clear',
  run: (store) => store.dispatch(action),
});

const answering: Binding = {keys: ['enter'], label: 'that is the answer', hint: 'done', run: giveAnswer};

/** While a question is answered. */
export const answerTyping: Typing = {
  help: 'While a question is answered',
  typed: (text) => ({type: 'answer typed', text}),
  line: {text: ({prompt}) => prompt?.text ?? '', write: (text) => ({type: 'answer written', text})},
  pastes: true,
  keys: [answering, erasing({type: 'answer erased'}), clearing({type: 'answer cleared'}, 'the answer')],
};

/** The same of one that there is nothing to say to but yes. */
export const confirming: Typing = {help: answerTyping.help, typed: answerTyping.typed, keys: [answering]};

/** While a list is filtered. */
export const filterTyping = ({
  of,
  to,
}: {
  of(state: AppState): {filter: string};
  to(action: FilterAction): AppAction;
}): Typing => ({
  help: 'While a filter is typed',
  typed: (text) => to({type: 'filter typed', text}),
  line: {text: (state) => of(state).filter, write: (text) => to({type: 'filter written', text})},
  pastes: true,
  keys: [
    {
      keys: ['enter'],
      label: 'keep the filter',
      hint: 'keep',
      run: (store) => store.dispatch(to({type: 'filter kept'})),
    },
    erasing(to({type: 'filter erased'})),
  ],
});
