import type {Directory} from '../base/directory.ts';
import {exitCode, Problem, withAdvice} from '../base/problem.ts';
import type {Configuration} from '../config/configuration.ts';
import {clearMetrics} from '../events/metrics/metrics-place.ts';
import {cutIncident} from '../session/incident.ts';
import {tidyUnbegun, whyRecover, workingSession} from '../session/sessions.ts';
import {openBackups} from '../storage/backups-directory.ts';
import {cutVerdicts} from '../storage/content-verdicts.ts';
import {takeLock} from '../storage/runbook/lock.ts';
import {openState, stateName} from '../storage/runbook/state-directory.ts';
import {finishUnfinished, type Tidied, whatIsBuilt} from '../storage/runbook/unfinished.ts';
import {releaseHolds} from './session-hold.ts';

type WriterRequest = {
  root: string;
  backups: string;
  configuration: Pick<Configuration, 'metrics'>;
  /** The command, in the operator's words. */
  doing: string;
  breakHost?: string | undefined;
  /** To finish a restore that stopped halfway, which keeps everybody else from writing. */
  recovering?: boolean;
};

/** What a writer works in: both directories open, the lock taken, and what others left unfinished finished. */
export type Writer = Disposable & {state: Directory; backups: Directory; tidied: Tidied; close(): void};

/**
 * @param alone for the holder of the lock
 * @throws Problem (exit 6) where a restore stopped halfway: its decision comes first
 */
export function checkRecovered(state: Directory, alone = false): void {
  const why = whyRecover(state, alone);
  if (why !== null) throw new Problem(exitCode.needsRecovery, `${why} Nothing was changed.`);
}

/** Files that grow with use are cut to what still counts. */
function cutKept(state: Directory): void {
  for (const cut of [cutIncident, cutVerdicts])
    try {
      cut(state);
    } catch {
      // It stays as long as it is, and says the same: no writer is kept from working by that.
    }
}

/**
 * Becomes the one writer of a root, until `close`.
 * @throws Problem where that cannot be: locked (exit 11), not permitted, another version
 */
export function openWriter(request: WriterRequest): Writer {
  const {root, backups, configuration, doing, breakHost, recovering} = request;
  const open: (() => void)[] = [];
  const close = (): void => {
    for (const each of open.splice(0).reverse()) each();
  };
  try {
    const state = openState(root);
    open.push(() => state.close());
    const lock = takeLock(state, {doing, breakHost});
    open.push(() => lock.release());
    const working = workingSession(state);
    if (working !== null)
      throw new Problem(
        exitCode.locked,
        `The restore of session ${working} is running, and ${state.name}/lock was deleted under it. Wait until it is done. Nothing was changed.`,
      );
    if (!recovering) checkRecovered(state, true);
    const directory = openBackups(root, backups);
    open.push(() => directory.close());
    const built = whatIsBuilt(state, directory);
    if (built !== null)
      throw new Problem(
        exitCode.locked,
        `A process is at work in ${built}, and ${state.name}/lock was deleted under it. Wait until it is done. Nothing was changed.`,
      );
    tidyUnbegun(state);
    const tidied = finishUnfinished(state, directory);
    clearMetrics(root, configuration.metrics.value);
    cutKept(state);
    // What cannot be let go now stays held, which harms nobody: the next writer tries again.
    releaseHolds(state, directory.path);
    return {state, backups: directory, tidied, close, [Symbol.dispose]: close};
  } catch (error) {
    close();
    if (error instanceof Problem) throw error;
    throw new Problem(exitCode.failed, `${root}/${stateName} cannot be worked in: ${withAdvice(error)}.`);
  }
}
