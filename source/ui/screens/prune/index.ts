import {type Perform, type Screen, sayNotTyped} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {typingInto} from '../../typings.ts';
import {loadPrune} from './open.ts';
import {
  fitPrune,
  going,
  isConfirmed,
  type PruneAction,
  type PruneTask,
  pruneSlice,
  scrollPrune,
} from './state.ts';
import {PruneView} from './View.tsx';

const remove: Perform = (store, reach) => {
  const task = pruneSlice.of(store.get());
  const painted = pruneSlice.of(reach.painted());
  if (!task) return;
  // What was on the screen is what goes: the same list, with the count under it.
  const seen = painted?.verdicts === task.verdicts && isConfirmed(painted);
  if (isConfirmed(task) && seen) {
    store.dispatch(pruneSlice.to({type: 'prune started'}));
    reach.ask(loadPrune, (work) => work.prune(going(task)));
    return;
  }
  const typedIn = (state: AppState) => {
    const now = pruneSlice.of(state);
    return now !== null && isConfirmed(now) ? now.verdicts : null;
  };
  const count = going(task).length;
  sayNotTyped(store, typedIn, {
    missing:
      task.typed === ''
        ? 'Type how many, then Enter: nothing was deleted.'
        : `${count} go, not ${task.typed}: type ${count}, then Enter. Nothing was deleted.`,
    unread: 'The count is there now: Enter once more.',
  });
};

const countTyping = typingInto({
  help: 'Prune',
  text: (state) => pruneSlice.of(state)?.typed ?? '',
  write: (text) => pruneSlice.to({type: 'count written', text}),
  takes: /^[0-9]$/,
  beside: true,
  keys: [{keys: ['enter'], label: 'delete, once the count is typed', hint: 'delete', run: remove}],
  erases: 'a digit',
});

/** What retention removes, and why. */
export const prune: Screen<PruneTask | null, PruneAction> = {
  slice: pruneSlice,
  title: 'Prune',
  help: null,
  keys: [],
  View: PruneView,
  move: (task, how, {size}) => task && scrollPrune(task, how, size),
  fit: (task, {size}) => task && fitPrune(task, size),
  typings: [countTyping],
  typing(state) {
    const task = pruneSlice.of(state);
    return task?.state === 'ready' && going(task).length > 0 ? countTyping : null;
  },
};
