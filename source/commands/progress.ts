import {asciiJson} from '../engine/base/escape.ts';
import {formatBytes, formatDuration} from '../engine/base/format.ts';
import {type Amount, rate} from '../presenters/rate.ts';

/** Milliseconds between two status lines. */
const statusInterval = 1000;

/** Says whether a status line is due. */
export function statusEvery(): () => boolean {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < statusInterval) return false;
    last = now;
    return true;
  };
}

/** A `status` line of `--json` (DESIGN.md, "Command line"). */
export const statusJson = (part: number, {doneBytes, totalBytes}: Amount, left: number | null): string =>
  asciiJson({
    message_type: 'status',
    percent_done: part,
    bytes_done: doneBytes,
    total_bytes: totalBytes,
    seconds_remaining: left,
  });

/** One line that is written over and over, for a terminal. */
export function progressLine(part: number, amount: Amount, left: number | null): string {
  const speed = rate(amount);
  const rest = [speed && `${formatBytes(speed)}/s`, left !== null && `${formatDuration(left)} left`].filter(
    Boolean,
  );
  return `\r\u001b[K${Math.floor(part * 100)}%  ${rest.join('  ')}`;
}
