import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import {listBackups} from '../engine/catalog/list.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {writeOut} from '../terminal/standard-output.ts';
import {loadAll, type NamedCommand, nameOf} from './all.ts';
import {openPlace} from './command.ts';
import {badSince, type FlagTable, globalFlags, spellFlag} from './flags.ts';
import {readStories} from './sessions.ts';

/** Words as they were typed: bash takes `--id=x` for three. */
function joined(words: string[]): string[] {
  const all: string[] = [];
  for (const [index, word] of words.entries()) {
    const last = all.length - 1;
    const before = all[last] ?? '';
    const isValue = words[index - 1] === '=' && before.endsWith('=');
    if (before.startsWith('--') && (word === '=' || isValue)) all[last] = before + word;
    else all.push(word);
  }
  return all;
}

type Typed = {words: string[]; flags: Record<string, string>; awaits: string | null};

/** What stands before the word that is completed; `awaits`: the flag whose value that is. */
function typedIn(before: string[], table: FlagTable): Typed {
  const typed: Typed = {words: [], flags: {}, awaits: null};
  for (const word of before) {
    if (typed.awaits !== null) {
      typed.flags[typed.awaits] = word;
      typed.awaits = null;
    } else if (word.startsWith('-')) {
      const [spelt = '', ...value] = word.split('=');
      const [name, flag] =
        Object.entries(table).find(([each, {kind}]) => spellFlag(each, kind) === spelt) ?? [];
      if (name === undefined || flag?.takes === '') continue;
      if (value.length > 0) typed.flags[name] = value.join('=');
      else typed.awaits = name;
    } else typed.words.push(word);
  }
  return typed;
}

/** Names that a shell takes as they are: of any others, which anybody may have made, it could run parts. */
const isPlain = (name: string): boolean => /^[\w.-]+$/.test(name);

/** Backups and sessions of the root that is meant. */
async function namesOf(kind: 'id' | 'session', {flags}: Typed): Promise<string[]> {
  const {root, backups, env} = flags;
  const given = {...(root && {root}), ...(backups && {backups}), ...(env && {env})};
  const signal = new AbortController().signal;
  try {
    const {place} = await openPlace({flags: given, rest: [], cwd: process.cwd(), signal, name: ''});
    if (kind === 'id') return listBackups(place.backups, heldDirectory(place.root)).ids.filter(isPlain);
    return place.root === null ? [] : readStories(place.root).map(({number}) => String(number));
  } catch (error) {
    // Where there is no root there are no names, and a message would stand in the middle of what is typed.
    if (error instanceof Problem) return [];
    throw error;
  }
}

const kindOf = (flag: string): 'id' | 'session' | null =>
  ['id', 'with'].includes(flag) ? 'id' : ['session', 'undo', 'takeOver'].includes(flag) ? 'session' : null;

async function operandsOf({name, command}: NamedCommand, typed: Typed): Promise<string[]> {
  const operand = command.operands?.[typed.words.length - name.split(' ').length] ?? '';
  if (operand.includes('|')) return operand.split('|');
  const flag = operand.replace(/[[\]]/g, '').toLowerCase();
  return flag === 'id' || flag === 'session' ? namesOf(flag, typed) : [];
}

/** What may be typed as the last of these words. */
export async function candidates(shell: string, given: string[]): Promise<string[]> {
  const words = shell === 'bash' ? joined(given) : given;
  const current = words.at(-1) ?? '';
  const named = await loadAll();
  const all: FlagTable = Object.assign({}, ...named.map(({command}) => command.flags), globalFlags);
  const typed = typedIn(words.slice(0, -1), all);
  const starting = (start: string, known: string[]): string[] =>
    known.filter((each) => each.startsWith(start));
  const [spelt = '', value] = current.split('=', 2);
  const valued = Object.entries(all).find(
    ([name, {kind}]) => value !== undefined && spellFlag(name, kind) === spelt,
  );
  const flag = typed.awaits ?? valued?.[0];
  if (flag !== undefined) {
    const kind = kindOf(flag);
    const found = kind ? starting(value ?? current, await namesOf(kind, typed)) : [];
    // bash replaces what stands behind the sign.
    return value === undefined || shell === 'bash' ? found : found.map((each) => `${spelt}=${each}`);
  }
  const called = named.find(({name}) => name === nameOf(typed.words));
  if (current.startsWith('-')) {
    const table: FlagTable = {...(called ? called.command.flags : {badSince}), ...globalFlags};
    const spellings = Object.entries(table).map(
      ([name, {kind, takes}]) => `${spellFlag(name, kind)}${takes === '' ? '' : '='}`,
    );
    return starting(current, spellings);
  }
  const before = typed.words.map((word) => `${word} `).join('');
  const next = named.flatMap(({name}) =>
    name.startsWith(before) ? [name.slice(before.length).split(' ')[0] ?? ''] : [],
  );
  const operands = called ? await operandsOf(called, typed) : [];
  return starting(current, [...new Set([...next, ...operands])]);
}

/** Is asked by what `magds completion` prints, with every press of Tab. */
export async function complete([shell = '', ...words]: string[]): Promise<ExitCode> {
  const found = await candidates(shell, words);
  await writeOut(found.map((each) => `${each}\n`).join(''));
  return exitCode.done;
}
