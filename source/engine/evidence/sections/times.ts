import {type Interval, type Intervals, intervalsOf, momentOf, rpoRule, rtoRule} from '../intervals.ts';
import {bewareText, code, facts, list, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {computed, lostText, measured, unknown} from './loss.ts';
import {type Typed, typedBy} from './typed.ts';
import {atLeast, duration, isFirst, isMany, moment, verdicts} from './words.ts';

/** A time, what it is of, and how it is known. */
type Told = [what: string, at: string | null, known: string];

function timesOf(record: EvidenceRecord, {times, opened_at, ended_at}: EvidenceSession): Told[] {
  const {backups, exported} = record;
  const said = (what: Typed, at: string | null): string => typedBy(record, what, at !== null);
  return [
    ['backup begun', backups[0]?.time ?? null, measured],
    ['last live write before the restore', times.last_write, measured],
    ['bad since, as the operator said', times.bad_since, said('badSince', times.bad_since)],
    ['noticed', times.noticed, said('noticed', times.noticed)],
    ['declared', times.declared, said('declared', times.declared)],
    ['session opened', opened_at, measured],
    ['files restored (the switch)', times.restored, measured],
    ['session ended', ended_at, measured],
    ['service back', times.service_back, said('service-back', times.service_back)],
    ['exported', exported.at, measured],
  ];
}

/** What the clock says in the order in which it said it; what has no time is named below. */
function* timeline(record: EvidenceRecord, session: EvidenceSession): Iterable<string> {
  const all = timesOf(record, session);
  // What is no time at all comes last, as it is.
  const place = (at: string | null): number => momentOf(at) ?? Number.MAX_VALUE;
  const known = all.filter(([, at]) => at !== null).sort(([, a], [, b]) => place(a) - place(b));
  const missing = all.filter(([, at]) => at === null).map(([what]) => what);
  yield* paragraph('**Timeline**, UTC:');
  yield* isFirst(record)
    ? table(
        ['When', 'What'],
        known.map(([what, at]) => [moment(at), what]),
      )
    : table(
        ['When', 'What', 'Known'],
        known.map(([what, at, how]) => [moment(at), what, how]),
      );
  if (missing.length > 0) yield* paragraph(`Not recorded: ${missing.join('; ')}.`);
}

const ends = {
  'bad since': 'to when things went bad',
  'last write': 'to the last live write (when things went bad is not recorded)',
  'beginning of the drill': 'to the beginning of the drill, as if things had gone wrong then',
};
const starts = {
  noticed: 'when it was noticed',
  declared: 'when it was declared',
  opened: 'the opening of the session',
};

/** `; objective 1h00m: met`. */
function against({objective, verdict}: Interval): string {
  const text = verdicts[verdict];
  return objective === null ? `; ${text}` : `; objective ${duration(objective)}: ${text}`;
}

/** `41m06s, from the backup to when things went bad; objective 1h00m: met`. */
export function rpoText({rpo}: Intervals, text = duration): string {
  const till = rpo.until === null ? '' : `, from the backup ${ends[rpo.until]}`;
  return `${text(rpo.achieved)}${till}${against(rpo)}`;
}

export function rtoText({rto}: Intervals, text = duration): string {
  const {achieved, from, meant, verdict} = rto;
  const end = meant === 'service' ? 'the service being back' : 'the switch of the files';
  const till = achieved === null || from === null ? '' : `, from ${starts[from]} to ${end}`;
  return `${text(achieved)}${till}${against(rto)}${verdict === 'met' && meant === 'files' ? ' for the files' : ''}`;
}

/** An age that may lie the other way round. */
const age = (seconds: number | null, text: typeof duration): string =>
  seconds !== null && seconds < 0 ? `the backup was made ${text(-seconds)} later` : text(seconds);

/** As files of the first schema have it, which have rounded a loss down. */
export function* firstTimesSection(record: EvidenceRecord): Iterable<string> {
  const {session} = record;
  const intervals = intervalsOf(record);
  if (!session || !intervals) return yield* paragraph(`Plan and times: ${notRecorded}.`);
  yield* facts({
    Plan: session.plan === null ? notRecorded : `hash ${code(session.plan)}`,
    'Duration of the restore itself':
      session.seconds === null ? notRecorded : `${duration(session.seconds)}, by the monotonic clock`,
    'Age of the backup when things went bad': age(intervals.ageAtBad, duration),
    'Age of the backup at the last live write': age(intervals.ageAtLastWrite, duration),
    'Until the files were restored': duration(intervals.toFiles),
    'Until the service was back': duration(intervals.toService),
    'RTO achieved': rtoText(intervals),
    'RPO achieved': rpoText(intervals),
  });
  if (intervals.contradictions.length > 0) yield* list(intervals.contradictions.map(bewareText), '');
  yield* timeline(record, session);
  yield* paragraph(`${rpoRule} ${rtoRule}`);
}

/** A figure that follows from others, where it does. */
const figure = (text: string): string =>
  text.startsWith(notRecorded) ? `cannot be stated ${unknown}` : `${text} ${computed}`;

/** Datasets that are named of those of which the same is said. */
const mostNamed = 6;

export function* timesSection(record: EvidenceRecord): Iterable<string> {
  const {session} = record;
  const intervals = intervalsOf(record);
  if (!session || !intervals) return yield* paragraph(`Times: ${unknown}.`);
  yield* timeline(record, session);
  yield* facts({
    // The summary names as many as there is room for.
    'Data lost': isMany(record) ? null : lostText(record, session, mostNamed),
    'Duration of the restore itself':
      session.seconds === null ? unknown : `${atLeast(session.seconds)}, by the monotonic clock ${measured}`,
    // The summary has what is left out of these.
    'Age of the backup when things went bad': isMany(record)
      ? null
      : figure(age(intervals.ageAtBad, atLeast)),
    'Age of the backup at the last live write': figure(age(intervals.ageAtLastWrite, atLeast)),
    'Until the files were restored': figure(atLeast(intervals.toFiles)),
    'Until the service was back': isMany(record) ? null : figure(atLeast(intervals.toService)),
    'RTO achieved': figure(rtoText(intervals, atLeast)),
    'RPO achieved': figure(rpoText(intervals, atLeast)),
  });
  if (intervals.contradictions.length > 0) yield* list(intervals.contradictions.map(bewareText), '');
  yield* paragraph(`${rpoRule} ${rtoRule}`);
}
