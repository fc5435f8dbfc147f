import meow from 'meow';
import {escapeText} from '../engine/base/escape.ts';
import {typedPath} from '../engine/base/files.ts';
import {version} from '../engine/base/version.ts';
import {load, loadAll, type NamedCommand, nameOf} from './all.ts';
import type {Invocation} from './command.ts';
import {didYouMean} from './did-you-mean.ts';
import {badSince, type Flag, type FlagTable, globalFlags, spellFlag, wrongUsage} from './flags.ts';
import {groupOf, spell} from './help.ts';

const meowFlags = {
  text: {type: 'string'},
  texts: {type: 'string', isMultiple: true},
  yes: {type: 'boolean'},
  no: {type: 'boolean'},
} as const;

/** Flags of the app, which is no command. */
const appFlags = {badSince};

export type Parsed = {
  flags: Invocation<typeof appFlags>['flags'];
  named: NamedCommand | null;
  rest: string[];
  /** Commands whose first word is all that was typed; empty otherwise. */
  group: NamedCommand[];
};

/** The command that is called, as far as it can be told before its flags are known: theirs may take the next word. */
function calledOf(argv: string[]): string | null {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const flag = Object.entries<Flag>(globalFlags).find(
      ([name, {kind, short}]) => word === spellFlag(name, kind) || word === `-${short}`,
    )?.[1];
    if (flag) index += flag.kind === 'text' ? 1 : 0;
    else if (word.startsWith('-')) break;
    else words.push(word);
  }
  return nameOf(words);
}

type Read = {input: string[]; flags: Record<string, unknown>};

function read(argv: string[], table: FlagTable): Read {
  try {
    return meow('', {
      importMeta: {url: import.meta.url} as ImportMeta,
      argv,
      pkg: {name: 'magds', version},
      description: false,
      autoHelp: false,
      autoVersion: false,
      // Asked for only where it was given: `--no-json` is not the same as nothing.
      booleanDefault: undefined,
      flags: Object.fromEntries(
        Object.entries(table).map(([name, {kind, short}]) => [
          name,
          short === undefined ? meowFlags[kind] : {...meowFlags[kind], shortFlag: short},
        ]),
      ),
    }) as Read;
  } catch (error) {
    return wrongUsage(`${error instanceof Error ? error.message : String(error)} See "magds --help".`);
  }
}

const unknown = (flag: string, table: FlagTable): never => {
  const known = Object.entries(table).map(([name, {kind}]) => spellFlag(name, kind));
  return wrongUsage(
    `Unknown flag ${escapeText(flag)}.${didYouMean(flag, known)} Nothing was done. See "magds --help".`,
  );
};

const isGiven = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);

/** What is typed for a command that there is not. */
function refuseWords(words: string[], named: NamedCommand[]): never {
  const typed = escapeText(words.join(' '));
  const group = groupOf(words[0] ?? '', named);
  const names = named.map(({name}) => name);
  // What follows the first word of a command is often typed alone.
  const whole = names.find((name) => name.split(' ')[1] === words[0]);
  const near = didYouMean(words.slice(0, 2).join(' '), names) || didYouMean(whole ?? '', names);
  const first = didYouMean(words[0] ?? '', [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]);
  const meant = near || (group.length > 0 ? '' : first);
  const known = (group.length > 0 ? group : named).map(spell).join(', ');
  const more = meant === '' ? `There is: ${known}.` : 'See "magds --help".';
  return wrongUsage(`There is no command "${typed}".${meant} ${more}`);
}

/** What was meant by a flag that does not go with a command, else what does go with it. */
function whatGoes(spelt: string, named: NamedCommand | null, allowed: FlagTable): string {
  const spellAll = (table: FlagTable): string[] =>
    Object.entries(table).map(([name, {kind}]) => spellFlag(name, kind));
  const meant = didYouMean(spelt, spellAll(allowed));
  if (meant !== '' || !named) return meant;
  const own = [...(named.command.operands ?? []), ...spellAll(named.command.flags)];
  return own.length === 0 ? '' : ` It takes ${own.join(', ')}.`;
}

/** @param table every flag that may be meant */
function checkFlags(given: [string, unknown][], named: NamedCommand | null, table: FlagTable): void {
  const allowed: FlagTable = {...globalFlags, ...(named ? named.command.flags : appFlags)};
  for (const [name, value] of given) {
    const spelt = spellFlag(name, table[name]?.kind);
    // An empty label is one that PHP knows: none.
    const empty = Array.isArray(value) ? value.includes('') : value === '';
    if (empty && name !== 'label') wrongUsage(`${spelt} needs a value: ${spelt}=…`);
    if (!Object.hasOwn(allowed, name))
      wrongUsage(
        `${spelt} does not go with "${named ? spell(named) : 'magds'}".${whatGoes(spelt, named, allowed)} See "magds --help".`,
      );
  }
}

/** What a flag takes where it is a path. */
const paths = ['DIR', 'FILE', 'KEY', 'LIST', 'OUT', 'PATH', 'REPLY'];

/** No shell reads the `~` of `--sign=~/key`. */
function readValue(value: unknown, flag: Flag | undefined): unknown {
  const read = (text: unknown) => (typeof text === 'string' ? typedPath(text) : text);
  if (!flag || !paths.includes(flag.takes)) return value;
  return Array.isArray(value) ? value.map(read) : read(value);
}

const namesOf = ({flags}: Read): string[] =>
  Object.entries(flags).flatMap(([name, value]) => (isGiven(value) ? [name] : []));

/** What a flag may give is taken from the words too, where an operand has its name. */
function takeOperands(
  {command, name}: NamedCommand,
  rest: string[],
  flags: Record<string, unknown>,
): string[] {
  const others = [...rest];
  for (const operand of command.operands ?? []) {
    const flag = operand.replace(/[[\]]/g, '').toLowerCase();
    if (!Object.hasOwn(command.flags, flag)) continue;
    if (flags[flag] === undefined) {
      if (others.length > 0) flags[flag] = others.shift();
    } else if (rest.length === command.operands?.length)
      wrongUsage(
        `"magds ${name}" takes one, and is given two: ${escapeText(rest[0] ?? '')}, and --${flag}. Nothing was done.`,
      );
  }
  return others;
}

/** `magds help X` and `magds version` are other ways to ask for what flags ask for. */
function asFlags([first, ...others]: string[]): string[] {
  if (first === 'help') return [...others, '--help'];
  return first === 'version' && others.length === 0
    ? ['--version']
    : [...(first === undefined ? [] : [first]), ...others];
}

/**
 * What the operator asked for. Everything unknown is refused: the PHP CLI ignores a mistyped --dry-run and restores.
 * @param given without the program's own name
 * @throws Problem (wrong usage)
 */
export async function parse(given: string[]): Promise<Parsed> {
  const argv = asFlags(given);
  const called = calledOf(argv);
  const early = called === null ? null : await load(called);
  let table: FlagTable = {...globalFlags, ...(early ? early.command.flags : appFlags)};
  let result = read(argv, table);
  const isClear = namesOf(result).every((name) => Object.hasOwn(table, name));
  if (!isClear || (!early && result.input.length > 0)) {
    // Which flags take a value is only known of all of them.
    table = Object.assign({}, ...(await loadAll()).map(({command}) => command.flags), globalFlags);
    result = read(argv, table);
  }
  const {input} = result;
  const stranger = namesOf(result).find((name) => !Object.hasOwn(table, name));
  if (stranger !== undefined) return unknown(spellFlag(stranger), table);
  const stray = input.find((word) => word.startsWith('-'));
  if (stray !== undefined) return unknown(stray, table);
  const flags = Object.fromEntries(
    Object.entries(result.flags)
      .filter(([, value]) => isGiven(value))
      .map(([flag, value]) => [flag, readValue(value, table[flag])]),
  );
  const name = nameOf(input);
  const named = name === null ? null : await load(name);
  if (!named && input.length > 0) {
    const all = await loadAll();
    const group = input.length === 1 ? groupOf(input[0] ?? '', all) : [];
    if (group.length === 0) return refuseWords(input, all);
    return {flags, named: null, rest: [], group};
  }
  checkFlags(Object.entries(flags), named, table);
  const words = named ? input.slice(named.name.split(' ').length) : [];
  const operands = named?.command.operands ?? [];
  const most = operands.at(-1)?.endsWith('…') ? words.length : operands.length;
  if (words.length > most)
    wrongUsage(`Too many arguments: "${escapeText(words.slice(most).join(' '))}". See "magds --help".`);
  const rest = named ? takeOperands(named, words, flags) : [];
  return {flags, named, rest, group: []};
}
