import {formatBytes, formatDuration} from '../../base/format.ts';
import type {EvidenceContext} from '../../session/context-schema.ts';
import {isLine, said, signOffIn} from '../../session/lines.ts';
import {type IntervalVerdict, momentOf} from '../intervals.ts';
import {code, firstFew, list, notRecorded} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession, EvidenceVerification} from '../schema.ts';

/** `2026-11-23 13:18:21Z`; null for what is no time in UTC. */
export function clockTime(at: string | null): string | null {
  const known = momentOf(at);
  return known === null ? null : `${new Date(known).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** A time of the record; what is none is shown as it is. */
export const moment = (at: string | null): string => clockTime(at) ?? code(at);

export const duration = (seconds: number | null): string =>
  seconds === null ? notRecorded : seconds < 0 ? `-${formatDuration(-seconds)}` : formatDuration(seconds);

/** A duration that says rather too much than too little: what was lost, or how long it took. */
export function atLeast(seconds: number | null): string {
  const whole = Math.ceil(seconds ?? 0);
  return seconds === null ? notRecorded : duration(whole < 3600 ? whole : Math.ceil(whole / 60) * 60);
}

export const size = (bytes: number | null): string => (bytes === null ? notRecorded : formatBytes(bytes));

export const amount = (value: number | null): string => (value === null ? notRecorded : String(value));

/** For tables, where a dash says "not recorded". */
export const short = (text: string | null): string => (text === null ? '-' : code(text));

export const verdicts: Record<IntervalVerdict, string> = {
  met: 'met',
  missed: '**missed**',
  unknown: 'cannot be said',
  'no objective': 'no objective is configured',
};

/** `4 match, 1 mismatch`, the most frequent first; of words that are markdown already. */
export function tally(words: string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([word, many]) => `${many} ${word}`)
    .join(', ');
}

/** Who did it: the login, and who may stand behind it. */
export function personText({who}: EvidenceContext): string {
  const behind = who.sudo_user === null ? '' : ` (by sudo from ${code(who.sudo_user)})`;
  const named = who.person ? `, ${code(who.person)} [typed]` : '';
  return `${code(who.login)}${behind}${who.shared_account ? ` (**a shared account**${named})` : ''}`;
}

export function verificationText(verification: EvidenceVerification | null): string {
  if (!verification) return notRecorded;
  const {at, result, reason, host, user} = verification;
  const why = reason === null ? '' : `: ${code(reason)}`;
  return `**${result}** at ${moment(at)} by ${code(user)} on ${code(host)}${why}`;
}

/** Verifications of a backup that are shown; all of them are in the record. */
const mostVerifications = 10;

export const verificationList = (all: EvidenceVerification[]): string[] =>
  list(firstFew(all.map(verificationText), mostVerifications), 'None.');

/** An earlier session for the same ticket. */
export const attemptText = ({number, state, opened_at}: EvidenceRecord['attempts'][number]): string =>
  `session ${number}: ${code(state)}, opened ${moment(opened_at)}`;

/** What the record is about, in a word. */
export function subjectOf({
  kind,
  session,
}: EvidenceRecord): 'restore' | 'drill' | 'undo' | 'verification' | 'catalog' {
  if (kind !== 'restore') return kind;
  if (session?.drill) return 'drill';
  return session && session.undoes !== null ? 'undo' : 'restore';
}

/** Rows that a section shows of many; beyond, only those that need a look. */
export const mostRows = 60;

/** Whether a session restored so many files that they are counted: what is as it should be is in the record. */
export const isMany = (record: EvidenceRecord): boolean =>
  !isFirst(record) && (record.session?.restored.length ?? 0) > 20;

/** How many rows are shown of so many, of a session in the second schema: all of some, few of many. */
export const rowsOf = (count: number): number => (count <= 20 ? count : 5);

/** The session that has taken it back; null where none has. */
export function undoneIn({lines}: EvidenceSession): number | null {
  const line = lines.findLast(isLine('undone'));
  return line ? (said(line, 'by') ?? Number.NaN) : null;
}

/** What has changed nothing is closed without a sign-off. */
export function signOffText(session: EvidenceSession): string {
  const {state, closed, lines} = session;
  const signed = lines.some(isLine('closed')) ? 'yes, then' : '**no**:';
  const undone = undoneIn(session);
  if (undone !== null) return `${signed} undone by session ${undone}`;
  if (state === 'done') return closed ? 'yes' : '**no**';
  return closed ? 'there was nothing to sign off' : '**no**: it has not come to its end';
}

/**
 * Who has closed it: whoever began it is nobody's second person. The record of a session that changed nothing has no such
 * line.
 */
export function closingText(session: EvidenceSession): string {
  const {closed, state, lines} = session;
  const undone = undoneIn(session);
  const line = signOffIn(lines);
  if (undone !== null && !line) return `**not closed**: undone by session ${undone}`;
  if (!closed) return state === 'done' ? '**not closed**' : '**not closed**: it has not come to its end';
  if (state !== 'done') return 'there was nothing to close';
  const person = line && said(line, 'person');
  const named = person ? ` (${code(person)} [typed])` : '';
  const who = line ? ` ${code(line.operator)}${named} at ${moment(line.at)}` : '';
  const by =
    line && line.operator !== lines[0]?.operator
      ? `signed off by${who}, who did not begin it`
      : `closed by the operator${who}`;
  return undone === null ? by : `${by}, then undone by session ${undone}`;
}

/** It was closed by whoever began it, or it is not known who that was. */
export function isOwnClosing(session: EvidenceSession): boolean {
  const {closed, state, lines} = session;
  const line = signOffIn(lines);
  if (!closed || state !== 'done' || (!line && undoneIn(session) !== null)) return false;
  return (line?.operator ?? lines[0]?.operator) === lines[0]?.operator;
}

/** Files of the first schema are rendered as they were. */
export const isFirst = ({schema}: EvidenceRecord): boolean => schema === 'magds-evidence/1';

/** `1 to 4, 6`. */
export function ranges(numbers: number[]): string {
  const parts: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from} to ${to}`)).join(', ');
}

/** As it was typed when things went bad, where that was counted back from then: what follows from it is about. */
export const badAsTyped = (session: EvidenceSession): string | undefined =>
  said(session.lines.find(isLine('opened')), 'said')?.['badSince']?.typed;
