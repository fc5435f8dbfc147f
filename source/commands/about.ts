import {readTime} from '../engine/base/time-text.ts';
import {type About, lineOf, longestOf, purposeOf} from '../engine/session/about.ts';
import {wrongUsage} from './command.ts';
import type {aboutFlags, Given} from './flags.ts';

/**
 * Since when things are bad, in milliseconds since the epoch; null where the operator has not said.
 * @param now milliseconds since the epoch
 * @throws Problem (wrong usage) where it is no time
 */
export function badSinceOf({badSince}: {badSince?: string}, now: number): number | null {
  if (badSince === undefined) return null;
  const read = readTime(badSince, now);
  return 'at' in read ? read.at : wrongUsage(`--bad-since=${badSince}: ${read.problem}`);
}

/**
 * What it is for, as the flags say.
 * @throws Problem (wrong usage) where one of them is nothing that could be recorded
 */
export function aboutOf(flags: Given<typeof aboutFlags> & {badSince?: string}): About {
  const badSince = badSinceOf(flags, Date.now());
  return {
    purpose: purposeOf(flags.purpose, '--purpose'),
    ticket: lineOf(flags.ticket, longestOf.ticket, '--ticket'),
    title: lineOf(flags.title, longestOf.title, '--title'),
    authorisedBy: lineOf(flags.authorisedBy, longestOf.authorisedBy, '--authorised-by'),
    badSince: badSince === null ? null : new Date(badSince).toISOString(),
  };
}
