import {exitCode, Problem} from '../engine/base/problem.ts';
import {readTime} from '../engine/base/time-text.ts';
import type {Flags} from './flags.ts';

/**
 * Since when things are bad, in milliseconds since the epoch; null where the operator has not said.
 * @param now milliseconds since the epoch
 * @throws Problem (wrong usage) where it is no time
 */
export function badSinceOf({badSince}: Flags, now: number): number | null {
  if (badSince === undefined) return null;
  const read = readTime(badSince, now);
  if ('at' in read) return read.at;
  throw new Problem(exitCode.usage, `--bad-since=${badSince}: ${read.problem}`);
}
