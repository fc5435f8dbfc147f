import type {PruneEvent} from '../engine/prune.ts';
import type {Verdict} from '../engine/retention.ts';
import {clampText, type Move, moveText} from './scroll.ts';

/** What retention would remove, until it was confirmed and done. */
export type PruneTask = {
  state: 'ready' | 'running' | 'done';
  verdicts: Verdict[];
  /** What PHP's own next run would delete after that. */
  php: string[];
  /** The count, as far as it has been typed. */
  typed: string;
  top: number;
  pruned: string[];
  failed: {id: string; reason: string}[];
  /** Why it did not come to that; null while all is well. */
  problem: string | null;
};

export type PruneAction =
  | {type: 'prune opened'; verdicts: Verdict[]; php: string[]}
  | {type: 'prune typed'; text: string}
  | {type: 'prune erased'}
  | {type: 'prune started'}
  | {type: 'prune event'; event: PruneEvent}
  | {type: 'prune ended'; problem: string | null};

/** Ids that go. */
export const going = ({verdicts}: PruneTask): string[] =>
  verdicts.filter(({stays}) => !stays).map(({id}) => id);

/** The one thing that confirms it: how many go, typed. */
export const isConfirmed = (task: PruneTask): boolean =>
  task.state === 'ready' &&
  task.typed !== '' &&
  task.typed === String(going(task).length) &&
  going(task).length > 0;

export const scrollPrune = (task: PruneTask, how: Move, height: number): PruneTask => ({
  ...task,
  top: moveText(task.top, how, task.verdicts.length, height),
});

export const fitPrune = (task: PruneTask, height: number): PruneTask => ({
  ...task,
  top: clampText(task.top, task.verdicts.length, height),
});

const longest = 8;

export function reducePrune(task: PruneTask | null, action: PruneAction): PruneTask | null {
  if (action.type === 'prune opened') {
    if (task?.state === 'running') return task;
    const {verdicts, php} = action;
    return {state: 'ready', verdicts, php, typed: '', top: 0, pruned: [], failed: [], problem: null};
  }
  if (!task) return null;
  switch (action.type) {
    case 'prune typed':
      return task.state === 'ready' ? {...task, typed: (task.typed + action.text).slice(0, longest)} : task;
    case 'prune erased':
      return {...task, typed: task.typed.slice(0, -1)};
    case 'prune started':
      return {...task, state: 'running'};
    case 'prune event': {
      const {event} = action;
      if (event.type === 'pruned') return {...task, pruned: [...task.pruned, event.id]};
      return {...task, failed: [...task.failed, {id: event.id, reason: event.reason}]};
    }
    case 'prune ended':
      return {...task, state: 'done', problem: action.problem};
  }
}
