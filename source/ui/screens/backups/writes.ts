import {recentWrites} from '../../../engine/datasets/live-writes.ts';
import {restoredAt} from '../../../presenters/story-facts.ts';
import type {AppStore} from '../../use-store.ts';

/** Milliseconds between two looks. */
const pause = 5000;

/** Looks who writes to the configured live files, until the signal is aborted; tells only what has changed. */
export async function followWrites(store: AppStore, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const {configuration, sessions} = store.get();
    const restored = restoredAt(sessions.stories ?? []);
    const writes = await recentWrites(configuration?.datasets.value ?? [], Date.now(), restored);
    if (signal.aborted) return;
    if (JSON.stringify(writes) !== JSON.stringify(store.get().writes))
      store.dispatch({type: 'writes seen', writes});
    await rest(pause, signal);
  }
}

/** Waits so many milliseconds, or until it is over. */
export const rest = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
