import {wrapWords} from '../presenters/graphemes.ts';
import {loadAll, type Named} from './all.ts';
import {type FlagTable, globalFlags, spellFlag} from './flags.ts';

const about =
  'magds: find the good MagDS backup, prove that it is one, put it back. Opening and listing changes nothing.';

const exitCodes =
  'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done in part (something was missing), 4 verification failed, or a comparison found differences, 5 restore refused, or failed and rolled back, 6 a restore stopped halfway and waits for a decision, 10 no such root, backup or file, 11 locked by another writer, 130 cancelled. A mismatch is never 0, and neither is "nothing was checked".';

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

export const spell = ({name, command}: Named): string =>
  ['magds', name, ...(command.operands ?? [])].join(' ');

const commandRows = (named: Named[]): string[] =>
  named.flatMap((each) => row(spell(each), each.command.summary));

const flagRows = (table: FlagTable): string[] =>
  Object.entries(table).flatMap(([name, {kind, takes, help, short}]) =>
    row(`${short === undefined ? '' : `-${short}, `}${spellFlag(name, kind)} ${takes}`.trimEnd(), help),
  );

const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

const exampleRows = (calls: string[]): string[] => calls.map((call) => `  ${call}`);

/** All there is, by what it is for. */
async function overview(): Promise<string[]> {
  const named = await loadAll();
  const tasks = [...new Set(named.map(({command}) => command.task))];
  return [
    ...wrapWords(about, columns),
    '',
    ...row('magds', 'open the app: browse, read manifests, verify, back up, restore'),
    ...tasks.flatMap((task) =>
      section(task, commandRows(named.filter(({command}) => command.task === task))),
    ),
    ...section('Examples', exampleRows(examples)),
    ...section('Flags of the app and of every command', flagRows(globalFlags)),
    '',
    'What a command takes, and its exit codes: magds help COMMAND',
  ];
}

const ofGroup = (group: Named[]): string[] => [
  ...commandRows(group),
  '',
  'What one of them takes: magds help COMMAND',
];

const ofCommand = (only: Named): string[] => [
  ...commandRows([only]),
  ...section('Examples', exampleRows(only.command.examples ?? [])),
  ...section('Flags', flagRows(only.command.flags)),
  ...section('Flags of every command', flagRows(globalFlags)),
  '',
  ...wrapWords(exitCodes, columns),
];

/** The commands that begin with a word, which is none itself. */
export const groupOf = (word: string, named: Named[]): Named[] =>
  named.filter(({name}) => name.startsWith(`${word} `));

/** @param about a command, a group of them, or nothing: all of them */
export async function help(about: Named | Named[] | null): Promise<string> {
  const lines = about === null ? await overview() : Array.isArray(about) ? ofGroup(about) : ofCommand(about);
  return `${lines.join('\n')}\n`;
}
