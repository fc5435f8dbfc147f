import {setTimeout as wait} from 'node:timers/promises';

/** Waits so many milliseconds, or until the signal is aborted, which is no error. */
export const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, {signal}).catch(() => {});
