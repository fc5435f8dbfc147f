import {writeTime} from '../engine/base/time-text.ts';
import {type Incident, type IncidentWord, incidentWords, type SaidWord} from '../engine/session/incident.ts';
import {namedText} from '../engine/session/owner.ts';

/** As one says them. */
const wordTexts: Record<IncidentWord, string> = {
  badSince: 'bad since',
  noticed: 'noticed',
  declared: 'declared',
  ticket: 'ticket',
  title: 'title',
  authorisedBy: 'authorised by',
};

const times: IncidentWord[] = ['badSince', 'noticed', 'declared'];

/** A word of it as it would be typed. */
const valueText = (what: IncidentWord, value: string): string =>
  times.includes(what) ? writeTime(Date.parse(value)) : value;

/** Who said it, and when. */
const saidText = ({by, person, at}: SaidWord): string =>
  `${namedText({operator: by, person})}, ${writeTime(Math.floor(Date.parse(at) / 60_000) * 60_000)}`;

/** What is known of it, in the order in which it happens; not escaped. */
export const incidentFacts = (incident: Incident): {word: string; value: string; said: string}[] =>
  incidentWords.flatMap((what) => {
    const said = incident[what];
    return said === null
      ? []
      : [{word: wordTexts[what], value: valueText(what, said.value), said: saidText(said)}];
  });

/** In one line, what a command takes from it. */
export const takenText = (incident: Incident, words: readonly IncidentWord[]): string | null => {
  const taken = words.flatMap((what) => {
    const said = incident[what];
    return said === null ? [] : [`${wordTexts[what]} ${valueText(what, said.value)} (${saidText(said)})`];
  });
  return taken.length === 0 ? null : `${taken.join('; ')}: as "magds incident" says`;
};
