import {counted} from '../../base/format.ts';
import {dataOf, isLine, said} from '../../session/lines.ts';
import {type Intervals, intervalsOf, momentOf} from '../intervals.ts';
import {code, facts, firstFew, list, notRecorded, paragraph, wideWidth} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord, EvidenceSession} from '../schema.ts';
import {finishedText, passedText} from './choice.ts';
import {
  changedText,
  computed,
  lostText,
  measured,
  overwrittenText,
  rowsText,
  typed,
  unknown,
} from './loss.ts';
import {cautionsOf, interruptedText, named, outcomeText, sentence} from './summary.ts';
import {rtoText} from './times.ts';
import {
  atLeast,
  badAsTyped,
  closingText,
  isMany,
  isOwnClosing,
  moment,
  mostRows,
  tally,
  undoneIn,
  verdicts,
  verificationList,
} from './words.ts';

/** What speaks against it, or is still to be done: the worst first. */
function exceptionsOf(record: EvidenceRecord, session: EvidenceSession, {rto, rpo}: Intervals): string[] {
  const {state, restored, checklist, commands, lines, deviations, beware, safety, drill} = session;
  const isDone = state === 'done';
  const wrong = restored.filter(({result}) =>
    ['not restored', 'not recorded', 'written to since'].includes(result),
  );
  const failed = commands.filter(({exit}) => exit !== 0);
  const unlogged = lines.filter(isLine('event')).filter((line) => said(line, 'logged') === false);
  const all: (string | false)[] = [
    // The verdict says whether it was interrupted.
    ...cautionsOf(record)
      .filter((each) => each !== interruptedText)
      .map((each) => each.replace(/\.$/, '')),
    isDone && wrong.length > 0 && `${counted(wrong.length, 'live file is', 'live files are')} not proved`,
    ...checklist.filter(({state: is}) => is !== 'done').map(({id, state: is}) => `step ${code(id)} ${is}`),
    ...checklist
      .filter(({id, state: is, machine}) => id === 'verified' && is === 'done' && !machine)
      .map(({id}) => `step ${code(id)} answered by hand, not checked by a machine`),
    ...failed.map(({command, exit}) => `${code(command.join(' '))} ended with ${exit ?? 'no exit code'}`),
    rto.verdict === 'missed' && 'the RTO is missed',
    rpo.verdict === 'missed' && 'the RPO is missed',
    safety !== null && !safety.kept && 'the safety backup is not there any more',
    unlogged.length > 0 && `${counted(unlogged.length, 'event')} not in the audit log`,
    deviations.length > 0 && counted(deviations.length, 'deviation'),
    beware.length > 0 && counted(beware.length, 'warning'),
    isDone && !session.closed && undoneIn(session) === null && 'not closed',
    isOwnClosing(session) && !drill && 'closed by the operator, no second person approved that',
    record.authorised === null && 'who authorised it is not recorded',
  ];
  return all.filter((each) => each !== false);
}

/** Exceptions that the summary has room for. */
const mostExceptions = 4;

function openText(exceptions: string[]): string {
  const more = exceptions.length - mostExceptions;
  const shown = exceptions.slice(0, mostExceptions).join('; ');
  return `${shown}${more > 0 ? `; and ${more} more, see "Deviations, warnings and take-overs"` : ''}`;
}

function verdictText(session: EvidenceSession, exceptions: string[]): string {
  const {checklist: steps} = session;
  const done = steps.filter(({state}) => state === 'done').length;
  const checked = steps.length === 0 ? '' : `; ${done} of ${counted(steps.length, 'step')} done`;
  const open = exceptions.length === 0 ? 'no open exception' : counted(exceptions.length, 'open exception');
  return `${outcomeText(session)}${checked}; ${open} ${computed}`;
}

function whoText(session: EvidenceSession): string {
  const {context, owners} = session;
  const from = context?.who.ssh_client ?? null;
  const names = new Set(owners.slice(1).map(({operator}) => operator));
  names.delete(owners[0]?.operator ?? '');
  const others = [...names].map(code);
  const taken = others.length === 0 ? '' : `, then ${named(others)}`;
  // Whose login it is stands in the sentence above.
  const login = code(owners[0]?.operator ?? null);
  return `${login}${from === null ? '' : ` from ${code(from)}`}${taken}; ${closingText(session)} ${measured}`;
}

function whyText({purpose, ticket, title}: EvidenceRecord): string {
  const name = title === null ? '' : `, ${code(title)}`;
  return `${purpose ?? 'purpose not recorded'}; ticket: ${ticket === null ? unknown : `${code(ticket)}${name} ${typed}`}`;
}

/** `typed`: as it was typed, where that was counted back from then. */
type Point = {what: string; at: string | null; typed?: string | undefined};

/** From one time that was said to another one; or why that cannot be stated. */
function spanText(from: Point, to: Point, isWhole = true): string {
  const [begin, end] = [momentOf(from.at), momentOf(to.at)];
  const told = ({what, at, typed: as}: Point): string => {
    if (momentOf(at) === null) return `${what} ${unknown}`;
    return as === undefined
      ? `${what} ${moment(at)} ${typed}`
      : `${what} about ${moment(at)} [typed ${code(as)}]`;
  };
  if (begin === null || end === null) return `cannot be stated, ${told(from)} to ${told(to)}`;
  if (end < begin) return `cannot be stated, ${told(to)} is before ${told(from)}`;
  // As long as the times are apart as they stand there, in whole seconds.
  const seconds = Math.floor(end / 1000) - Math.floor(begin / 1000);
  return `${from.typed === undefined ? '' : 'about '}${atLeast(seconds)} ${computed}, ${told(from)} to ${isWhole ? told(to) : to.what}`;
}

function timeFacts(session: EvidenceSession, intervals: Intervals): Record<string, string> {
  const {times, drill} = session;
  if (drill)
    return {
      Outage: `none, a drill stops no service ${measured}`,
      Recovery: `${rtoText(intervals, atLeast)} ${computed}`,
    };
  const back = {what: 'service back', at: times.service_back};
  const {objective} = intervals.rto;
  const begin =
    times.noticed !== null
      ? {what: 'noticed', at: times.noticed}
      : {what: times.declared === null ? 'noticed or declared' : 'declared', at: times.declared};
  const isKnown = momentOf(begin.at) !== null && intervals.toService !== null;
  const goal =
    objective === null || !isKnown
      ? ''
      : `; objective ${atLeast(objective)}: ${verdicts[intervals.rto.verdict]}`;
  return {
    Outage: spanText({what: 'bad since', at: times.bad_since, typed: badAsTyped(session)}, back),
    // When that was stands in the line above.
    Recovery: `${spanText(begin, back, times.bad_since === null)}${goal}`,
  };
}

function choiceText(session: EvidenceSession, {ageAtBad}: Intervals): string | null {
  if (session.undoes !== null) return `it keeps what session ${session.undoes} replaced ${measured}`;
  if (ageAtBad === null) return session.drill ? null : `when things went bad: ${unknown}`;
  return ageAtBad < 0
    ? `made **${atLeast(-ageAtBad)} after things went bad** ${computed}`
    : `made ${badAsTyped(session) === undefined ? '' : 'about '}${atLeast(ageAtBad)} before things went bad ${computed}`;
}

function proofFacts(session: EvidenceSession, backup: EvidenceBackup | undefined): Record<string, string> {
  const {lines, opened_at, times, restored, checklist} = session;
  const all = backup?.verifications ?? [];
  const manifest = lines.find(isLine('manifest'));
  const known = manifest && dataOf(manifest);
  const opened = momentOf(opened_at);
  const switched = momentOf(times.restored);
  const before = known
    ? known.verified
    : all.find(({at}) => opened !== null && (momentOf(at) ?? opened) < opened);
  const result = (what: string, at: string): string =>
    `copies ${what === 'passed' ? 'passed' : `**${code(what)}**`} at ${moment(at)} ${measured}`;
  const after = all.find(({at}) => switched !== null && (momentOf(at) ?? 0) > switched);
  const step = checklist.find(({id, machine, at}) => id === 'verified' && machine && at !== null);
  const never = known ? `**never verified** before the restore ${measured}` : unknown;
  return {
    'Proof before': before ? result(before.result, before.at) : never,
    'Proof at the switch':
      switched === null || restored.length === 0
        ? unknown
        : `${moment(times.restored)}, ${counted(restored.length, 'live file')}: ${tally(restored.map(({result: is}) => is))} ${measured}`,
    'Proof after': after
      ? result(after.result, after.at)
      : step
        ? `${code(step.id)} ${step.state} by machine, ${moment(step.at)} ${measured}`
        : unknown,
  };
}

/** What stands alone: the verdict, who, the times, what was lost, why this copy, and what proves it (EVIDENCE.md). */
export function* openingSection(record: EvidenceRecord): Iterable<string> {
  const {session, backups} = record;
  const intervals = intervalsOf(record);
  if (!session || !intervals)
    return yield* paragraph(`Outcome: ${notRecorded}; the record holds no session.`);
  const exceptions = exceptionsOf(record, session, intervals);
  const rows = rowsText(record);
  yield* paragraph(sentence(record, session), wideWidth);
  yield* facts(
    {
      Verdict: verdictText(session, exceptions),
      Open: exceptions.length === 0 ? null : openText(exceptions),
      Why: whyText(record),
      Who: whoText(session),
      Authorised: record.authorised === null ? unknown : `${code(record.authorised)} [typed, not verified]`,
      Changed: changedText(record, session),
      ...timeFacts(session, intervals),
      'Data lost': `${lostText(record, session)}${rows === null ? '' : `; rows: ${rows}`}`,
      'Overwritten data': overwrittenText(session),
      'Why this copy': [
        choiceText(session, intervals),
        finishedText(backups[0]),
        session.undoes === null ? passedText(record) : null,
      ]
        .filter(Boolean)
        .join('; '),
      ...proofFacts(session, backups[0]),
    },
    wideWidth,
  );
}

/** What is known of the copies at each of the three moments, and every verification of this backup. */
export function* proofSection(record: EvidenceRecord): Iterable<string> {
  const {
    session,
    backups: [backup],
  } = record;
  if (!session) return yield* paragraph(`Proof: ${unknown}.`);
  if (!isMany(record)) yield* facts(proofFacts(session, backup));
  const before = isMany(record) ? 'What is known at each of the three moments: see the summary. ' : '';
  const all = backup?.verifications ?? [];
  yield* paragraph(`${before}Verifications of this backup that are recorded, newest first ${measured}:`);
  yield* verificationList(all);
}

/** What happened to a session's restore on its way, by the lines of its record. */
const happened = new Map([
  ['failed', 'the restore failed'],
  ['stuck', 'the restore stopped halfway'],
  ['recovery', 'a recovery was begun'],
  ['recovered', 'the recovery ended'],
  ['not recovered', 'the recovery failed'],
  ['taken-over', 'the session was taken over'],
  ['repaired', 'a line of the record that was cut short was repaired'],
  ['not closed', 'it was not signed off after all'],
]);

/** Take-overs and interruptions: when, by whom, and why where that was said. */
function happenings({lines}: EvidenceSession): string[] {
  let owner = lines[0]?.operator;
  return lines.flatMap((line) => {
    const {type, at, operator} = line;
    const what = happened.get(type);
    if (what === undefined) return [];
    const isSame = type === 'taken-over' && operator === owner;
    if (type === 'taken-over') owner = operator;
    if (isSame) return [`${moment(at)} ${code(operator)}: it went on in another terminal of the same login`];
    const {reason, person} = line.data;
    const who =
      type === 'recovery' && typeof person === 'string'
        ? `${code(operator)}, ${code(person)} [typed]`
        : code(operator);
    return [`${moment(at)} ${who}: ${what}; why: ${typeof reason === 'string' ? code(reason) : unknown}`];
  });
}

/** What speaks against it, all of it; what went another way than the runbook has it; what has to be done. */
export function* openSection(record: EvidenceRecord): Iterable<string> {
  const intervals = intervalsOf(record);
  const {session, corrective, exported} = record;
  if (!session || !intervals) return yield* paragraph(`Deviations: ${unknown}.`);
  const typedNow = `[typed by ${code(exported.who.login)}, ${moment(exported.at)}]`;
  const parts: [name: string, known: string, points: string[]][] = [
    ['Open exceptions', computed, exceptionsOf(record, session, intervals)],
    ['Deviations', measured, session.deviations.map(code)],
    ['Warnings, what the operator had to know although it was done', measured, session.beware.map(code)],
    ['Take-overs and interruptions', measured, happenings(session)],
    ['Corrective actions (what, who, until when)', typedNow, corrective.map(code)],
  ];
  for (const [name, known, points] of parts)
    if (points.length > 0)
      yield* [...paragraph(`**${name}** ${known}:`), ...list(firstFew(points, mostRows), '')];
  const none = parts.filter(([, , points]) => points.length === 0).map(([name]) => name.toLowerCase());
  if (none.length > 0) yield* paragraph(`None is recorded: ${none.join('; ')}.`);
}
