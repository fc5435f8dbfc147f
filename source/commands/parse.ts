import meow from 'meow';
import {escapeText} from '../engine/base/escape.ts';
import {exitCode, Problem} from '../engine/base/problem.ts';
import {version} from '../engine/base/version.ts';
import type {Command} from './command.ts';
import {appFlags, type Flags, flagTable, globalFlags, isFlag, spellFlag} from './flags.ts';
import {spell} from './usage.ts';

const meowFlags = {
  string: {type: 'string'},
  strings: {type: 'string', isMultiple: true},
  boolean: {type: 'boolean'},
} as const;

export type Parsed = {flags: Flags; command: Command | null; rest: string[]};

const wrong = (message: string): never => {
  throw new Problem(exitCode.usage, message);
};

function findCommand(words: string[], commands: Command[]): {command: Command | null; rest: string[]} {
  if (words.length === 0) return {command: null, rest: []};
  const command = commands.find((candidate) => candidate.words.every((word, index) => words[index] === word));
  if (command) return {command, rest: words.slice(command.words.length)};
  const group = commands.filter((candidate) => candidate.words[0] === words[0]);
  const known = (group.length > 0 ? group : commands).map(spell).join(', ');
  return wrong(`There is no command "${escapeText(words.join(' '))}". There is: ${known}.`);
}

function helpSubject(words: string[], commands: Command[]): {command: Command | null; rest: string[]} {
  const command = commands.find((candidate) => candidate.words.every((word, index) => words[index] === word));
  return {command: command ?? null, rest: []};
}

/**
 * What the operator asked for. Everything unknown is refused: the PHP CLI ignores a mistyped --dry-run and restores.
 * @param argv without the program's own name
 * @throws Problem (wrong usage)
 */
export function parse(argv: string[], commands: Command[]): Parsed {
  let result: {input: string[]; unnormalizedFlags: Record<string, unknown>; flags: Record<string, unknown>};
  try {
    result = meow('', {
      importMeta: import.meta,
      argv,
      pkg: {name: 'magds', version},
      description: false,
      autoHelp: false,
      autoVersion: false,
      // Asked for only where it was given: `--no-json` is not the same as nothing.
      booleanDefault: undefined,
      flags: Object.fromEntries(Object.entries(flagTable).map(([name, {kind}]) => [name, meowFlags[kind]])),
    }) as typeof result;
  } catch (error) {
    return wrong(`${error instanceof Error ? error.message : String(error)} See "magds --help".`);
  }
  const isGiven = (value: unknown): boolean =>
    value !== undefined && !(Array.isArray(value) && value.length === 0);
  const given = Object.entries(result.flags).filter(([, value]) => isGiven(value));
  for (const [name, value] of given) {
    if (!isFlag(name))
      wrong(`Unknown flag ${escapeText(spellFlag(name))}. Nothing was done. See "magds --help".`);
    // An empty label is one that PHP knows: none.
    const empty = Array.isArray(value) ? value.includes('') : value === '';
    if (empty && name !== 'label') wrong(`${spellFlag(name)} needs a value: ${spellFlag(name)}=…`);
  }
  const stray = result.input.find((word) => word.startsWith('-'));
  if (stray !== undefined) wrong(`Unknown flag ${escapeText(stray)}. Nothing was done. See "magds --help".`);
  const flags = Object.fromEntries(given) as Flags;
  // Whoever asks for help may not know the whole command yet.
  const {command, rest} =
    result.flags['help'] === true ? helpSubject(result.input, commands) : findCommand(result.input, commands);
  const allowed = [...(command?.flags ?? appFlags), ...globalFlags];
  for (const [name] of given) {
    if (!isFlag(name) || !allowed.includes(name)) {
      wrong(
        `${spellFlag(name)} does not go with "${command ? spell(command) : 'magds'}". See "magds --help".`,
      );
    }
  }
  const isEndless = command?.operands.at(-1)?.endsWith('…') === true;
  const operands = isEndless ? rest.length : (command?.operands.length ?? 0);
  if (rest.length > operands)
    wrong(`Too many words: "${escapeText(rest.slice(operands).join(' '))}". See "magds --help".`);
  return {flags, command, rest};
}
