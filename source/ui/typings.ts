import {isAnswered} from './prompt.ts';
import {type Perform, say, type Typing} from './screen.ts';
import {type AppAction, type AppState, currentScreen, type FilterAction} from './state.ts';

const giveAnswer: Perform = (store, reach) => {
  const state = store.get();
  const {prompt} = state;
  if (!prompt) return;
  const question = reach.screens[currentScreen(state)]?.questions?.[prompt.kind];
  if (!question) return;
  const {unanswered = '', stays = false, give} = question;
  if (!isAnswered(prompt)) {
    say(store, typeof unanswered === 'string' ? unanswered : unanswered(prompt), 'beware');
    return;
  }
  if (!stays) store.dispatch({type: 'answer given'});
  give(prompt, store, reach);
};

/** While a question is answered. */
export const answerTyping: Typing = {
  help: 'While a question is answered',
  typed: (text) => ({type: 'answer typed', text}),
  line: {text: ({prompt}) => prompt?.text ?? '', write: (text) => ({type: 'answer written', text})},
  pastes: true,
  keys: [
    {keys: ['enter'], label: 'that is the answer', hint: 'done', run: giveAnswer},
    {
      keys: ['backspace'],
      label: 'erase a character',
      run: (store) => store.dispatch({type: 'answer erased'}),
    },
    {
      keys: ['ctrl+u'],
      label: 'clear the answer',
      hint: 'clear',
      run: (store) => store.dispatch({type: 'answer cleared'}),
    },
  ],
};

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
    {keys: ['enter'], label: 'keep the filter', run: (store) => store.dispatch(to({type: 'filter kept'}))},
    {
      keys: ['backspace'],
      label: 'erase a character',
      run: (store) => store.dispatch(to({type: 'filter erased'})),
    },
  ],
});
