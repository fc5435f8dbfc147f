import os from 'node:os';
import {escapeText} from '../engine/base/escape.ts';
import {parseDuration} from '../engine/base/format.ts';
import {operatorName} from '../engine/base/owner.ts';
import {type ExitCode, exitCode} from '../engine/base/problem.ts';
import {writeTime} from '../engine/base/time-text.ts';
import type {Check, CheckState} from '../engine/doctor/check.ts';
import {type CheckCounts, type DoctorEvent, examine} from '../engine/doctor/examine.ts';
import type {TerminalFacts} from '../engine/doctor/subject.ts';
import {findPlace, rootOf} from '../engine/storage/root.ts';
import {widthOf, wrapWords} from '../presenters/graphemes.ts';
import {writeJson, writeOut} from '../terminal/standard-output.ts';
import type {Command, Invocation} from './command.ts';
import {wrongUsage} from './command.ts';
import {text} from './flags.ts';

const flags = {maxAge: text('AGE', 'how old the newest backup may be (26h)')};
type Call = Invocation<typeof flags>;

export const command: Command<typeof flags> = {
  summary:
    'check all that backups and restores need, and say what to do (exit 0 well, 3 look, 1 wrong, 6 stopped)',
  task: 'Every night',
  flags,
  endsAtOnce: true,
  run,
};

/** Seconds: a night without a backup shows, one that took longer does not. */
const usualAge = 26 * 3600;

function terminalFacts(): TerminalFacts | null {
  const {stdout} = process;
  return stdout.isTTY
    ? {columns: stdout.columns ?? 0, rows: stdout.rows ?? 0, colours: stdout.getColorDepth()}
    : null;
}

function maxAgeOf(given: string | undefined): number {
  if (given === undefined) return usualAge;
  const seconds = parseDuration(given);
  if (seconds !== null) return seconds;
  wrongUsage(`--max-age=${escapeText(given)} is not an age: write 30m, 12h, 7d or 2w.`);
}

async function run(invocation: Call): Promise<ExitCode> {
  const {flags, cwd, signal} = invocation;
  const maxAge = maxAgeOf(flags.maxAge);
  // What is wrong with the state is a finding.
  const place = findPlace({root: flags.root, backups: flags.backups, cwd, env: process.env});
  const terminal = terminalFacts();
  const events = examine({
    place,
    from: rootOf(flags.root, process.env).root === undefined && flags.backups === undefined ? cwd : null,
    environment: flags.env,
    env: process.env,
    maxAge,
    terminal,
    signal,
  });
  const last = flags.json ? await asJson(events, place) : await asText(events, place, terminal);
  return last === null ? exitCode.cancelled : last.exit;
}

type Finished = Extract<DoctorEvent, {type: 'finished'}>;
type Where = ReturnType<typeof findPlace>;

/** One object: a monitor wants the whole of it, and it takes a second. */
async function asJson(events: AsyncIterable<DoctorEvent>, {root, backups}: Where): Promise<Finished | null> {
  const checks: (Check & {group: string})[] = [];
  let group = '';
  for await (const event of events) {
    if (event.type === 'group') group = event.title;
    else if (event.type === 'check') checks.push({...event.check, group});
    else {
      const {counts, exit} = event;
      await writeJson({command: 'doctor', root, backups, checks, counts, exit});
      return event;
    }
  }
  return null;
}

async function asText(
  events: AsyncIterable<DoctorEvent>,
  {root, backups}: Where,
  terminal: TerminalFacts | null,
): Promise<Finished | null> {
  const columns = Math.min(100, Math.max(60, terminal?.columns || 80));
  const write = async (lines: string[]): Promise<void> => {
    // It is broken into lines already, and its commands are not to be.
    await writeOut(`${lines.join('\n')}\n`);
  };
  await write(headLine(root ?? backups, columns));
  const checks: Check[] = [];
  for await (const event of events) {
    if (event.type === 'group') await write(groupLines(event.title));
    else if (event.type === 'check') {
      checks.push(event.check);
      await write(checkLines(event.check, columns));
    } else {
      await write(summaryLines(event.counts, checks, event.exit, columns));
      return event;
    }
  }
  return null;
}

const marks: Record<CheckState, string> = {ok: '+', beware: '!', wrong: 'x', unknown: '?'};

/** Columns of the ids: as wide as the widest. */
const nameWidth = 13;
const indent = ' '.repeat(nameWidth + 6);

/** Escaped, in lines that fit beside the ids. */
const beside = (text: string, columns: number): string[] =>
  wrapWords(escapeText(text), columns - indent.length);

const headLine = (where: string, columns: number): string[] =>
  wrapWords(
    escapeText(
      `${where} on ${os.hostname()}, as ${operatorName(process.env)}, ${writeTime(Math.floor(Date.now() / 60_000) * 60_000)}. Nothing is changed.`,
    ),
    columns,
  );

const groupLines = (title: string): string[] => ['', title];

/** Of a command with a name that a terminal would obey. */
const notTyped = '(a name in it cannot be shown as it is: see it with "ls -b")';

/** Set in where it fits: what the terminal breaks is hard to copy. */
function commandLine(command: string, columns: number): string {
  const shown = escapeText(command) === command ? command : notTyped;
  const deep = indent.length + 2;
  return ' '.repeat(deep + widthOf(shown) <= columns ? deep : 4) + shown;
}

/** A row: what was found, then what to do; commands are never broken, so that they can be copied. */
function checkLines({id, state, what, advice, commands}: Check, columns: number): string[] {
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
function summaryLines(counts: CheckCounts, checks: Check[], exit: ExitCode, columns: number): string[] {
  const lines = words.flatMap(([state, word]) => {
    if (counts[state] === 0) return [];
    const ids = [...new Set(checks.filter((each) => each.state === state).map(({id}) => id))];
    const named = state === 'ok' ? '' : `: ${ids.join(', ')}`;
    const [first = '', ...more] = wrapWords(`${counts[state]} ${word}${named}`, columns - 4);
    return [`  ${marks[state]} ${first}`, ...more.map((line) => `    ${line}`)];
  });
  const verdict =
    exit === exitCode.needsRecovery
      ? 'A restore stopped: that comes first.'
      : exit === exitCode.failed
        ? 'Something needs you.'
        : exit === exitCode.partial
          ? 'Nothing is wrong, but something needs a look.'
          : 'All is well.';
  return ['', `${verdict} (exit ${exit})`, ...lines];
}
