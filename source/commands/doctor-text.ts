import os from 'node:os';
import {escapeText} from '../engine/base/escape.ts';
import {operatorName} from '../engine/base/owner.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {writeTime} from '../engine/base/time-text.ts';
import type {Check, CheckState} from '../engine/doctor/check.ts';
import type {Counts} from '../engine/doctor/examine.ts';
import {widthOf, wrapWords} from '../presenters/graphemes.ts';

export const marks: Record<CheckState, string> = {ok: '+', beware: '!', wrong: 'x', unknown: '?'};

/** Columns of the ids: as wide as the widest. */
const nameWidth = 13;
const indent = ' '.repeat(nameWidth + 6);

/** Escaped, in lines that fit beside the ids. */
const beside = (text: string, columns: number): string[] =>
  wrapWords(escapeText(text), columns - indent.length);

export const headLine = (where: string, columns: number): string[] =>
  wrapWords(
    escapeText(
      `${where} on ${os.hostname()}, as ${operatorName(process.env)}, ${writeTime(Math.floor(Date.now() / 60_000) * 60_000)}. Nothing is changed.`,
    ),
    columns,
  );

export const groupLines = (title: string): string[] => ['', title];

/** Of a command with a name that a terminal would obey. */
const notTyped = '(a name in it cannot be shown as it is: see it with "ls -b")';

/** Set in where it fits: what the terminal breaks is hard to copy. */
function commandLine(command: string, columns: number): string {
  const shown = escapeText(command) === command ? command : notTyped;
  const deep = indent.length + 2;
  return ' '.repeat(deep + widthOf(shown) <= columns ? deep : 4) + shown;
}

/** A row: what was found, then what to do; commands are never broken, so that they can be copied. */
export function checkLines({id, state, what, advice, commands}: Check, columns: number): string[] {
  const [first = '', ...more] = beside(what, columns);
  return [
    `  ${marks[state]} ${id.padEnd(nameWidth)}  ${first}`,
    ...more.map((line) => indent + line),
    ...(advice === null ? [] : beside(advice, columns).map((line) => indent + line)),
    ...commands.map((command) => commandLine(command, columns)),
  ];
}

const words: [CheckState, string][] = [
  ['wrong', 'wrong'],
  ['beware', 'to look at'],
  ['unknown', 'not known'],
  ['ok', 'well'],
];

/** How many there are of each, and where the bad ones stand: the end is what is left on the screen. */
export function summaryLines(counts: Counts, checks: Check[], exit: ExitCode, columns: number): string[] {
  const lines = words.flatMap(([state, word]) => {
    if (counts[state] === 0) return [];
    const ids = [...new Set(checks.filter((each) => each.state === state).map(({id}) => id))];
    const named = state === 'ok' ? '' : `: ${ids.join(', ')}`;
    const [first = '', ...more] = wrapWords(`${counts[state]} ${word}${named}`, columns - 4);
    return [`  ${marks[state]} ${first}`, ...more.map((line) => `    ${line}`)];
  });
  const verdict =
    exit === exitCode.needsRecovery
      ? 'A restore stopped halfway: that comes first.'
      : exit === exitCode.failed
        ? 'Something needs you.'
        : exit === exitCode.partial
          ? 'Nothing is wrong, but something is to be looked at.'
          : 'All is well.';
  return ['', `${verdict} (exit ${exit})`, ...lines];
}
