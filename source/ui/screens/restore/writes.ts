import {changes, type RestoreAction} from '../../../engine/restore/action.ts';
import {quietTime, type TargetWrite} from '../../../engine/restore/target-writes.ts';
import type {RestoreTask} from './task.ts';

/** A live file that a plan would change, and that is looked at while the plan is shown. */
export type Target = {
  dataset: string;
  path: string;
  /** It is as the restore has left it that is taken back: its fresh time is our own. */
  ours: boolean;
};

/** Files that are looked at: each costs a few system calls a second. */
export const mostWatched = 200;

/** What a plan changes of live files, without what lies beside them; nothing where it is a drill. */
const touched = ({plan, left}: RestoreTask): RestoreAction[] =>
  plan && plan.into === null
    ? changes(plan).filter(({role, dataset}) => role === 'dataset' && !left.has(dataset))
    : [];

export const targetsOf = (task: RestoreTask): Target[] =>
  touched(task)
    .slice(0, mostWatched)
    .map(({dataset, target, loses}) => ({
      dataset,
      path: target,
      ours: task.plan?.undoes != null && loses === null,
    }));

/** How many of them are not looked at, because they are too many. */
export const unwatched = (task: RestoreTask): number => Math.max(0, touched(task).length - mostWatched);

export type Writing = {
  /** Written although they need not be: their service has to be stopped. They hold a restore up. */
  holding: TargetWrite[];
  /** The same, but a hook stops the service before the restore. */
  hooked: TargetWrite[];
  /** The same, but the operator goes on all the same. */
  although: TargetWrite[];
  /** These always change. */
  volatile: TargetWrite[];
};

/** Who is written now, whatever the plan does with it, or while there is none. */
export const writtenNames = ({writes}: RestoreTask): string[] =>
  writes.filter(isNow).map(({dataset}) => dataset);

const isNow = ({times, quiet}: TargetWrite): boolean => times > 0 && quiet < quietTime;

/** Who is written now, of what would be changed. */
export function writingNow(task: RestoreTask): Writing {
  const found: Writing = {holding: [], hooked: [], although: [], volatile: []};
  const actions = new Map(touched(task).map((action) => [action.dataset, action]));
  for (const write of task.writes) {
    const action = actions.get(write.dataset);
    if (action && isNow(write)) found[kindOf(task, action)].push(write);
  }
  return found;
}

function kindOf({although, settings}: RestoreTask, {dataset}: RestoreAction): keyof Writing {
  if (settings.volatile.includes(dataset)) return 'volatile';
  if (although.has(dataset)) return 'although';
  return settings.before.length > 0 ? 'hooked' : 'holding';
}

/** Seconds without a write to what would be changed, `quietTime` at most; what always changes does not count. */
export function quietFor(task: RestoreTask): number {
  const counting = new Set(
    touched(task).flatMap(({dataset}) => (task.settings.volatile.includes(dataset) ? [] : [dataset])),
  );
  return Math.min(
    quietTime,
    ...task.writes.filter(({dataset}) => counting.has(dataset)).map(({quiet}) => quiet),
  );
}

/** Names of what was written to since the plan was begun; what the plan does not go by is passed over. */
export function staleNames(task: RestoreTask): string[] {
  const steady = new Set(touched(task).flatMap(({dataset, volatile}) => (volatile ? [] : [dataset])));
  const {plannedAt} = task;
  if (plannedAt === null) return [];
  return task.writes.flatMap(({dataset, last}) =>
    last !== null && last > plannedAt && steady.has(dataset) ? [dataset] : [],
  );
}

/** How often, as one says it: `once`, `14 times`. */
const often = (times: number): string => (times === 1 ? 'once' : `${times} times`);

/** `tenants: 14 times, ledger: once in 60s`. */
export const countText = (writes: TargetWrite[]): string => {
  const shown = writes.slice(0, 3).map(({dataset, times}) => `${dataset}: ${often(times)}`);
  const more = writes.length > shown.length ? ` and ${writes.length - shown.length} more` : '';
  const quiet = Math.min(...writes.map((each) => each.quiet));
  return `${shown.join(', ')}${more} in 60s${quiet > 0 ? `, none for ${quiet}s` : ''}`;
};

/** In what a restore goes another way than it should, for its record. */
export function deviationsOf(task: RestoreTask): string[] {
  const now = new Map(task.writes.map((write) => [write.dataset, write]));
  return touched(task).flatMap(({dataset}) => {
    if (!task.although.has(dataset)) return [];
    const write = now.get(dataset);
    const seen =
      write && write.quiet < quietTime ? countText([write]) : `${dataset}: no writes for ${quietTime}s`;
    return [`restored although it was written (${seen})`];
  });
}
