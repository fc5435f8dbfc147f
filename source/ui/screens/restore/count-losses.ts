import type {DatasetPlan} from '../../../engine/restore/by-dataset.ts';
import {countLoss, type Loss, lossKey} from '../../../engine/restore/losses.ts';
import {isCounting} from '../../../presenters/dataset-losses.ts';
import type {AppState} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {restoreSlice} from './state.ts';
import type {RestoreTask} from './task.ts';

/** Milliseconds for one dataset: what is counted until then is told. */
const limit = 10_000;

/** The plan that is shown, as long as nobody goes on with it. */
function shown(state: AppState): RestoreTask | null {
  const task = restoreSlice.of(state);
  const isThere = task?.plan && task.state !== 'starting' && state.screens.includes('restore');
  return isThere && task.subject.undoes === null && task.plan?.into === null ? task : null;
}

/** What is to be counted next: what is chosen first, but also what the operator may still choose. */
function nextOf(state: AppState): {set: DatasetPlan; directory: string} | null {
  const task = shown(state);
  if (!task?.plan) return null;
  const open = [...task.sets.values()].filter((set) => isCounting(set, task.losses.get(set.dataset)));
  const set = open.find(({dataset}) => task.chosen.has(dataset)) ?? open[0];
  return set ? {set, directory: task.plan.directory} : null;
}

/** Counts what a plan loses while it is shown, one dataset after the other, beside all else; ends with the plan. */
export function followLosses({store, signal, finish}: Pick<Workplace, 'store' | 'signal' | 'finish'>): void {
  let stop: AbortController | null = null;

  async function follow(counting: AbortController): Promise<void> {
    const until = AbortSignal.any([signal, counting.signal]);
    for (let next = nextOf(store.get()); next && !until.aborted; next = nextOf(store.get())) {
      const {set, directory} = next;
      const {place, readOnly} = store.get();
      const told = (loss: Loss): void =>
        store.dispatch(restoreSlice.to({type: 'loss counted', dataset: set.dataset, loss}));
      try {
        told(await countLoss(set, directory, {root: place.root, readOnly, limit}, until));
      } catch (error) {
        if (until.aborted) return;
        // It is not tried again and again.
        told({of: lossKey(set), counts: null});
        throw error;
      }
    }
  }

  const begin = (): void => {
    if (stop) {
      if (!shown(store.get())) stop.abort();
      return;
    }
    if (!nextOf(store.get())) return;
    const counting = new AbortController();
    stop = counting;
    finish(
      follow(counting).finally(() => {
        stop = null;
      }),
    );
  };
  signal.addEventListener('abort', store.subscribe(begin));
}
