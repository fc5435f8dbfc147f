import {exitCode, Problem, reasonOf} from '../base/problem.ts';
import {checkMayWrite} from '../config/project.ts';
import {announcerOf, hookProblems} from '../events/announcer.ts';
import {ofOldSafety, ofPruning} from '../retention/tell-pruning.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import {runBackup} from './run.ts';
import type {RunEvent, RunOptions, RunResult} from './run-events.ts';

/**
 * Makes a backup and tells of it: that it is there, or that it is not, and what retention removed. The site's hooks run
 * once nobody is kept from writing any more; `untold` of the result is what could not be told.
 * @throws Problem as `runBackup` does; that is told too, but for what was asked for wrongly
 */
export async function* runAndTell(options: RunOptions): AsyncGenerator<RunEvent, void, undefined> {
  const {label, signal} = options;
  // Where the configuration is in doubt, so is where to tell it.
  checkMayWrite(options.configuration);
  const announcer = announcerOf(options, signal);
  let id: string | null = null;
  let isTold = false;
  let untold: string[] = [];
  let last: Extract<RunEvent, {type: 'finished'}> | null = null;
  const tell = (happening: Happening): void => {
    isTold = true;
    void announcer.announce([happening]);
  };
  const tellFailed = (reason: string): void => {
    if (!isTold) tell({action: 'magdb.backup.failed', payload: {id, label, reason}});
  };
  try {
    for await (const event of runBackup(options)) {
      if (event.type === 'published') id = event.id;
      if (event.type === 'pruned') void announcer.announce([ofPruning(event.id, event.reason)]);
      // Before what is pruned because of it.
      if (event.type === 'made') tell(ofRun(event.result, label));
      else if (event.type === 'finished') last = event;
      else yield event;
    }
    if (last && !isTold) tell(ofRun(last.result, label));
    void announcer.announce((last?.result.safetyRemoved ?? []).map(ofOldSafety));
  } catch (error) {
    if (error instanceof Problem && error.exit === exitCode.usage) isTold = true;
    tellFailed(reasonOf(error));
    // That the others could not be told is not said: what has to be done is the same, and stands in what is said.
    const failed = hookProblems((await announcer.settle()).hooks);
    if (!(error instanceof Problem) || failed.length === 0) throw error;
    throw new Problem(error.exit, `${error.message} Not reported: ${failed.join('; ')}.`, {cause: error});
  } finally {
    tellFailed('it was stopped: what started it is no longer listening');
    untold = (await announcer.settle()).problems;
  }
  if (last) yield {type: 'finished', result: {...last.result, untold}};
}

/** What a run of backups amounts to. */
export function ofRun(
  {outcome, id, reason, copies, missing, manifestDigest, seconds}: RunResult,
  label: string,
): Happening {
  // One that is there although its end is not sure: `failed` is what has to be looked at.
  if (id === null || (outcome !== 'done' && outcome !== 'partial'))
    return {action: 'magdb.backup.failed', payload: {id, label, reason: reason ?? outcome}};
  return {
    action: 'magdb.backup.completed',
    payload: {
      id,
      label,
      datasets: new Set(copies.map(({name}) => name)).size,
      missing: missing.slice(0, mostListed).map(({name}) => name),
      bytes: copies.reduce((sum, {bytes}) => sum + bytes, 0),
      manifest_digest: manifestDigest,
      seconds,
    },
  };
}
