import type {AppState} from '../../state.ts';
import {type DifferencesTask, othersOf} from './state.ts';

/** What was chosen to compare with stays chosen; that one of the two has gone is said of what is shown of it. */
export function followBackups(
  task: DifferencesTask | null,
  state: AppState,
  before: AppState | null,
): DifferencesTask | null {
  if (!task || !before || state.catalog === before.catalog) return task;
  const {id, other} = task;
  const now = othersOf(state, id);
  const at = now.indexOf(othersOf(before, id)[task.choice] ?? null);
  const [was, is] = [before.catalog.ids, state.catalog.ids];
  const gone = [id, other].find((each) => each !== null && was.includes(each) && !is.includes(each));
  return {
    ...task,
    choice: at === -1 ? Math.min(task.choice, Math.max(0, now.length - 1)) : at,
    problem: gone === undefined ? task.problem : `${gone} is gone: it was deleted or moved.`,
  };
}
