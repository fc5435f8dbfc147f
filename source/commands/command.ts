import {escapeText} from '../engine/base/escape.ts';
import type {ExitCode} from '../engine/base/problem.ts';
import {type Configuration, describeFault} from '../engine/config/configuration.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {findPlace, type Place} from '../engine/storage/root.ts';
import {checkKnownState, inState} from '../engine/storage/runbook/state-directory.ts';
import {say} from '../terminal/standard-output.ts';
import {type FlagTable, type FlagValues, type globalFlags, wrongUsage} from './flags.ts';

export {wrongUsage};

/** A command without flags of its own. */
export type NoFlags = Record<never, never>;

/** @template Table the flags that it takes beside the global ones */
export type Invocation<Table extends FlagTable = NoFlags> = {
  flags: FlagValues<Table & typeof globalFlags>;
  /** What follows the command's own words. */
  rest: string[];
  cwd: string;
  signal: AbortSignal;
  /** The command's own words: `backup list`. */
  name: string;
};

/** One file; its words, and what loads it, stand in `all.ts`. Parsing and `--help` are made from it. */
export type Command<Table extends FlagTable = FlagTable> = {
  summary: string;
  /** What it is for: the help goes by that. */
  task: 'Look' | 'Prove' | 'Restore' | 'Every night' | 'Set up';
  /**
   * Names of what may follow, for the usage line; `[X]` is optional, and `X…` any number of them. Where there is a flag of
   * that name, either way gives its value.
   */
  operands?: string[];
  flags: Table;
  /** Calls to learn from. */
  examples?: string[];
  /**
   * A signal ends it at once, whatever it is waiting for: it only looks, or what it has begun is tidied up by the next one
   * that writes, as after a kill.
   */
  endsAtOnce?: true;
  run(invocation: Invocation<Table>): Promise<ExitCode>;
};

type Opened = {place: Place; configuration: Configuration | null};

/** Where to look, as `openRoot`; a restore that stopped halfway keeps nobody from looking, and is said. */
export async function openPlace(invocation: Invocation): Promise<Opened> {
  const opened = await openRoot(invocation);
  const {root, backups} = opened.place;
  const {whyRecover} = await import('../engine/session/sessions.ts');
  const why = inState(root, whyRecover);
  if (why !== null) say(`x ${why}`);
  const {bewareLed} = await import('../engine/storage/runbook/way.ts');
  const beware = root === null ? null : bewareLed(root, backups);
  if (beware !== null) say(`! ${escapeText(beware)}`);
  return opened;
}

/** As `openPlace`, where what is shown depends on what is configured: that a file of it does not count is said. */
export async function openConfigured(invocation: Invocation): Promise<Opened> {
  const opened = await openPlace(invocation);
  const [fault] = opened.configuration?.faults ?? [];
  if (fault)
    say(
      `! ${escapeText(describeFault(fault))}: what it configures is not known here. "magds config" shows it all.`,
    );
  return opened;
}

/**
 * Where to work, and the root's configuration: its backups may lie elsewhere than where they lie by default.
 * What is wrong with a value that a command needs is for the command to say.
 */
async function openRoot(invocation: Invocation): Promise<Opened> {
  const place = placeOf(invocation);
  if (place.root === null) return {place, configuration: null};
  const {loadConfiguration} = await import('../engine/config/effective.ts');
  const configuration = await loadConfiguration(place.root, process.env, invocation.flags.env);
  return {place: {...place, backups: configuration.path.value}, configuration};
}

/** @throws Problem where its state is another version's */
export function placeOf({flags, cwd}: Pick<Invocation, 'flags' | 'cwd'>): Place {
  const place = findPlace({root: flags.root, backups: flags.backups, cwd, env: process.env});
  if (place.root !== null) checkKnownState(place.root);
  return place;
}

/** @throws Problem (wrong usage) with `--read-only` */
export function checkWrites({flags, name}: Invocation): void {
  if (flags.readOnly) wrongUsage(`"magds ${name}" writes, and --read-only forbids it. Nothing was changed.`);
}

/** @throws Problem (wrong usage) where there is only a backups directory */
export async function openProject(invocation: Invocation): Promise<RunPlace> {
  const {place, configuration} = await openPlace(invocation);
  const {root, backups} = place;
  return root !== null && configuration
    ? {root, backups, configuration}
    : wrongUsage(`"magds ${invocation.name}" needs the project: --root DIR.`);
}

/**
 * The root that a command is to write to, unless it is a dry run: looking is allowed where writing is not.
 * @throws Problem where there is only a backups directory, or nothing may be written
 */
export async function openToWrite(invocation: Invocation, isDryRun?: boolean): Promise<RunPlace> {
  if (!isDryRun) checkWrites(invocation);
  const {place, configuration} = await openRoot(invocation);
  if (place.root === null || !configuration)
    return wrongUsage(
      `"magds ${invocation.name}" needs the project: --root DIR. A directory of backups alone (--backups) can only be browsed and verified.`,
    );
  const {checkNotLed} = await import('../engine/storage/runbook/way.ts');
  checkNotLed(place.root, place.backups);
  return {root: place.root, backups: place.backups, configuration};
}
