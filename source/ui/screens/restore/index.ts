import {asking, drawn} from '../../kit/drawn.tsx';
import type {Screen} from '../../screen.ts';
import type {AppState} from '../../state.ts';
import {answerTyping} from '../../typings.ts';
import {confirmScreen} from './confirm-view.ts';
import {planKeys, planQuestions, purposeTyping, serviceKeys, wordTyping} from './keys.ts';
import {purposeScreen} from './purpose-view.ts';
import {fitPlan, movePlan} from './scroll.ts';
import {serviceScreen} from './service.ts';
import {moveService} from './service-view.ts';
import {restoreScreen} from './view.ts';

const subject = ({restore: task}: AppState): string | null => task?.subject.id ?? null;

/** What a restore is for: asked before its plan is made. */
export const purpose: Screen = {
  title: 'What for',
  help: null,
  keys: [],
  View: drawn(purposeScreen),
  typings: [purposeTyping],
  typing: ({restore: task}) => (task ? purposeTyping : null),
};

/** The plan: what a restore would do. Nothing is changed by it. */
export const restore: Screen = {
  title: 'Restore',
  help: 'Restore, the plan',
  keys: planKeys,
  View: asking(restoreScreen),
  subject,
  move: (state, how) => ({
    ...state,
    restore: state.restore && movePlan(state.restore, how, state.now, state.size),
  }),
  fit: (state) => ({...state, restore: state.restore && fitPlan(state.restore, state.now, state.size)}),
  typing: ({prompt}) => (prompt ? answerTyping : null),
  questions: planQuestions,
  back(_, effects) {
    effects.work.restore((each) => each.stopPlanning());
    return false;
  },
};

/** How the service that writes is stopped. */
export const service: Screen = {
  title: 'Stop the service',
  help: 'Restore, how to stop the service',
  keys: serviceKeys,
  View: drawn(serviceScreen),
  subject,
  move: (state, how) => ({
    ...state,
    restore: state.restore && moveService(state.restore, how, state.size),
  }),
};

/** The last step before files change: a word is typed. */
export const confirm: Screen = {
  title: 'Type',
  help: null,
  keys: [],
  View: drawn(confirmScreen),
  typings: [wordTyping],
  typing: ({restore: task}) => (task?.state === 'ready' ? wordTyping : null),
  writes: true,
  back(store, effects) {
    if (store.get().restore?.state !== 'starting') return false;
    effects.work.restore((each) => each.stopPlanning());
    store.dispatch({type: 'restore held back', plan: null, reasons: []});
    return true;
  },
};
