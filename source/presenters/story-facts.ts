import {escapeText} from '../engine/base/escape.ts';
import {counted} from '../engine/base/format.ts';
import {planOf} from '../engine/restore/plan-record.ts';
import {type GivenAnswer, type Step, serviceStep} from '../engine/session/checklist.ts';
import {dataOf, isLine, said} from '../engine/session/lines.ts';
import type {RecordLine} from '../engine/session/record.ts';
import {bewareIn, type Story} from '../engine/session/story.ts';
import {widthOf, wrapWords} from './graphemes.ts';

/** `2 files, 1 database`: what a session replaced; null where its record does not say. */
export function replacedText({lines}: Story): string | null {
  const all = said(lines.findLast(isLine('prepare')), 'files');
  if (all === undefined) return null;
  const isDatabase = new Set(planOf(lines)?.actions.flatMap((each) => (each.database ? each.target : [])));
  const databases = all.filter((path) => isDatabase.has(path)).length;
  const files = all.length - databases;
  return [
    ...(files > 0 || databases === 0 ? [counted(files, 'file')] : []),
    ...(databases > 0 ? [counted(databases, 'database')] : []),
  ].join(', ');
}

/** Whether the backup that it restored does not hold everything. */
export const isInPart = (lines: RecordLine[]): boolean => (planOf(lines)?.partial.length ?? 0) > 0;

/** What it did, as a screen says it: `RESTORED IN PART`. */
export const restoredWord = ({undoes, lines}: Story): string =>
  `${undoes === null ? 'RESTORED' : 'UNDONE'}${isInPart(lines) ? ' IN PART' : ''}`;

/** Names of the datasets that it switched; none where its record does not say. */
export function datasetsOf({lines}: Story): string[] {
  const live = said(lines.findLast(isLine('switched')), 'live') ?? [];
  return [...new Set(live.map(({dataset}) => dataset))];
}

/** How long it took; null where its record does not say. */
export function secondsOf({openedAt, endedAt}: Story): number | null {
  const seconds = (Date.parse(endedAt ?? '') - Date.parse(openedAt ?? '')) / 1000;
  return Number.isNaN(seconds) ? null : seconds;
}

/**
 * An answer in a column of a list: `2 of 2`, `failed: 3 of 4`, or its note as far as whole words go; what is not done says
 * so first. Escaped here.
 * @param width in columns of the terminal
 */
export function shortAnswer({state, machine, note}: GivenAnswer, width: number): string {
  const text = escapeText(note ?? '');
  const [count] = machine ? (/^\d+ of \d+\b/.exec(text) ?? []) : [];
  const said = count ?? text;
  if (said === '') return state;
  const whole = state === 'done' ? said : `${state}: ${said}`;
  if (widthOf(whole) <= width) return whole;
  // What a machine says of it is no sentence to be broken off.
  return machine ? state : `${wrapWords(whole, width - 4)[0] ?? ''} ...`;
}

/** What is to be known although it is done. */
export const bewareOf = (story: Story): string[] => [
  ...(story.broken === null ? [] : [`the record of this session cannot be relied on: ${story.broken}`]),
  ...bewareIn(story),
];

/** What a command of the site's own said, where a step can be answered by it. Not escaped. */
type Said = {command: string; reason: string | null; output: string[]};

/** Lines kept of what a command said: the last ones tell how it ended. */
const mostOutput = 3;

function saidBy(line: RecordLine & {type: 'hook' | 'command'}): Said[] {
  const data = dataOf(line);
  if (!data) return [];
  const {command, reason, output} = data;
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return [{command: command.join(' '), reason, output: lines.slice(-mostOutput)}];
}

/**
 * What speaks for an answer: of a step with a command of its own its last run, of the service what the hooks after the
 * restore said (`hooks.after_restore`).
 */
export function saidFor({lines}: Story, {id, command}: Pick<Step, 'id' | 'command'>): Said[] {
  if (command !== null) {
    const wanted = JSON.stringify(command);
    const last = lines
      .filter(isLine('command'))
      .findLast((line) => JSON.stringify(said(line, 'command')) === wanted);
    return last ? saidBy(last) : [];
  }
  if (id !== serviceStep) return [];
  const from = lines.findLastIndex(isLine('switched', 'recovered'));
  return from === -1 ? [] : lines.slice(from).filter(isLine('hook')).flatMap(saidBy);
}
