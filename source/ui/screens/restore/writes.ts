import {changes, type RestoreAction} from '../../../engine/restore/action.ts';
import type {DatasetPlan} from '../../../engine/restore/by-dataset.ts';
import {quietTime, type TargetWrite} from '../../../engine/restore/target-writes.ts';
import {isVolatile} from '../../../engine/storage/dataset.ts';
import type {RestoreTask} from './task.ts';

/** A live file that a plan would change, and that is looked at while the plan is shown. */
export type WatchedTarget = {
  dataset: string;
  path: string;
  /** It is as the restore has left it that is taken back: its fresh time is our own. */
  ours: boolean;
};

/** Files that are looked at: each costs a few system calls a second. */
export const mostWatched = 200;

const changing = (sets: Iterable<DatasetPlan>): RestoreAction[] =>
  [...sets].flatMap(({actions}) => changes({actions}).filter(({role}) => role === 'dataset'));

const setsOf = ({plan, sets}: RestoreTask, isMeant: (name: string) => boolean): DatasetPlan[] =>
  plan && plan.into === null ? [...sets.values()].filter(({dataset}) => isMeant(dataset)) : [];

/** What would change of live files, without what lies beside them; nothing where it is a drill. */
const touched = (task: RestoreTask): RestoreAction[] =>
  changing(setsOf(task, (name) => task.chosen.has(name)));

/** The same of what is not chosen, and stays as it is. */
const untouched = (task: RestoreTask): RestoreAction[] =>
  changing(setsOf(task, (name) => !task.chosen.has(name)));

/** What is chosen comes first: there may be too many. */
export const targetsOf = (task: RestoreTask): WatchedTarget[] =>
  [...touched(task), ...untouched(task)].slice(0, mostWatched).map(({dataset, target, loses}) => ({
    dataset,
    path: target,
    ours: task.plan?.undoes != null && loses === null,
  }));

/** How many of what is chosen are not looked at, because they are too many. */
export const unwatched = (task: RestoreTask): number => Math.max(0, touched(task).length - mostWatched);

type Writing = {
  /** Written although they need not be: their service has to be stopped. They hold a restore up. */
  holding: TargetWrite[];
  /** The same, but a hook stops the service before the restore. */
  hooked: TargetWrite[];
  /** The same, but the operator goes on all the same. */
  although: TargetWrite[];
  /** These always change. */
  volatile: TargetWrite[];
  /** These are not chosen, and stay as they are. */
  elsewhere: TargetWrite[];
};

/** Who is written now, whatever the plan does with it, or while there is none. */
export const writtenNames = ({writes}: RestoreTask): string[] =>
  writes.filter(isNow).map(({dataset}) => dataset);

const isNow = ({times, quiet}: TargetWrite): boolean => times > 0 && quiet < quietTime;

/** Who is written now, of what would be changed and of the rest. */
export function writingNow(task: RestoreTask): Writing {
  const found: Writing = {holding: [], hooked: [], although: [], volatile: [], elsewhere: []};
  const written = task.writes.filter(isNow);
  if (written.length === 0) return found;
  const actions = new Map(touched(task).map((action) => [action.dataset, action]));
  const others = new Set(untouched(task).map(({dataset}) => dataset));
  for (const write of written) {
    const action = actions.get(write.dataset);
    if (action) found[kindOf(task, action)].push(write);
    else if (others.has(write.dataset)) found.elsewhere.push(write);
  }
  return found;
}

function kindOf({although, settings}: RestoreTask, {dataset}: RestoreAction): keyof Writing {
  if (isVolatile(settings.volatile, dataset)) return 'volatile';
  if (although.has(dataset)) return 'although';
  return settings.before.length > 0 ? 'hooked' : 'holding';
}

/** Seconds without a write to what would be changed, `quietTime` at most; what always changes does not count. */
export function quietFor(task: RestoreTask): number {
  const counting = new Set(
    touched(task).flatMap(({dataset}) => (isVolatile(task.settings.volatile, dataset) ? [] : [dataset])),
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
      write && write.quiet < quietTime
        ? countText([write])
        : `${dataset}: no writes for at least ${quietTime}s`;
    return [`restored although it was written (${seen})`];
  });
}
