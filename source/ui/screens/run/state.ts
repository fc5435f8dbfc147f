import type {RunPlan} from '../../../engine/backup/plan.ts';
import type {RunEvent} from '../../../engine/backup/run-events.ts';
import {whyTooLarge} from '../../../engine/storage/manifest/read.ts';
import {labelSuffix, whyNoLabel} from '../../../engine/storage/new-id.ts';
import {noRun, type RunProgress, reduceRun} from '../../../presenters/run-progress.ts';
import {currentScreen, slice} from '../../state.ts';

/** A backup from its plan to its result. */
export type RunTask = {
  state: 'planning' | 'ready' | 'running' | 'done';
  label: string;
  plan: RunPlan | null;
  progress: RunProgress;
  /** Why it may not begin, or could not go on; null while all is well. */
  problem: string | null;
  /** The operator has asked for it to stop. */
  stopping: boolean;
  /** It ended while the operator was elsewhere, and he has not come back to it yet. */
  unseen: boolean;
};

export type RunAction =
  | {type: 'run opened'}
  | {type: 'run planned'; plan: RunPlan}
  | {type: 'run refused'; problem: string}
  | {type: 'label written'; text: string}
  | {type: 'run started'}
  | {type: 'run stopping'}
  | {type: 'run event'; event: RunEvent; seconds: number};

const planning: RunTask = {
  state: 'planning',
  label: '',
  plan: null,
  progress: noRun,
  problem: null,
  stopping: false,
  unseen: false,
};

/** What the new backup will be called, as far as that can be told before it begins. */
export const futureId = ({plan, label}: RunTask): string =>
  `${plan?.id.slice(0, 15) ?? ''}${labelSuffix(label)}`;

/** Why it cannot be started as it stands; null when it can. */
export function whyNotStart({state, plan, label, problem}: RunTask): string | null {
  if (problem) return problem;
  if (state === 'planning' || !plan) return 'the plan is still being made';
  if (state !== 'ready') return 'it has been started already';
  const why = whyNoLabel(label);
  if (why) return `the label ${why}`;
  if (plan.missing.length === plan.datasets.length) return 'there is nothing to copy';
  if (plan.free !== null && plan.needed > plan.free) return 'there is not enough space';
  const files = plan.datasets.reduce((sum, each) => sum + each.files.length, 0);
  return whyTooLarge(files, plan.manifestBytes);
}

/** What is copied is looked at again once the hooks before it have run; until then it is what was looked at before. */
const begin = (task: RunTask): RunTask => ({
  ...task,
  state: 'running',
  progress: task.plan ? reduceRun(noRun, {type: 'planned', plan: task.plan}, 0) : noRun,
  stopping: false,
});

/** @param watched whether it is on the screen */
export function reduceRunTask(task: RunTask | null, action: RunAction, watched = true): RunTask | null {
  if (action.type === 'run opened') return openRun(task);
  const next = reduceTask(task, action);
  const ends = next?.state === 'done' && task?.state === 'running';
  return ends ? {...next, unseen: !watched} : next;
}

/** One that is running, or whose result nobody has seen yet, is not begun anew. */
function openRun(task: RunTask | null): RunTask {
  if (task?.state === 'running') return task;
  if (task?.unseen) return {...task, unseen: false};
  // One that could not be made is tried again by its name.
  const isWanted = task?.state === 'ready' || task?.problem != null;
  return {...planning, label: isWanted ? task.label : ''};
}

function reduceTask(task: RunTask | null, action: Exclude<RunAction, {type: 'run opened'}>): RunTask | null {
  if (!task) return null;
  switch (action.type) {
    case 'run planned':
      return task.state === 'planning' ? {...task, state: 'ready', plan: action.plan} : task;
    case 'run refused':
      return task.state === 'planning' || task.state === 'running'
        ? {...task, state: 'done', problem: action.problem}
        : task;
    case 'label written':
      return task.state === 'ready' ? {...task, label: action.text} : task;
    case 'run started':
      return task.state === 'ready' ? begin(task) : task;
    case 'run stopping':
      return task.state === 'running' ? {...task, stopping: true} : task;
    case 'run event': {
      if (task.state !== 'running') return task;
      const progress = reduceRun(task.progress, action.event, action.seconds);
      const plan = action.event.type === 'planned' ? action.event.plan : task.plan;
      return {...task, plan, progress, state: action.event.type === 'finished' ? 'done' : task.state};
    }
  }
}

/** Null before the first one. */
export const runSlice = slice<RunTask | null, RunAction>('run', {
  start: null,
  reduce: (task, action, state) => reduceRunTask(task, action, currentScreen(state) === 'run'),
});
