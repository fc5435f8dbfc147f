import * as z from 'zod/mini';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {readSmallFile, stampOf} from '../base/files.ts';
import {parseAs} from '../base/parse-as.ts';
import {exitCode, Problem, withAdvice} from '../base/problem.ts';
import {writeTime} from '../base/time-text.ts';
import {appendLines, cutLines} from '../storage/runbook/kept-lines.ts';
import {inState} from '../storage/runbook/state-directory.ts';
import {type About, bounded, longestOf} from './about.ts';
import type {LineData} from './lines.ts';
import type {Who} from './owner.ts';
import {doubtsOf} from './times.ts';

/** What operators say of an incident before a session keeps it, and until that is signed off: a line each. */
export const incidentName = 'incident.jsonl';

/** Of an incident in which a backup is looked for: when, in UTC, ISO 8601; what it is called, and who said yes. */
export const incidentWords = ['badSince', 'noticed', 'declared', 'ticket', 'title', 'authorisedBy'] as const;
export type IncidentWord = (typeof incidentWords)[number];

const isTime = (what: IncidentWord): what is 'badSince' | 'noticed' | 'declared' =>
  what === 'badSince' || what === 'noticed' || what === 'declared';

/** A word of it, who said that, and when: UTC, ISO 8601. */
export type SaidWord = {
  value: string;
  by: string;
  /** The name that was typed beside the login; not there where none was. */
  person?: string | undefined;
  at: string;
  /** As a time was typed that is counted back from now: `5h ago`. It is no better than that. */
  typed?: string | undefined;
};

/** What is known of the incident; null where nobody has said. */
export type Incident = Record<IncidentWord, SaidWord | null>;

export const noIncident: Incident = {
  badSince: null,
  noticed: null,
  declared: null,
  ticket: null,
  title: null,
  authorisedBy: null,
};

/** How times were typed that are counted back from now. */
export type Typed = Partial<Record<IncidentWord, string>>;

/** Words that are said, or taken back where they are null. */
export type Saying = Partial<Record<IncidentWord, string | null>>;

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const isIso = (text: string): boolean => iso.test(text) && !Number.isNaN(Date.parse(text));

const lineSchema = z.object({
  version: z.literal(1),
  at: z.string().check(z.refine(isIso)),
  by: z.string().check(z.maxLength(600)),
  person: z.optional(z.string().check(z.maxLength(600))),
  /** `over`: all that was said before is of an incident that has ended. */
  what: z.enum([...incidentWords, 'over']),
  value: z.nullable(z.string().check(z.maxLength(4 * longestOf.title))),
  typed: z.optional(z.string().check(z.maxLength(64))),
});

/** A line of the file. */
export type IncidentLine = z.infer<typeof lineSchema>;

/** Bytes that are read, and from which on only what still counts is kept. */
const largest = 1024 * 1024;
const worthCutting = 64 * 1024;

/** Null where it is nothing that could have been said: a time that is none, a text that is empty or too long. */
function wordOf(what: IncidentWord, value: string | null): string | null {
  if (value === null) return null;
  if (isTime(what)) return isIso(value) ? value : null;
  return bounded(value, longestOf[what]).trim() || null;
}

/** What lines say together: the last one counts. @param before what was known before them */
export function incidentOf(lines: IncidentLine[], before = noIncident): Incident {
  const incident = {...before};
  for (const {what, value, version: _, ...said} of lines) {
    if (what === 'over') Object.assign(incident, noIncident);
    else {
      const word = wordOf(what, value);
      incident[what] = word === null ? null : {value: word, ...said};
    }
  }
  return incident;
}

/** @param typed how times were typed that are counted back from now */
export const incidentLines = (
  saying: Saying,
  {operator: by, person}: Pick<Who, 'operator' | 'person'>,
  at: Date,
  typed: Typed = {},
): IncidentLine[] =>
  incidentWords.flatMap((what) => {
    const value = saying[what];
    const how = typed[what];
    return value === undefined
      ? []
      : [
          {
            version: 1,
            at: at.toISOString(),
            by,
            ...(person && {person}),
            what,
            value,
            ...(how !== undefined && {typed: how}),
          },
        ];
  });

/** What is new of it: nobody is told to have said what another one said before him. */
export function newOf(incident: Incident, saying: Saying): Saying {
  const words = incidentWords.filter(
    (what) => saying[what] !== undefined && wordOf(what, saying[what]) !== (incident[what]?.value ?? null),
  );
  return Object.fromEntries(words.map((what) => [what, saying[what]]));
}

export const isSaid = (incident: Incident): boolean => incidentWords.some((what) => incident[what] !== null);

/** When it went wrong, as a list draws it; null where nobody has said. */
export const badSinceIn = ({badSince}: Incident): {at: number; by: string} | null =>
  badSince && {at: Date.parse(badSince.value), by: badSince.by};

/** Why retention removes nothing, the good copies from before it least of all; null where nobody has said since when. */
export const incidentHoldsBack = ({badSince}: Incident): string | null =>
  badSince &&
  `things are bad since ${writeTime(Date.parse(badSince.value))}: nothing is removed until that is settled (magds incident --clear)`;

/** As a session takes it over, as far as nobody says otherwise. */
export const aboutIncident = (incident: Incident): Omit<About, 'purpose'> => ({
  ticket: incident.ticket?.value ?? null,
  title: incident.title?.value ?? null,
  authorisedBy: incident.authorisedBy?.value ?? null,
  badSince: incident.badSince?.value ?? null,
});

/** What can hardly be meant of its times. */
export const incidentDoubts = ({noticed, declared, badSince}: Incident): string[] =>
  doubtsOf(
    {noticed: noticed?.value ?? null, declared: declared?.value ?? null, serviceBack: null},
    badSince?.value ?? null,
    null,
  );

/** When it was noticed and declared, as a session records it. */
export function timesSaid(state: Directory): LineData<'time'>[] {
  const incident = incidentOf(readIncident(state));
  return (['noticed', 'declared'] as const).flatMap((what) => {
    const word = incident[what];
    if (word === null) return [];
    const {value, by, at, person} = word;
    return [{what, at: value, by, said: at, ...(person !== undefined && {person})}];
  });
}

/** Who had said of the incident what a session goes by, and when. */
export function wordsSaid(
  state: Directory,
  about: Partial<Omit<About, 'purpose'>>,
): Record<string, Omit<SaidWord, 'value'>> {
  const incident = incidentOf(readIncident(state));
  const words = (['badSince', 'ticket', 'title', 'authorisedBy'] as const).flatMap((what) => {
    const word = incident[what];
    if (!word || word.value !== about[what]) return [];
    const {value: _, ...said} = word;
    return [[what, said] as const];
  });
  return Object.fromEntries(words);
}

/** Another one whenever something was said. @param state null where there is none */
export const incidentStamp = (state: Directory | null): string =>
  state === null ? '-' : stampOf(`${state.path}/${incidentName}`);

/** The lines of the file; what is none of ours is passed over. */
export function readIncident(state: Directory | null): IncidentLine[] {
  const read = state && readSmallFile(`${state.path}/${incidentName}`, largest);
  if (!read || !('data' in read)) return [];
  return read.data
    .toString('utf8')
    .split('\n')
    .flatMap((line) => parseAs(lineSchema, line) ?? []);
}

/** What has been said of the incident of a root. */
export const knownIncident = (root: string | null): Incident =>
  inState(root, (state) => incidentOf(readIncident(state)));

/** The same in as few lines as there can be. */
const inShort = (lines: IncidentLine[]): IncidentLine[] =>
  Object.entries(incidentOf(lines)).flatMap(([what, said]) =>
    said === null ? [] : [{version: 1, what: what as IncidentWord, ...said}],
  );

const modeIn = (state: Directory): number => (state.stats.mode & 0o664) | 0o600;

/**
 * Keeps what is said, durable.
 * @throws Problem where it cannot be written
 */
export function keepIncident(state: Directory, lines: IncidentLine[]): void {
  try {
    appendLines(
      state,
      incidentName,
      lines.map((line) => asciiJson(line)),
      modeIn(state),
    );
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `What was said of the incident cannot be kept in ${state.name}/${incidentName}: ${withAdvice(error)}.`,
    );
  }
}

/** Cuts the file to what still counts. To be called with the lock held. @throws the system call's error */
export const cutIncident = (state: Directory): void =>
  cutLines(state, incidentName, {
    above: worthCutting,
    inShort: () => inShort(readIncident(state)).map((line) => asciiJson(line)),
    mode: modeIn(state),
  });

/**
 * The incident has ended: its session is signed off, or an operator says so.
 * @returns whether anything had been said of one
 * @throws Problem where that cannot be written
 */
export function endIncident(state: Directory, by: string, at: Date): boolean {
  const isKnown = isSaid(incidentOf(readIncident(state)));
  if (isKnown) keepIncident(state, [{version: 1, at: at.toISOString(), by, what: 'over', value: null}]);
  return isKnown;
}
