import {type ExitCode, exitCode, Problem} from '../engine/base/problem.ts';
import type {Configuration} from '../engine/config/configuration.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {findPlace, type Place} from '../engine/storage/root.ts';
import {findState} from '../engine/storage/runbook/state-directory.ts';
import type {FlagName, Flags} from './flags.ts';

export type Invocation = {
  flags: Flags;
  /** What follows the command's own words. */
  rest: string[];
  cwd: string;
  signal: AbortSignal;
  /** The command itself. */
  command: Pick<Command, 'words'>;
};

export type Run = (invocation: Invocation) => Promise<ExitCode>;

export type Command = {
  /** The words that name it. */
  words: string[];
  /** Names of what may follow, for the usage line; `[X]` is optional, and `X…` any number of them. */
  operands: string[];
  /** Flags it takes beside the global ones. */
  flags: FlagName[];
  summary: string;
  /**
   * A signal ends it at once, whatever it is waiting for: it only looks, or what it has begun is tidied up by the next one
   * that writes, as after a kill.
   */
  endsAtOnce?: true;
  /** What may begin before the arguments have been read; must not do anything that is seen. */
  prepare?(): void;
  /** Imported when it is run: the first frame of the app must not wait for what it does not need. */
  load(): Promise<Run>;
};

export type Opened = {place: Place; configuration: Configuration | null};

/** Where to look, as `openRoot`; a restore that stopped halfway keeps nobody from looking, and is said. */
export async function openPlace(invocation: Invocation): Promise<Opened> {
  const opened = await openRoot(invocation);
  const state = opened.place.root === null ? null : findState(opened.place.root);
  try {
    const {whyRecover} = await import('../engine/session/sessions.ts');
    const why = whyRecover(state);
    if (why !== null) process.stderr.write(`x ${why}\n`);
  } finally {
    state?.close();
  }
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

export const placeOf = ({flags, cwd}: Invocation): Place =>
  findPlace({root: flags.root, backups: flags.backups, cwd});

export type Writable = RunPlace;

/**
 * The root that a command is to write to.
 * @throws Problem where there is only a backups directory, or nothing may be written
 */
export async function openToWrite(invocation: Invocation): Promise<Writable> {
  const {flags, command} = invocation;
  const words = `"magds ${command.words.join(' ')}"`;
  if (flags.readOnly)
    throw new Problem(exitCode.usage, `${words} writes, and --read-only forbids it. Nothing was changed.`);
  const {place, configuration} = await openRoot(invocation);
  if (place.root === null || !configuration) {
    throw new Problem(
      exitCode.usage,
      `${words} needs the project: --root DIR. A directory of backups alone (--backups) is only browsed and verified.`,
    );
  }
  const {checkNotLed} = await import('../engine/storage/runbook/way.ts');
  checkNotLed(place.root, place.backups);
  return {root: place.root, backups: place.backups, configuration};
}
