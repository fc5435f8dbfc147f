import meow from 'meow';
import {escapeText} from '../engine/base/escape.ts';
import {version} from '../engine/base/version.ts';
import {load, loadAll, type Named, nameOf} from './all.ts';
import {type Invocation, wrongUsage} from './command.ts';
import {badSince, type FlagTable, globalFlags, spellFlag} from './flags.ts';
import {spell} from './help.ts';

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
  named: Named | null;
  rest: string[];
};

/** The command that is called, as far as it can be told before its flags are known: theirs may take the next word. */
function calledOf(argv: string[]): string | null {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const flag = Object.entries(globalFlags).find(([name, {kind}]) => word === spellFlag(name, kind))?.[1];
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
      importMeta: import.meta,
      argv,
      pkg: {name: 'magds', version},
      description: false,
      autoHelp: false,
      autoVersion: false,
      // Asked for only where it was given: `--no-json` is not the same as nothing.
      booleanDefault: undefined,
      flags: Object.fromEntries(Object.entries(table).map(([name, {kind}]) => [name, meowFlags[kind]])),
    }) as Read;
  } catch (error) {
    return wrongUsage(`${error instanceof Error ? error.message : String(error)} See "magds --help".`);
  }
}

const unknown = (flag: string): never =>
  wrongUsage(`Unknown flag ${escapeText(flag)}. Nothing was done. See "magds --help".`);

const isGiven = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);

/** What is typed for a command that there is not, or for none that takes these flags. */
async function refuseWords(words: string[]): Promise<never> {
  const named = await loadAll();
  const group = named.filter(({name}) => name.split(' ')[0] === words[0]);
  const known = (group.length > 0 ? group : named).map(spell).join(', ');
  return wrongUsage(`There is no command "${escapeText(words.join(' '))}". There is: ${known}.`);
}

/** @param table every flag that may be meant */
function checkFlags(given: [string, unknown][], named: Named | null, table: FlagTable): void {
  const allowed: FlagTable = {...globalFlags, ...(named ? named.command.flags : appFlags)};
  for (const [name, value] of given) {
    const spelt = spellFlag(name, table[name]?.kind);
    // An empty label is one that PHP knows: none.
    const empty = Array.isArray(value) ? value.includes('') : value === '';
    if (empty && name !== 'label') wrongUsage(`${spelt} needs a value: ${spelt}=…`);
    if (!Object.hasOwn(allowed, name))
      wrongUsage(`${spelt} does not go with "${named ? spell(named) : 'magds'}". See "magds --help".`);
  }
}

const namesOf = ({flags}: Read): string[] =>
  Object.entries(flags).flatMap(([name, value]) => (isGiven(value) ? [name] : []));

/**
 * What the operator asked for. Everything unknown is refused: the PHP CLI ignores a mistyped --dry-run and restores.
 * @param argv without the program's own name
 * @throws Problem (wrong usage)
 */
export async function parse(argv: string[]): Promise<Parsed> {
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
  const {input, flags} = result;
  const stranger = namesOf(result).find((name) => !Object.hasOwn(table, name));
  if (stranger !== undefined) return unknown(spellFlag(stranger));
  const stray = input.find((word) => word.startsWith('-'));
  if (stray !== undefined) return unknown(stray);
  const name = nameOf(input);
  const named = name === null ? null : await load(name);
  // Help may be asked for before the whole command is known.
  if (!named && input.length > 0 && flags['help'] !== true) return refuseWords(input);
  const given = Object.entries(flags).filter(([, value]) => isGiven(value));
  checkFlags(given, named, table);
  const rest = named ? input.slice(named.name.split(' ').length) : [];
  const operands = named?.command.operands ?? [];
  const most = operands.at(-1)?.endsWith('…') ? rest.length : operands.length;
  if (rest.length > most)
    wrongUsage(`Too many words: "${escapeText(rest.slice(most).join(' '))}". See "magds --help".`);
  return {flags: Object.fromEntries(given), named, rest};
}
