import {type Interval, type Intervals, intervalsOf, momentOf, rpoRule, rtoRule} from '../intervals.ts';
import {bewareText, code, facts, list, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {atLeast, duration, moment, verdicts} from './words.ts';

/** What the clock says in the order in which it said it; what has no time is named below. */
function* timeline({backups, exported}: EvidenceRecord, session: EvidenceSession): Iterable<string> {
  const {times} = session;
  const all: [string, string | null][] = [
    ['backup begun', backups[0]?.time ?? null],
    ['last live write before the restore', times.last_write],
    ['bad since, as the operator said', times.bad_since],
    ['noticed', times.noticed],
    ['declared', times.declared],
    ['session opened', session.opened_at],
    ['files restored (the switch)', times.restored],
    ['session ended', session.ended_at],
    ['service back', times.service_back],
    ['exported', exported.at],
  ];
  // What is no time at all comes last, as it is.
  const place = (at: string | null): number => momentOf(at) ?? Number.MAX_VALUE;
  const known = all.filter(([, at]) => at !== null).sort(([, a], [, b]) => place(a) - place(b));
  const missing = all.filter(([, at]) => at === null).map(([what]) => what);
  yield* paragraph('**Timeline**, UTC:');
  yield* table(
    ['When', 'What'],
    known.map(([what, at]) => [moment(at), what]),
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

export function* timesSection(record: EvidenceRecord): Iterable<string> {
  const {session} = record;
  const intervals = intervalsOf(record);
  // Files of the first schema have rounded a loss down.
  const text = record.schema === 'magds-evidence/1' ? duration : atLeast;
  if (!session || !intervals) return yield* paragraph(`Plan and times: ${notRecorded}.`);
  yield* facts({
    Plan: session.plan === null ? notRecorded : `hash ${code(session.plan)}`,
    'Duration of the restore itself':
      session.seconds === null ? notRecorded : `${duration(session.seconds)}, by the monotonic clock`,
    'Age of the backup when things went bad': age(intervals.ageAtBad, text),
    'Age of the backup at the last live write': age(intervals.ageAtLastWrite, text),
    'Until the files were restored': text(intervals.toFiles),
    'Until the service was back': text(intervals.toService),
    'RTO achieved': rtoText(intervals, text),
    'RPO achieved': rpoText(intervals, text),
  });
  if (intervals.contradictions.length > 0) yield* list(intervals.contradictions.map(bewareText), '');
  yield* timeline(record, session);
  yield* paragraph(`${rpoRule} ${rtoRule}`);
}
