import type {Directory} from '../base/directory.ts';
import {listed} from '../base/format.ts';
import {exitCode, Problem, reasonOf} from '../base/problem.ts';
import {runHook} from '../base/run-hook.ts';
import {type RestoreSettings, restoreSettings} from '../config/own-settings.ts';
import type {RunPlace} from '../config/project.ts';
import {type Announcer, announcerOf} from '../events/announcer.ts';
import {metricsNote} from '../events/told-notes.ts';
import type {Pool} from '../hashing/pool.ts';
import {releaseHolds} from '../retention/session-hold.ts';
import {openWriter} from '../retention/writer.ts';
import type {Journal} from '../session/journal.ts';
import {Telling} from '../session/progress.ts';
import {journalOf, lockSession, openSession, stoppedSession} from '../session/sessions.ts';
import {hookFailed, keptIn} from '../session/story.ts';
import type {Happening} from '../storage/events.ts';
import type {Tidied} from '../storage/runbook/unfinished.ts';
import {targetsOf} from './all-targets.ts';
import {closeUndone} from './close.ts';
import {tellAndNote} from './events.ts';
import {ofNoRecovery, ofRecovery} from './happenings.ts';
import {type Direction, type Recovered, recover} from './recover.ts';

type RecoverRequest = {
  place: RunPlace;
  pool: Pool;
  direction: Direction;
  keep: ReadonlySet<string>;
  take: ReadonlySet<string>;
  breakHost: string | undefined;
  /** Is told what others left unfinished, before anything is recovered. */
  tidied: (tidied: Tidied) => void;
};

/**
 * @property beware what is to be known although it is done
 * @property isWhole whether all that comes after it has succeeded: hooks, and telling of it
 */
type RecoveredSession = {journal: Journal; files: Recovered['files']; beware: string[]; isWhole: boolean};

/** Tells others of it; that stands in the record of the session too. */
async function tell(
  announcer: Announcer,
  place: RunPlace,
  state: Directory,
  session: number,
  happening: Happening,
): Promise<void> {
  using directory = openSession(state, session);
  using telling = directory && new Telling(directory, process.env);
  await tellAndNote(announcer, telling, happening);
  telling?.note(...metricsNote(place, 'end'));
}

/**
 * Finishes the restore that stopped halfway, or takes it back, and runs what has to run after it.
 * @throws Problem where none did, or it cannot be done: then it still waits for a decision, and others are told that
 */
export async function recoverStopped(request: RecoverRequest): Promise<RecoveredSession> {
  const {place, direction} = request;
  const settings = restoreSettings(place.root);
  const doing = `restore ${direction === 'forward' ? '--resume' : '--rollback'}`;
  const announcer = announcerOf(place);
  let untold: string[] = [];
  let recovered: RecoveredSession;
  try {
    recovered = await carryOut(request, doing, settings, announcer);
  } finally {
    // Also where it failed: the site's hooks hear of that, and nobody is kept from writing by them.
    untold = (await announcer.settle()).problems;
  }
  const beware = [...recovered.beware, ...untold.map((each) => `not reported: ${each}`)];
  return {...recovered, beware, isWhole: recovered.isWhole && untold.length === 0};
}

/** @throws Problem (wrong usage) where what is to be kept or taken is nothing that the restore was about */
function checkNames(journal: Journal, names: Pick<RecoverRequest, 'keep' | 'take'>): void {
  const known = new Set(targetsOf({journal}).flatMap((each) => each.all().map(({dataset}) => dataset)));
  for (const flag of ['keep', 'take'] as const)
    for (const name of names[flag])
      if (!known.has(name))
        throw new Problem(
          exitCode.usage,
          `--${flag}: session ${journal.session} restored no "${name}". It was about ${listed([...known], 20)}. Nothing was changed.`,
        );
}

function lockStopped(state: Directory, number: number): () => void {
  using session = openSession(state, number);
  return session ? lockSession(session) : () => {};
}

type Hooking = {
  place: RunPlace;
  state: Directory;
  journal: Journal;
  direction: Direction;
  settings: RestoreSettings;
};

/** Runs the hooks after it; the record has what each said. @returns what failed */
async function runAfter(
  commands: string[][],
  {place: {root}, state, journal: {session, id}, direction, settings}: Hooking,
): Promise<string[]> {
  using directory = openSession(state, session);
  using telling = directory && new Telling(directory, process.env);
  const failed: string[] = [];
  for (const command of commands) {
    telling?.note('hook-begins', {command});
    const result = await runHook(command, root, settings.seconds, {
      MAGDS_ROOT: root,
      MAGDS_SESSION: String(session),
      MAGDS_BACKUP: id,
      MAGDS_OUTCOME: direction === 'forward' ? 'done' : 'rolled-back',
    });
    telling?.note('hook', result);
    failed.push(...hookFailed(command, result.reason));
  }
  return failed;
}

/** What is done by whoever holds the lock. */
async function carryOut(
  {place, pool, direction, keep, take, breakHost, tidied}: RecoverRequest,
  doing: string,
  settings: RestoreSettings,
  announcer: Announcer,
): Promise<RecoveredSession> {
  const writer = openWriter({...place, doing, breakHost, recovering: true});
  let unlock = (): void => {};
  try {
    tidied(writer.tidied);
    const stopped = stoppedSession(writer.state, true);
    if (!stopped)
      throw new Problem(
        exitCode.usage,
        'No restore stopped halfway: there is nothing to finish or to take back.',
      );
    const journal = journalOf(writer.state, stopped.number);
    const {state} = writer;
    checkNames(journal, {keep, take});
    unlock = lockStopped(state, stopped.number);
    let recovered: Recovered;
    try {
      recovered = await recover({state, journal, pool, direction, keep, take});
    } catch (error) {
      const why = reasonOf(error);
      await tell(announcer, place, state, journal.session, ofNoRecovery(journal, direction, why));
      throw error;
    }
    const {files, unrecorded} = recovered;
    await tell(announcer, place, state, journal.session, ofRecovery(journal, direction, files));
    const beware = [...keptIn(recovered), ...unrecorded.map((line) => `not recorded: ${line}`)];
    if (direction === 'forward' && journal.undoes !== null)
      beware.push(...(await closeUndone(state, journal.undoes, journal.session)));
    for (const {id, reason} of releaseHolds(state, writer.backups.path).stay)
      beware.push(`${id} stays held: ${reason}`);
    const due = journal.hooked || (direction === 'forward' && !journal.drill);
    const failed = await runAfter(due ? settings.after : [], {place, state, journal, direction, settings});
    const isWhole = failed.length + unrecorded.length === 0;
    return {journal, files, beware: [...beware, ...failed], isWhole};
  } finally {
    unlock();
    writer.close();
  }
}
