import {type Perform, type Screen, say, type Typing} from '../../screen.ts';
import {fitPrune, going, isConfirmed, scrollPrune} from './state.ts';
import {PruneView} from './View.tsx';

const remove: Perform = (store, effects) => {
  const {prune: task} = store.get();
  const painted = effects.painted().prune;
  if (!task) return;
  // What was on the screen is what goes: the same list, with the count under it.
  const seen = painted?.verdicts === task.verdicts && isConfirmed(painted);
  if (isConfirmed(task) && seen) effects.work.writing.prune(going(task));
  else say(store, 'Type how many go, then Enter: nothing was removed.', 'beware');
};

const countTyping: Typing = {
  help: 'Prune',
  typed: (text) => ({type: 'prune typed', text}),
  takes: /^[0-9]$/,
  beside: true,
  keys: [
    {keys: ['enter'], label: 'remove, once the count is typed', hint: 'remove', run: remove},
    {keys: ['backspace'], label: 'erase a digit', run: (store) => store.dispatch({type: 'prune erased'})},
  ],
};

/** What retention removes, and why. */
export const prune: Screen = {
  title: 'Prune',
  help: null,
  keys: [],
  View: PruneView,
  move: (state, how) => ({...state, prune: state.prune && scrollPrune(state.prune, how, state.size)}),
  fit: (state) => ({...state, prune: state.prune && fitPrune(state.prune, state.size)}),
  typings: [countTyping],
  typing: ({prune: task}) => (task?.state === 'ready' && going(task).length > 0 ? countTyping : null),
};
