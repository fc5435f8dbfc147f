import type {Screen} from '../../screen.ts';
import {ConfirmView} from './ConfirmView.tsx';
import {followFacts} from './follow.ts';
import {planKeys, planQuestions, purposeTyping, serviceKeys, wordTyping} from './keys.ts';
import {loadRestore} from './open.ts';
import {PlanView} from './PlanView.tsx';
import {PurposeView} from './PurposeView.tsx';
import {moveService, ServiceView} from './ServiceView.tsx';
import {fitPlan, movePlan} from './scroll.ts';
import {type RestoreTaskAction, restoreSlice} from './state.ts';
import type {RestoreTask} from './task.ts';

type Step = Screen<RestoreTask | null, RestoreTaskAction>;

const subject: Step['subject'] = (task) => task?.subject.id ?? null;

/** What a restore is for: asked before its plan is made. */
export const purpose: Step = {
  slice: restoreSlice,
  title: 'What for',
  help: null,
  keys: [],
  View: PurposeView,
  typings: [purposeTyping],
  typing: (state) => (restoreSlice.of(state) ? purposeTyping : null),
  // A plan of before is not gone back to: it may have been another's.
  replaces: () => ['restore', 'confirm'],
};

/** The plan: what a restore would do. Nothing is changed by it. */
export const restore: Step = {
  slice: restoreSlice,
  title: 'Restore',
  help: 'Restore, the plan',
  keys: planKeys,
  View: PlanView,
  subject,
  dataset: (task) => task?.names[task.cursor] ?? null,
  move: (task, how, {now, size}) => task && movePlan(task, how, now, size),
  fit: (task, {now, size}) => task && fitPlan(task, now, size),
  follow: followFacts,
  // Why a restore is taken back is not asked.
  replaces: (task) => (task?.subject.undoes == null ? [] : ['purpose']),
  questions: planQuestions,
  back(_, reach) {
    reach.ask(loadRestore, (work) => work.stopPlanning());
    return false;
  },
};

/** How the service that writes is stopped. */
export const service: Step = {
  slice: restoreSlice,
  title: 'Stop the service',
  help: 'Restore, how to stop the service',
  keys: serviceKeys,
  View: ServiceView,
  subject,
  move: (task, how, {size}) => task && moveService(task, how, size),
};

/** The last step before files change: a word is typed. */
export const confirm: Step = {
  slice: restoreSlice,
  title: 'Type',
  help: null,
  keys: [],
  View: ConfirmView,
  typings: [wordTyping],
  typing: (state) => (restoreSlice.of(state)?.state === 'ready' ? wordTyping : null),
  writes: true,
  back(store, reach) {
    if (restoreSlice.of(store.get())?.state !== 'starting') return false;
    reach.ask(loadRestore, (work) => work.stopPlanning());
    store.dispatch(restoreSlice.leave({type: 'restore held back', plan: null, reasons: []}, 'confirm'));
    return true;
  },
};
