import type {Answer} from '../../../engine/session/checklist.ts';
import {evidenceStep, isCheckable, serviceStep} from '../../../engine/session/checklist.ts';
import {asWhom, whoQuestion} from '../../person.ts';
import {lacksReason, type Prompt} from '../../prompt.ts';
import {
  busyWriting,
  cannotWrite,
  checking,
  either,
  needsProject,
  notOpen,
  notTaken,
  notUndoable,
  stepsOpen,
  watching,
} from '../../reasons.ts';
import type {Binding, Perform, Question, Questions, Reach} from '../../screen.ts';
import type {AppState, AppStore} from '../../state.ts';
import {openEvidence} from '../evidence/open.ts';
import {openPlan} from '../restore/open.ts';
import {openSignOff} from '../sign-off/open.ts';
import {loadSessions} from './open.ts';
import {chosenStep, openedStory, sessionsSlice} from './state.ts';
import {askBack, askTimes, giveBack, giveTime} from './times.ts';

/** How a step is answered: by machine, or by a word. */
const ways = ['check', 'done', 'failed', 'skipped'] as const satisfies ('check' | Answer['state'])[];
type Way = (typeof ways)[number];

const answerable = either(notOpen, watching, cannotWrite, busyWriting, checking);

/** Evidence may be looked at by whoever only watches, and long after it was signed off. */
const doable = (state: AppState): string | null =>
  chosenStep(state)?.id === evidenceStep ? needsProject(state) : answerable(state);

/** Has a step answered; one that has an answer asks first whether that is replaced. */
function answerStep(how: Way): Perform {
  return (store, reach) => {
    const step = chosenStep(store.get());
    if (step?.answer) store.dispatch({type: 'asked', kind: 'replace', id: step.id, text: '', note: how});
    else if (step) goOn(how, step.id, store, reach);
  };
}

function goOn(how: Way, step: string, store: AppStore, reach: Reach): void {
  const {opened} = sessionsSlice.of(store.get());
  if (how !== 'check') store.dispatch({type: 'asked', kind: how, id: step, text: ''});
  else if (opened !== null) reach.ask(loadSessions, (work) => work.check(opened, step));
}

/** An answer is to be replaced: that counts once the question could be read. */
function replaceAnswer({id, note}: Prompt, store: AppStore, reach: Reach): void {
  const seen = reach.painted().prompt;
  const how = ways.find((way) => way === note);
  if (seen?.kind !== 'replace' || seen.id !== id || how === undefined) return;
  store.dispatch({type: 'answer given'});
  goOn(how, id, store, reach);
}

export const checklistKeys: Binding[] = [
  {
    keys: ['enter'],
    label: 'do the step: by machine where it can be, else on your word',
    hint: 'do',
    why: doable,
    run(store, reach) {
      const step = chosenStep(store.get());
      if (step?.id === evidenceStep) openEvidence(store, reach);
      else if (step) asWhom('enter', answerStep(isCheckable(step) ? 'check' : 'done'))(store, reach);
    },
  },
  {
    keys: ['d'],
    label: 'done, with a note',
    hint: 'done',
    why: answerable,
    run(store, reach) {
      const step = chosenStep(store.get());
      // Whoever says that evidence is there has it made: nobody's word for it.
      if (step?.id === evidenceStep && !step.answer) openEvidence(store, reach);
      else asWhom('d', answerStep('done'))(store, reach);
    },
  },
  {
    keys: ['f'],
    label: 'failed, with the reason',
    hint: 'failed',
    why: answerable,
    run: asWhom('f', answerStep('failed')),
  },
  {
    keys: ['s'],
    label: 'skipped, with the reason',
    hint: 'skip',
    why: answerable,
    run: asWhom('s', answerStep('skipped')),
  },
  {
    keys: ['w'],
    label: 'when it was noticed and declared, and when the service was back',
    hint: 'times',
    why: answerable,
    run: asWhom('w', askTimes),
  },
  {
    keys: ['u'],
    label: "undo the restore: a plan first, which asks for the session's number",
    hint: 'undo',
    why: either(notUndoable, watching, needsProject, busyWriting),
    run(store, reach) {
      const story = openedStory(store.get());
      if (story) openPlan({id: story.id, undoes: story.number}, store, reach);
    },
  },
  {
    keys: ['C'],
    label: 'sign it off, once every step is answered: it asks, and writes the final evidence',
    hint: 'sign off',
    why: either(answerable, stepsOpen),
    run: asWhom('C', openSignOff),
  },
  {
    keys: ['T'],
    label: 'take the session over from whoever has it: type its number; their screen then watches',
    hint: 'take over',
    why: either(notTaken, cannotWrite, busyWriting),
    run: asWhom('T', (store) => {
      const {opened} = sessionsSlice.of(store.get());
      if (opened !== null) store.dispatch({type: 'asked', kind: 'takeOver', id: String(opened), text: ''});
    }),
  },
  {
    keys: ['e'],
    label: 'evidence: one file of it all, shown before it is written',
    hint: 'evidence',
    why: needsProject,
    run: openEvidence,
  },
  {
    keys: ['l'],
    label: 'its record, like a log',
    run(store) {
      const story = openedStory(store.get());
      if (story) store.dispatch(sessionsSlice.open({type: 'record opened', session: story.number}, 'record'));
    },
  },
  {
    keys: ['ctrl+c'],
    label: 'stop checking; nothing is answered',
    why: (state) => (checking(state) ? null : 'nothing is being checked'),
    run: (_, reach) => reach.ask(loadSessions, (work) => work.stopCheck()),
  },
];

/** Answers the step by the operator's word. */
const giveWord =
  (state: Answer['state']): Question['give'] =>
  ({id, text}, store, reach) => {
    const {opened} = sessionsSlice.of(store.get());
    if (opened === null) return;
    reach.ask(loadSessions, (work) =>
      work.answer(opened, {step: id, state, machine: false, note: text.trim() || null}),
    );
  };

/** Questions of the checklist. */
export const checklistQuestions: Questions = {
  who: whoQuestion,
  takeOver: {
    lacks: ({id, text}) =>
      text === id ? null : `Type ${id}, the session's number; Esc leaves it where it is.`,
    give: ({id}, _, reach) => reach.ask(loadSessions, (work) => work.takeOver(Number(id))),
  },
  time: {stays: true, give: giveTime},
  back: {stays: true, give: giveBack},
  replace: {wordless: true, stays: true, give: replaceAnswer},
  done: {
    give: (prompt, store, reach) =>
      prompt.id === serviceStep ? askBack(store, prompt) : giveWord('done')(prompt, store, reach),
  },
  failed: {lacks: lacksReason, give: giveWord('failed')},
  skipped: {lacks: lacksReason, give: giveWord('skipped')},
};
