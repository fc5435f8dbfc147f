import {wrapWords} from '../presenters/graphemes.ts';
import {loadAll, type NamedCommand} from './all.ts';
import type {Command} from './command.ts';
import {type FlagTable, globalFlags, spellFlag} from './flags.ts';

const about = 'magds finds the good MagDS backup, proves that it is good, and puts it back.';

/** The tasks in the order in which somebody in a hurry needs them, and in a few words what the commands of one do. */
const gists: Record<Command['task'], Record<string, string>> = {
  Look: {
    backup: 'what there is, and what differs',
    session: 'restores so far, with their records',
    activity: 'who did what, newest first',
  },
  Prove: {
    backup: 'hash the copies again and compare',
    evidence: 'for the auditor',
  },
  Restore: {
    incident: 'what went wrong, since when',
    restore: 'put a backup back, all or nothing',
    backup: 'copy a dataset out of a backup',
    session: 'answer the checklist, sign it off',
  },
  'Every night': {
    backup: 'make one, clear old ones, hold one',
    doctor: 'is all well here, and what to do',
  },
  'Set up': {
    config: 'every value, and where it is from',
    ops: 'units, timers, alerts to install',
    demo: 'a made-up server to look around on',
    completion: 'Tab in bash, zsh and fish',
  },
};

export const exitCodes =
  'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part (something was missing), 4 verification failed, or a comparison found differences, 5 restore refused, or failed and rolled back, 6 a restore stopped halfway and waits for a decision, 7 with --quiet: a verification failed as before, 10 no such root, backup or file, 11 locked by another writer, 130 cancelled. A mismatch is never 0, and neither is "nothing was checked".';

const examples = [
  'magds backup list --bad-since=01:10',
  'magds backup verify --all --max-age=7d',
  'magds restore ID --dry-run',
];

/** Columns that a help text takes, and those of what is typed. */
const columns = 80;
const typed = 28;

/** What is typed, and beside it what it does. */
function row(left: string, right: string): string[] {
  const lines = wrapWords(right, columns - typed - 2).map((line) => `${' '.repeat(typed + 2)}${line}`);
  const head = `  ${left}`;
  if (left.length > typed - 2) return [head, ...lines];
  return [head.padEnd(typed + 2) + (lines[0] ?? '').trimStart(), ...lines.slice(1)];
}

export const spell = ({name, command}: NamedCommand): string =>
  ['magds', name, ...(command.operands ?? [])].join(' ');

const commandRows = (named: NamedCommand[]): string[] =>
  named.flatMap((each) => row(spell(each), each.command.summary));

const flagRows = (table: FlagTable): string[] =>
  Object.entries(table).flatMap(([name, {kind, takes, help, short}]) =>
    row(`${short === undefined ? '' : `-${short}, `}${spellFlag(name, kind)} ${takes}`.trimEnd(), help),
  );

const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

const exampleRows = (calls: string[]): string[] => calls.map((call) => `  ${call}`);

/** Where the names of commands begin in the overview, and where what they do. */
const [namesAt, gistAt] = [13, 44];

/** The commands of one task with one first word, in a line of its own: `backup list, show, diff`. */
function gistRow(task: string, word: string, alike: NamedCommand[]): string {
  const alone = alike.some(({name}) => name === word);
  const names = alike
    .map(({name}) => name)
    .toSorted((one, other) => one.split(' ').length - other.split(' ').length)
    .map((name, index) => (index === 0 || alone ? name : name.slice(word.length + 1)));
  const left = task.padEnd(namesAt) + names.join(', ');
  const [only] = alike;
  const gist = gists[only?.command.task ?? 'Look'][word] ?? only?.command.summary ?? '';
  return `${left.padEnd(gistAt - 2)}  ${gist}`;
}

/** The commands of a task, a line for each first word. */
function taskRows(task: string, named: NamedCommand[]): string[] {
  const wordOf = ({name}: NamedCommand): string => name.split(' ')[0] ?? '';
  const own = named.filter(({command}) => command.task === task);
  const known = Object.keys(gists[task as Command['task']]);
  const words = [...new Set([...known, ...own.map(wordOf)])];
  return words
    .map((word): [string, NamedCommand[]] => [word, own.filter((each) => wordOf(each) === word)])
    .filter(([, alike]) => alike.length > 0)
    .map(([word, alike], index) => gistRow(index === 0 ? task : '', word, alike));
}

/** All there is, by what it is for: as much as a terminal shows at once. */
async function overview(): Promise<string[]> {
  const named = await loadAll();
  return [
    about,
    '',
    `${''.padEnd(namesAt)}${'magds'.padEnd(gistAt - namesAt)}open the app, and look around`,
    ...Object.keys(gists).flatMap((task) => taskRows(task, named)),
    '',
    ...examples.map((call, index) => (index === 0 ? 'Examples' : '').padEnd(namesAt) + call),
    '',
    'magds help COMMAND lists its flags and exit codes.',
  ];
}

const ofGroup = (group: NamedCommand[]): string[] => [
  ...commandRows(group),
  '',
  'Flags of one of them: magds help COMMAND',
];

const ofCommand = (only: NamedCommand): string[] => [
  ...commandRows([only]),
  ...section('Examples', exampleRows(only.command.examples ?? [])),
  ...section('Flags', flagRows(only.command.flags)),
  ...section('Flags of every command', flagRows(globalFlags)),
  '',
  ...wrapWords(exitCodes, columns),
];

/** The commands that begin with a word, which is none itself. */
export const groupOf = (word: string, named: NamedCommand[]): NamedCommand[] =>
  named.filter(({name}) => name.startsWith(`${word} `));

/** @param about a command, a group of them, or nothing: all of them */
export async function help(about: NamedCommand | NamedCommand[] | null): Promise<string> {
  const lines = about === null ? await overview() : Array.isArray(about) ? ofGroup(about) : ofCommand(about);
  return `${lines.join('\n')}\n`;
}
