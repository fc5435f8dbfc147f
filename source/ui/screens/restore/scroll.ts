import {escapeText} from '../../../engine/base/escape.ts';
import type {Fact} from '../../../presenters/fact.ts';
import {wrapWords} from '../../../presenters/graphemes.ts';
import type {Tone} from '../../../presenters/sentence.ts';
import {clampText, type Move, stepOf} from '../../kit/scroll.ts';
import {restoreListHeight, type Size} from '../../layout.ts';
import {restoreFacts} from './facts.ts';
import type {RestoreTask} from './task.ts';

/** Columns before what is said of something: ` x WRITING  `. */
const indent = 13;

export type FactLine = {text: string; tone: Tone};

/** The facts of a plan in lines of the screen. */
export const factLines = (task: RestoreTask, now: number, columns: number): FactLine[] =>
  linesOf(restoreFacts(task, now), columns);

/** Facts in lines of the screen, escaped, each to its end. */
export function linesOf(facts: Fact[], columns: number): FactLine[] {
  return facts.flatMap(({mark, word, text, tone}) =>
    wrapWords(escapeText(text), columns - indent - 1).map((line, index) => ({
      text: (index === 0 ? ` ${mark} ${word}`.padEnd(indent) : ' '.repeat(indent)) + line,
      tone,
    })),
  );
}

/** Lines that scroll: a row for each dataset, an empty line, then the facts. */
const lineCount = (task: RestoreTask, now: number, {columns}: Size): number =>
  task.names.length + 1 + factLines(task, now, columns).length;

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
