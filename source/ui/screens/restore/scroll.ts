import type {Fact} from '../../../presenters/fact.ts';
import {clampText, type Move, stepOf} from '../../kit/scroll.ts';
import {FactList, type FactListProps} from '../../kit/words.tsx';
import {restoreListHeight, type Size} from '../../layout.ts';
import {restoreFacts} from './facts.ts';
import type {RestoreTask} from './task.ts';

/** Columns of the longest word of a fact. */
const width = 9;

export const factsProps = (facts: Fact[]): FactListProps => ({
  width,
  of: facts.map(({text, tone, ...fact}) => ({...fact, says: text, look: tone})),
});

/** What there is to know of a plan. */
export const planFacts = (task: RestoreTask, now: number): FactListProps =>
  factsProps(restoreFacts(task, now));

/** Lines that scroll: a row for each dataset, an empty line, then the facts. */
const lineCount = (task: RestoreTask, now: number, {columns}: Size): number =>
  task.names.length + 1 + FactList.lines(planFacts(task, now), {columns, height: Infinity}).length;

/** How many lines are above and below what is seen. */
export function hidden(task: RestoreTask, now: number, size: Size): {above: number; below: number} {
  return {
    above: task.top,
    below: Math.max(0, lineCount(task, now, size) - task.top - restoreListHeight(size)),
  };
}

/** Up and down choose a dataset; beyond the last one, and by pages, the text below scrolls into view. */
export function movePlan(task: RestoreTask, how: Move, now: number, size: Size): RestoreTask {
  const height = restoreListHeight(size);
  const count = lineCount(task, now, size);
  const last = Math.max(0, task.names.length - 1);
  const step = stepOf(how, count, height);
  const single = how === 'up' || how === 'down';
  if (single && task.cursor < task.top) return {...task, top: clampText(task.top + step, count, height)};
  const cursor = Math.max(0, Math.min(last, task.cursor + step));
  if (single && cursor !== task.cursor) return fitPlan({...task, cursor}, now, size);
  return {...task, cursor, top: clampText(task.top + step, count, height)};
}

/** The chosen dataset stays in view where the lines or the terminal change. */
export function fitPlan(task: RestoreTask, now: number, size: Size): RestoreTask {
  const height = restoreListHeight(size);
  const top = clampText(task.top, lineCount(task, now, size), height);
  return {...task, top: Math.max(Math.min(top, task.cursor), task.cursor - height + 1)};
}
