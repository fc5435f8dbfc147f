import {AuditLog} from '../../../engine/events/log/read-log.ts';
import type {Workplace} from '../../work.ts';
import {type ActivityAction, activitySlice} from './state.ts';

/** Lines that are read back at once. */
const page = 2000;

/** Reads the audit log, and follows it while it is looked at. */
export function activityWork({store, signal: over}: Pick<Workplace, 'store' | 'signal'>) {
  let last = new AbortController();
  const state = () => activitySlice.of(store.get());

  /** Begins with the reading that the screen asks for; the one before ends. */
  async function follow(): Promise<void> {
    last.abort();
    const following = new AbortController();
    last = following;
    const {place, configuration} = store.get();
    const {reading, onlyOurs} = state();
    if (place.root === null || !configuration) return;
    const signal = AbortSignal.any([following.signal, over]);
    const log = await AuditLog.open({root: place.root, file: configuration.auditLog.value, onlyOurs});
    let wake = (): void => {};
    const isOver = (): boolean => signal.aborted || state().reading !== reading;
    const leave = store.subscribe(() => {
      if (isOver() || !store.get().screens.includes('activity')) following.abort();
      wake();
    });
    signal.addEventListener('abort', () => wake());
    const tell = (action: ActivityAction): void => {
      if (!isOver()) store.dispatch(activitySlice.to(action));
    };
    const ahead = async (): Promise<void> => {
      for await (const event of log.follow(signal)) {
        if (event.type === 'log')
          tell({type: 'activity found', log: {state: event.state, reason: event.reason}});
        else tell({type: 'activity appended', lines: event.lines.toReversed()});
      }
    };
    // Goes further back whenever the screen asks for it.
    const back = async (): Promise<void> => {
      while (!signal.aborted) {
        if (state().wanted) tell({type: 'activity went back', ...(await log.older(page, signal))});
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    };
    // Both at once; whichever fails ends the other.
    const work = [ahead(), back()];
    for (const each of work) each.catch(() => following.abort());
    try {
      for (const each of await Promise.allSettled(work)) if (each.status === 'rejected') throw each.reason;
    } finally {
      leave();
      log.close();
    }
  }

  return {follow};
}
