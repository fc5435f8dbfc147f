import {evidenceStep, isCheckable} from '../../../engine/session/checklist.ts';
import type {ActionId} from '../../common-keys.ts';
import {type Effects, type Perform, say} from '../../effects.ts';
import type {Prompt, Replacing} from '../../prompt.ts';
import {cannotWrite} from '../../reasons.ts';
import {currentScreen} from '../../screen.ts';
import type {AppStore} from '../../use-store.ts';
import {openEvidence} from '../evidence/perform-evidence.ts';
import {decisionOf} from '../stopped/state.ts';
import {askTimes} from './perform-times.ts';
import {chosenSession, chosenStep, openedStory, openSession} from './state.ts';

/** Where a session is: at its checklist, at work, or at a decision. */
function openChecklist(store: AppStore): void {
  const {sessions, follow, stopped} = store.get();
  const chosen = currentScreen(store.get()) === 'sessions' ? chosenSession(sessions)?.number : undefined;
  const number = chosen ?? (follow?.finished ? follow.session : openSession(sessions)?.number);
  if (number === undefined) return;
  if (stopped?.session === number) store.dispatch({type: 'stopped opened'});
  else if (follow?.session === number && !follow.finished) store.dispatch({type: 'follow opened'});
  else store.dispatch({type: 'checklist opened', session: number});
}

/** Has a step answered; one that has an answer asks first whether that is replaced. */
function answerStep(how: Replacing): Perform {
  return (store, effects) => {
    const step = chosenStep(store.get().sessions);
    if (step?.answer) store.dispatch({type: 'asked', kind: 'replace', id: step.id, text: '', how});
    else if (step) goOn(how, step.id, store, effects);
  };
}

function goOn(how: Replacing, step: string, store: AppStore, effects: Effects): void {
  const {opened} = store.get().sessions;
  if (how !== 'check') store.dispatch({type: 'asked', kind: how, id: step, text: ''});
  else if (opened !== null) effects.check(opened, step);
}

/** An answer is to be replaced: that counts once the question could be read. */
export function replaceAnswer({id, how}: Prompt, store: AppStore, effects: Effects): void {
  const seen = effects.painted().prompt;
  if (seen?.kind !== 'replace' || seen.id !== id || how === undefined) return;
  store.dispatch({type: 'answer given'});
  goOn(how, id, store, effects);
}

/** Does what was typed, where it was on the screen under what it is about. */
function decide(store: AppStore, effects: Effects): void {
  const {stopped} = store.get();
  const painted = effects.painted();
  if (!stopped) return;
  const decision = decisionOf(stopped);
  const seen = currentScreen(painted) === 'stopped' ? painted.stopped : null;
  if (decision === null || !seen || seen.session !== stopped.session || decisionOf(seen) !== decision) {
    say(store, 'Type one of these words, then Enter: nothing was changed.', 'beware');
    return;
  }
  if (decision === 'look') {
    store.dispatch({type: 'decision cleared'});
    store.dispatch({type: 'record opened', session: stopped.session});
    return;
  }
  const why = cannotWrite(store.get());
  if (why !== null) say(store, `Not now: ${why}.`, 'beware');
  else effects.recover(decision === 'finish' ? 'forward' : 'back');
}

type SessionActionId = Extract<
  ActionId,
  | 'sessions'
  | 'checklist'
  | 'record'
  | 'doStep'
  | 'stepDone'
  | 'stepFailed'
  | 'stepSkipped'
  | 'times'
  | 'stopCheck'
  | 'closeSession'
  | 'takeOver'
  | 'decide'
  | 'eraseDecision'
  | 'clearDecision'
  | 'status'
>;

/** What the keys of the sessions, their checklists and an interrupted one do. */
export const sessionPerforms: Record<SessionActionId, Perform> = {
  sessions: (store) => store.dispatch({type: 'sessions opened'}),
  checklist: openChecklist,
  record(store) {
    const {sessions} = store.get();
    const story = currentScreen(store.get()) === 'sessions' ? chosenSession(sessions) : openedStory(sessions);
    if (story) store.dispatch({type: 'record opened', session: story.number});
  },
  doStep(store, effects) {
    const step = chosenStep(store.get().sessions);
    if (step?.id === evidenceStep) openEvidence(store, effects);
    else if (step) answerStep(isCheckable(step) ? 'check' : 'done')(store, effects);
  },
  stepDone(store, effects) {
    const step = chosenStep(store.get().sessions);
    // Whoever says that evidence is there has it made: nobody's word for it.
    if (step?.id === evidenceStep && !step.answer) openEvidence(store, effects);
    else answerStep('done')(store, effects);
  },
  stepFailed: answerStep('failed'),
  stepSkipped: answerStep('skipped'),
  times: askTimes,
  stopCheck: (_, effects) => effects.stopCheck(),
  closeSession(store, effects) {
    const {opened} = store.get().sessions;
    if (opened !== null) effects.closeSession(opened);
  },
  takeOver(store) {
    const {opened} = store.get().sessions;
    if (opened !== null) store.dispatch({type: 'asked', kind: 'takeOver', id: String(opened), text: ''});
  },
  decide,
  eraseDecision: (store) => store.dispatch({type: 'decision erased'}),
  clearDecision: (store) => store.dispatch({type: 'decision cleared'}),
  status: (store) => store.dispatch({type: 'status opened'}),
};
