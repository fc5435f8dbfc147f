import {file} from '../../../engine/datasets/file.ts';
import {lookAtLive} from '../../../engine/datasets/live-writes.ts';
import {noteLook, type TargetWrite, tellWrite, type Watched} from '../../../engine/restore/target-writes.ts';
import {restoredAt} from '../../../engine/session/story.ts';
import type {AppState} from '../../state.ts';
import {rest, type Workplace} from '../../work.ts';
import {restoreSlice} from './state.ts';
import {targetsOf, type WatchedTarget} from './writes.ts';

/** Milliseconds between two looks. */
const pause = 1000;

/** What is looked at: while a plan is shown, the live files that it would change. */
const shown = (state: AppState): WatchedTarget[] => {
  const {screens} = state;
  const restore = restoreSlice.of(state);
  return restore && screens.includes('restore') ? targetsOf(restore) : [];
};

/**
 * Looks who writes to what a plan would change, for as long as one is shown, until the signal is aborted; tells only what
 * has changed. What was seen is remembered from one plan to the next.
 */
export function followTargets({store, signal, run}: Pick<Workplace, 'store' | 'signal' | 'run'>): void {
  const known = new Map<string, Watched>();
  let looking = false;

  async function look(targets: WatchedTarget[]): Promise<TargetWrite[]> {
    const looks = await Promise.all(targets.map(({path}) => lookAtLive(file.live({source: path}))));
    const now = Date.now();
    const restored = restoredAt(store.get().sessions.stories ?? []);
    return targets.flatMap(({dataset, path, ours}, index) => {
      const seen = looks[index];
      if (!seen) return [];
      const isOurs = ours || seen.lastWrite <= (restored.get(dataset) ?? Number.NEGATIVE_INFINITY);
      const noted = noteLook(known.get(path) ?? null, seen, now, isOurs);
      known.set(path, noted);
      return tellWrite(dataset, noted, now) ?? [];
    });
  }

  async function follow(): Promise<void> {
    for (let targets = shown(store.get()); targets.length > 0; targets = shown(store.get())) {
      const plan = restoreSlice.of(store.get())?.plan;
      const writes = await look(targets);
      if (signal.aborted) return;
      const restore = restoreSlice.of(store.get());
      // What was looked at for another plan is not told of this one.
      if (restore?.plan === plan && JSON.stringify(writes) !== JSON.stringify(restore?.writes))
        store.dispatch(restoreSlice.to({type: 'targets watched', writes}));
      await rest(pause, signal);
      if (signal.aborted) return;
    }
  }

  const begin = (): void => {
    // It is carried out now: what it writes itself is nobody's.
    if (!restoreSlice.of(store.get())) known.clear();
    if (looking || shown(store.get()).length === 0) return;
    looking = true;
    run(
      follow().finally(() => {
        looking = false;
      }),
    );
  };
  signal.addEventListener('abort', store.subscribe(begin));
}
