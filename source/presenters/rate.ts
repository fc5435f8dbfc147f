import {formatBytes, formatDuration} from '../engine/base/format.ts';
import {present} from './present.ts';

/** How much of some bytes is done. */
export type Amount = {doneBytes: number; totalBytes: number; seconds: number};

/** 0 to 1; of nothing, all is done at once. */
export const fraction = ({doneBytes, totalBytes}: Amount): number =>
  totalBytes === 0 ? 1 : doneBytes / totalBytes;

/** Bytes a second so far; null while there is too little to tell. */
export const rate = ({doneBytes, seconds}: Amount): number | null =>
  seconds < 0.2 || doneBytes === 0 ? null : doneBytes / seconds;

/** Seconds still to go at the rate so far; null while it cannot be told. */
export function secondsLeft(amount: Amount): number | null {
  const speed = rate(amount);
  return speed === null ? null : (amount.totalBytes - amount.doneBytes) / speed;
}

/**
 * `40 MB read   8 MB/s   5s so far   about 3s left`; once it is over `in 5s`.
 * @param left seconds to go; null where that is not told
 * @param counts whether its time is told while it is running
 */
export function speedText(
  amount: Amount,
  {
    verb,
    isRunning,
    left,
    counts = true,
  }: {verb: string; isRunning: boolean; left: number | null; counts?: boolean},
): string {
  const bytes = rate(amount);
  const time = formatDuration(amount.seconds);
  return present([
    `${formatBytes(amount.doneBytes)} ${verb}`,
    bytes !== null && `${formatBytes(bytes)}/s`,
    isRunning ? counts && `${time} so far` : `in ${time}`,
    isRunning && left !== null && `about ${formatDuration(left)} left`,
  ]).join('   ');
}
