import type {RunPlace} from '../backup/plan.ts';
import {type Announcer, announcerOf} from '../events/announcer.ts';
import {ofRecovery} from '../events/happenings.ts';
import type {Pool} from '../hashing/pool.ts';
import {runHook} from '../hooks/run-hook.ts';
import {exitCode, Problem} from '../problem.ts';
import type {Tidied} from '../runbook/unfinished.ts';
import {openWriter} from '../writer.ts';
import type {Journal} from './journal.ts';
import {type Direction, type Recovered, recover} from './recover.ts';
import {releaseHolds} from './session-hold.ts';
import {journalOf, stoppedSession} from './sessions.ts';
import {type RestoreSettings, restoreSettings} from './settings.ts';

export type RecoverRequest = {
  place: RunPlace;
  pool: Pool;
  direction: Direction;
  keep: ReadonlySet<string>;
  take: ReadonlySet<string>;
  breakHost: string | undefined;
  /** Is told what others left unfinished, before anything is recovered. */
  tidied: (tidied: Tidied) => void;
};

/** @property beware what is to be known although it is done */
export type RecoveredSession = {journal: Journal; files: Recovered['files']; beware: string[]};

/**
 * Finishes the restore that stopped halfway, or takes it back, and runs what has to run after it.
 * @throws Problem where none did, or it cannot be done: then it still waits for a decision
 */
export async function recoverStopped(request: RecoverRequest): Promise<RecoveredSession> {
  const {place, direction} = request;
  const settings = restoreSettings(place.root);
  const doing = `restore ${direction === 'forward' ? '--resume' : '--rollback'}`;
  const announcer = announcerOf(place);
  const recovered = await carryOut(request, doing, settings, announcer);
  const {problems} = await announcer.settle();
  return {...recovered, beware: [...recovered.beware, ...problems.map((each) => `not told: ${each}`)]};
}

/** What is done by whoever holds the lock. */
async function carryOut(
  {place, pool, direction, keep, take, breakHost, tidied}: RecoverRequest,
  doing: string,
  settings: RestoreSettings,
  announcer: Announcer,
): Promise<RecoveredSession> {
  const writer = openWriter({...place, doing, breakHost, recovering: true});
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
    const {files, kept, old, unrecorded} = await recover({state, journal, pool, direction, keep, take});
    await announcer.announce([ofRecovery(journal, direction)], true);
    const beware = [
      ...kept.map((file) => `what was written meanwhile is kept: ${file}`),
      ...old.map((file) => `the old file is kept: ${file}`),
      ...unrecorded.map((line) => `not recorded: ${line}`),
    ];
    for (const {id, reason} of releaseHolds(state, writer.backups.path).stay)
      beware.push(`${id} stays held: ${reason}`);
    const due = journal.hooked || (direction === 'forward' && !journal.drill);
    for (const command of due ? settings.after : []) {
      const {reason} = await runHook(command, place.root, settings.seconds, {
        MAGDS_ROOT: place.root,
        MAGDS_SESSION: String(journal.session),
        MAGDS_BACKUP: journal.id,
        MAGDS_OUTCOME: direction === 'forward' ? 'done' : 'rolled-back',
      });
      if (reason !== null) beware.push(`the hook ${command.join(' ')} after it: ${reason}`);
    }
    return {journal, files, beware};
  } finally {
    writer.close();
  }
}
