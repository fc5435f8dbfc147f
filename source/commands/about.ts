import {readTime} from '../engine/base/time-text.ts';
import {type About, longestOf, oneLineOf, purposeOf} from '../engine/session/about.ts';
import {aboutIncident, type Incident, type IncidentWord} from '../engine/session/incident.ts';
import {takenText} from '../presenters/incident.ts';
import {sentence} from '../presenters/sentence.ts';
import {wrongUsage} from './command.ts';
import type {aboutFlags, FlagValues} from './flags.ts';
import {tell} from './tell.ts';

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
export function aboutOf(flags: FlagValues<typeof aboutFlags> & {badSince?: string}): About {
  const badSince = badSinceOf(flags, Date.now());
  return {
    purpose: purposeOf(flags.purpose, '--purpose'),
    ticket: oneLineOf(flags.ticket, longestOf.ticket, '--ticket'),
    title: oneLineOf(flags.title, longestOf.title, '--title'),
    authorisedBy: oneLineOf(flags.authorisedBy, longestOf.authorisedBy, '--authorised-by'),
    badSince: badSince === null ? null : new Date(badSince).toISOString(),
  };
}

/** Says which words of the incident count because no flag says otherwise. */
export function tellTaken(incident: Incident, words: readonly IncidentWord[]): void {
  const text = takenText(incident, words);
  if (text !== null) tell([sentence('=', text)]);
}

/**
 * What a restore is for: what no flag says is what has been said of the incident, and that is told.
 * @param words those that it may take
 */
export function withIncident(
  about: About,
  incident: Incident,
  words: readonly (keyof About & IncidentWord)[],
): About {
  const known = aboutIncident(incident);
  const taken = words.filter((what) => about[what] === null && known[what] !== null);
  tellTaken(incident, taken);
  return {...about, ...Object.fromEntries(taken.map((what) => [what, known[what]]))};
}
