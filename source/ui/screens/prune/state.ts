import type {Emptied} from '../../../engine/retention/php-forecast.ts';
import type {PruneEvent} from '../../../engine/retention/prune.ts';
import {goingIds, type Verdict} from '../../../engine/retention/retention.ts';
import {clampText, type Move, moveText} from '../../kit/scroll.ts';
import {pruneListHeight, type Size} from '../../layout.ts';
import {slice} from '../../state.ts';

/** What retention would remove, until it was confirmed and done. */
export type PruneTask = {
  state: 'ready' | 'running' | 'done';
  /** What goes first: it is what has to be read. */
  verdicts: Verdict[];
  /** What PHP's own next run would delete after that, and what it would empty. */
  php: string[];
  phpEmpties: Emptied | null;
  /** The count, as far as it has been typed. */
  typed: string;
  top: number;
  pruned: string[];
  /** They are still there, whole. */
  failed: {id: string; reason: string}[];
  /** They are no backups any more, but their files could not all be removed. */
  left: {id: string; reason: string}[];
  /** Why it did not come to that; null while all is well. */
  problem: string | null;
};

export type PruneAction =
  | {type: 'prune opened'; verdicts: Verdict[]; php: string[]; phpEmpties?: Emptied | null}
  | {type: 'count written'; text: string}
  | {type: 'prune started'}
  | {type: 'prune event'; event: PruneEvent}
  | {type: 'prune ended'; problem: string | null};

/** Ids that go. */
export const going = ({verdicts}: PruneTask): string[] => goingIds(verdicts);

/** The one thing that confirms it: how many go, typed. */
export const isConfirmed = (task: PruneTask): boolean =>
  task.state === 'ready' &&
  task.typed !== '' &&
  task.typed === String(going(task).length) &&
  going(task).length > 0;

/** How many lines of the list are seen, and whether there are more: a line says so then. */
export function pruneWindow({verdicts}: PruneTask, size: Size): {lines: number; scrolls: boolean} {
  const height = pruneListHeight(size);
  const scrolls = verdicts.length > height;
  return {lines: scrolls ? height - 1 : verdicts.length, scrolls};
}

export const scrollPrune = (task: PruneTask, how: Move, size: Size): PruneTask => ({
  ...task,
  top: moveText(task.top, how, task.verdicts.length, pruneWindow(task, size).lines),
});

export const fitPrune = (task: PruneTask, size: Size): PruneTask => ({
  ...task,
  top: clampText(task.top, task.verdicts.length, pruneWindow(task, size).lines),
});

const longest = 8;

export function reducePrune(task: PruneTask | null, action: PruneAction): PruneTask | null {
  if (action.type === 'prune opened') {
    if (task?.state === 'running') return task;
    const verdicts = action.verdicts.toSorted((a, b) => Number(a.stays) - Number(b.stays));
    const start = {typed: '', top: 0, pruned: [], failed: [], left: [], problem: null};
    const {php, phpEmpties = null} = action;
    return {state: 'ready', verdicts, php, phpEmpties, ...start};
  }
  if (!task) return null;
  switch (action.type) {
    case 'count written':
      return task.state === 'ready' ? {...task, typed: action.text.slice(0, longest)} : task;
    case 'prune started':
      return {...task, state: 'running'};
    case 'prune event': {
      const {event} = action;
      const {id, reason} = event;
      if (event.type === 'not pruned') return {...task, failed: [...task.failed, {id, reason}]};
      const left = event.left === null ? task.left : [...task.left, {id, reason: event.left}];
      return {...task, pruned: [...task.pruned, id], left};
    }
    case 'prune ended':
      return {...task, state: 'done', problem: action.problem};
  }
}

/** Null before the first one. */
export const pruneSlice = slice<PruneTask | null, PruneAction>('prune', {start: null, reduce: reducePrune});
