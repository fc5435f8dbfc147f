import {setTimeout as wait} from 'node:timers/promises';

/** Waits so many milliseconds, or until the signal is aborted, which is no error. */
export const pauseFor = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, {signal}).catch(() => {});

/** What comes of it within so many milliseconds; null where that takes longer, or the signal is aborted. */
export async function within<T>(
  milliseconds: number,
  coming: Promise<T>,
  signal?: AbortSignal,
): Promise<T | null> {
  const over = new AbortController();
  const late = pauseFor(milliseconds, signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  try {
    return await Promise.race([coming, late.then(() => null)]);
  } finally {
    over.abort();
  }
}
