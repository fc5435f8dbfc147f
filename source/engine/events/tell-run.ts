import {checkMayWrite} from '../backup/plan.ts';
import {type RunEvent, type RunOptions, runBackup} from '../backup/run.ts';
import {exitCode, Problem} from '../problem.ts';
import {announcerOf, hookProblems} from './announcer.ts';
import {ofPruning, ofRun} from './happenings.ts';

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
  let last: Extract<RunEvent, {type: 'finished'}> | null = null;
  try {
    for await (const event of runBackup(options)) {
      if (event.type === 'pruned') void announcer.announce([ofPruning(event.id, event.reason)]);
      if (event.type === 'finished') last = event;
      else yield event;
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.exit === exitCode.usage) throw error;
    await announcer.announce([
      {action: 'magdb.backup.failed', payload: {id: null, label, reason: error.message}},
    ]);
    // That the others could not be told is not said: what has to be done is the same, and stands in what is said.
    const failed = hookProblems((await announcer.settle()).hooks);
    if (failed.length === 0) throw error;
    throw new Problem(error.exit, `${error.message} Not told: ${failed.join('; ')}.`, {cause: error});
  }
  if (!last) return;
  const {result} = last;
  await announcer.announce([ofRun(result, label)]);
  const {problems} = await announcer.settle();
  yield {type: 'finished', result: {...result, untold: problems}};
}
