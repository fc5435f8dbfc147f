import type {Elsewhere} from '../../../engine/restore/newer.ts';
import {mostNamed, some} from '../../../presenters/fact.ts';
import type {RestoreTask} from './task.ts';

/** Names for the plan's `only`; null for all, which are looked at as well while nothing is chosen. */
export const wanted = ({names, chosen}: RestoreTask): string[] | null =>
  chosen.size === 0 || chosen.size === names.length ? null : names.filter((name) => chosen.has(name));

/** Nothing that there is was chosen. */
export const isOpen = ({names, chosen}: RestoreTask): boolean => names.length > 0 && chosen.size === 0;

/** Why a dataset cannot be chosen; null where it can. What is chosen can be left out in any case. */
export function whyNotChosen({sets, chosen}: RestoreTask, name: string): string | null {
  const set = chosen.has(name) ? undefined : sets.get(name);
  return set?.action === 'refused' ? `${name} cannot be restored: ${set.reason}` : null;
}

/** Why nothing would change: what cannot be restored is not the same. */
export function whyNothing({names, chosen, sets}: RestoreTask): string {
  const cannot = names.filter((name) => sets.get(name)?.action === 'refused');
  if (names.some((name) => !chosen.has(name) && !cannot.includes(name)))
    return 'what is chosen is the same already';
  return cannot.length > 0
    ? `${some(cannot, 2)} cannot be restored, the rest is the same already`
    : 'the live files are what it holds';
}

/** What cannot be restored for what the backup holds of it. */
export const withBadCopy = ({names, sets}: RestoreTask): string[] =>
  names.filter((name) => sets.get(name)?.actions.some(({badCopy}) => badCopy));

/** Where else there is what this backup cannot give, as far as that was found, and is told. */
export function namedElsewhere(task: RestoreTask): Elsewhere[] {
  const names = withBadCopy(task);
  return (task.elsewhere?.copies.filter(({dataset}) => names.includes(dataset)) ?? []).slice(0, mostNamed);
}

/** A drill shows that all of it comes back, and an undo takes back all of it; of an incident only the operator knows. */
export function firstChoice({purpose, subject}: RestoreTask, names: string[]): ReadonlySet<string> {
  const isClear = purpose === 'drill' || subject.undoes !== null || names.length === 1;
  return new Set(isClear ? names : []);
}

const choosing = (task: RestoreTask, chosen: ReadonlySet<string>): RestoreTask =>
  task.subject.undoes !== null || task.state === 'starting'
    ? task
    : {...task, chosen, state: 'planning', looked: 0, problem: null};

export function toggled(task: RestoreTask): RestoreTask {
  const name = task.names[task.cursor];
  if (name === undefined || whyNotChosen(task, name) !== null) return task;
  const chosen = new Set(task.chosen);
  if (!chosen.delete(name)) chosen.add(name);
  return choosing(task, chosen);
}

export function allToggled(task: RestoreTask): RestoreTask {
  const possible = task.names.filter((name) => task.sets.get(name)?.action !== 'refused');
  const isAll = possible.every((name) => task.chosen.has(name));
  return choosing(task, new Set(isAll ? [] : possible));
}
