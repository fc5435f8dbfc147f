import {asWhom, whoQuestion} from '../../person.ts';
import {cannotWrite} from '../../reasons.ts';
import {type Perform, type Screen, say, sayNotTyped} from '../../screen.ts';
import {type AppState, currentScreen, push, without} from '../../state.ts';
import {typingInto} from '../../typings.ts';
import {loadSessions} from '../sessions/open.ts';
import {sessionsSlice} from '../sessions/state.ts';
import {type Deciding, decisionOf, followStopped, type StoppedAction, stoppedSlice} from './state.ts';
import {StoppedView} from './View.tsx';

/** Does what was typed, where it was on the screen under what it is about. */
const decide: Perform = (store, reach) => {
  const {stopped: task} = store.get();
  const deciding = stoppedSlice.of(store.get());
  const painted = reach.painted();
  if (!task) return;
  const decision = decisionOf(task, deciding);
  const seen = currentScreen(painted) === 'stopped' ? painted.stopped : null;
  if (
    decision === null ||
    !seen ||
    seen.session !== task.session ||
    decisionOf(seen, stoppedSlice.of(painted)) !== decision
  ) {
    const typedIn = (state: AppState) => state.stopped && decisionOf(state.stopped, stoppedSlice.of(state));
    sayNotTyped(store, typedIn, {missing: 'Type one of these words, then Enter. Nothing was changed.'});
    return;
  }
  if (decision === 'look') {
    store.dispatch(stoppedSlice.to({type: 'decision written', text: ''}));
    store.dispatch(sessionsSlice.open({type: 'record opened', session: task.session}, 'record'));
    return;
  }
  const why = cannotWrite(store.get());
  if (why !== null) say(store, `Not now: ${why}.`, 'beware');
  else
    asWhom('enter', () =>
      reach.ask(loadSessions, (work) => work.recover(decision === 'finish' ? 'forward' : 'back')),
    )(store, reach);
};

const decisionTyping = typingInto({
  help: 'A restore that stopped halfway',
  text: (state) => stoppedSlice.of(state).typed,
  write: (text) => stoppedSlice.to({type: 'decision written', text}),
  keys: [{keys: ['enter'], label: 'do what was typed', hint: 'do it', run: decide}],
  clears: 'what was typed',
});

/** A restore that stopped halfway: what is live, and what can be done. */
export const stopped: Screen<Deciding, StoppedAction> = {
  slice: stoppedSlice,
  title: 'Stopped',
  help: null,
  keys: [],
  View: StoppedView,
  typings: [decisionTyping],
  questions: {
    who: {
      ...whoQuestion,
      // Enter is no key of this screen, but of what is typed there.
      give(prompt, store, reach) {
        whoQuestion.give(prompt, store, reach);
        decide(store, reach);
      },
    },
  },
  follow: followStopped,
  leads({type}, state, before) {
    if (type === 'stopped settled') return without(state, 'stopped');
    // It comes first; who is somewhere else already is told there.
    const isFirst = before.stopped === null && currentScreen(state) === 'backups' && !state.prompt;
    return type === 'stopped found' && isFirst ? push(state, 'stopped') : state;
  },
  typing: (state) => (state.stopped && !stoppedSlice.of(state).working ? decisionTyping : null),
  writes: true,
};
