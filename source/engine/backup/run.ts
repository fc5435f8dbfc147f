import type {Directory} from '../base/directory.ts';
import {describeError, withAdvice} from '../base/problem.ts';
import {lastRunName, rememberRun} from '../config/last-run.ts';
import {restoreSettings} from '../config/own-settings.ts';
import {checkEnabled, checkMayWrite, type RunPlace} from '../config/project.ts';
import {removeOldSafety} from '../retention/old-safety.ts';
import {planRetention} from '../retention/plan.ts';
import {prune} from '../retention/prune.ts';
import {whyWaiting} from '../retention/retention.ts';
import {openWriter} from '../retention/writer.ts';
import {linkLeftOut} from '../storage/manifest/partial.ts';
import {whyTooLarge} from '../storage/manifest/read.ts';
import {checkLabel} from '../storage/new-id.ts';
import {type Made, makeBackup, nothingMade} from './make-backup.ts';
import {whyNotNow} from './next-id.ts';
import {planRun, type RunPlan} from './plan.ts';
import type {MadeEvent, RunEvent, RunOptions} from './run-events.ts';
import {BackupHooks} from './run-hooks.ts';

/** What must not be written, and why; null when all can be. The same for a dry run. */
export function whyNot(place: RunPlace, plan: RunPlan, strict: boolean): string | null {
  const {datasets, missing, needed, free} = plan;
  const reasons = missing.map(({name, reason}) => `${name}: ${reason}`).join('; ');
  if (datasets.length === 0) return 'no dataset is configured';
  if (datasets.every(({files}) => files.length === 0)) return `there is nothing to copy: ${reasons}`;
  const grave = plan.leftOut.filter((each) => each.grave || each.reason === linkLeftOut);
  if (strict && missing.length + grave.length > 0)
    return [reasons, ...grave.map(({name, reason}) => `${name}: ${reason}`)].filter(Boolean).join('; ');
  const files = datasets.reduce((sum, each) => sum + each.files.length, 0);
  const tooLarge = whyTooLarge(files, plan.manifestBytes);
  if (tooLarge !== null) return tooLarge;
  const late = whyNotNow(place);
  if (late) return late;
  if (free !== null && needed > free)
    return `there is not enough space: ${needed} bytes are needed, ${free} are free, ${needed - free} are missing`;
  return null;
}

/**
 * Makes a backup: whole or not at all (DESIGN.md, "Backup and retention"). Then retention does its work, if nothing was
 * missing. Aborting leaves nothing behind.
 * @throws Problem where it may not even begin: another writer, an unsettled configuration, a label
 */
export async function* runBackup(options: RunOptions): AsyncGenerator<RunEvent | MadeEvent, void, undefined> {
  const {configuration, label} = options;
  const began = performance.now();
  const secondsSince = (): number => (performance.now() - began) / 1000;
  checkLabel(label);
  checkMayWrite(configuration);
  checkEnabled(configuration);
  const {state, backups, tidied, close} = openWriter({...options, doing: 'backup run'});
  try {
    if (tidied.names.length + tidied.left.length > 0 || tidied.hooksDue) yield {type: 'tidied', tidied};
    const hooks = new BackupHooks(options, state);
    const made = yield* makeHooked(options, hooks, state, backups);
    const there = made.outcome === 'done' || made.outcome === 'partial';
    if (there) yield {type: 'made', result: {...made, seconds: secondsSince()}};
    const result = there ? {...made, ...(yield* afterwards(options, state, backups, made))} : made;
    yield {type: 'finished', result: {...result, hooks: hooks.results, seconds: secondsSince()}};
  } finally {
    close();
  }
}

/** Makes it between the site's own commands; those after it are run whatever happens, and before retention. */
async function* makeHooked(
  options: RunOptions,
  hooks: BackupHooks,
  state: Directory,
  backups: Directory,
): AsyncGenerator<RunEvent, Made, undefined> {
  const {configuration, label, strict, signal} = options;
  const nothing = nothingMade(configuration.algorithm.value);
  const failed = (reason: string): Made => ({
    ...nothing,
    outcome: 'failed',
    reason: `${reason}. Nothing was written`,
  });
  let made: Made | null = null;
  try {
    const why = yield* hooks.before(backups);
    if (why !== null) made = signal.aborted ? {...nothing, outcome: 'cancelled'} : failed(why);
    else {
      const plan = await planRun(options, label, {signal});
      yield {type: 'planned', plan};
      const refused = whyNot(options, plan, strict);
      const {missing, leftOut} = plan;
      if (signal.aborted) made = {...nothing, outcome: 'cancelled'};
      else if (refused) made = {...failed(refused), missing, leftOut};
      else made = yield* makeBackup(options, plan, state, backups);
    }
    yield* hooks.after(made);
    return made;
  } finally {
    await hooks.finish(made);
  }
}

type Afterwards = 'pruned' | 'safetyRemoved' | 'notPruned' | 'notRemembered';

/** What follows a backup that is there; nothing in it can take that back. */
async function* afterwards(
  options: RunOptions,
  state: Directory,
  backups: Directory,
  {id, outcome}: Made,
): AsyncGenerator<RunEvent, Pick<Made, Afterwards>, undefined> {
  const pruned: string[] = [];
  let safetyRemoved: string[] = [];
  const problems: string[] = [];
  try {
    const verdicts = planRetention({...options, backups: backups.path}, null);
    const goes = verdicts.filter(({stays, waits}) => !stays || waits).length;
    const waiting = whyWaiting(verdicts);
    if (outcome === 'done') {
      for await (const event of prune(state, backups, verdicts, options.signal)) {
        if (event.type === 'pruned') pruned.push(event.id);
        const problem = event.type === 'pruned' ? event.left : event.reason;
        if (problem !== null) problems.push(`${event.id}: ${problem}`);
        yield event;
      }
      const old = removeOldSafety(state, restoreSettings(options.root).safetyDays, Date.now());
      safetyRemoved = old.removed;
      problems.push(...old.problems);
    }
    if (waiting !== null) problems.push(`${waiting}; ${goes} would be deleted`);
    else if (outcome !== 'done' && goes > 0) {
      problems.push(
        `retention waits for a run with nothing missing; ${goes} would be deleted ("magds backup prune" does it now)`,
      );
    }
  } catch (error) {
    problems.push(describeError(error));
  }
  // Last: retention may just have made the room for it.
  const notRemembered = remember(state, id as string, options);
  const notPruned = problems.length > 0 ? problems.join('; ') : null;
  return {pruned, safetyRemoved, notPruned, notRemembered};
}

/** Why it could not be remembered; null where it was. */
function remember(state: Directory, id: string, {configuration, root}: RunOptions): string | null {
  try {
    rememberRun(state, id, configuration, root);
    return null;
  } catch (error) {
    return `${state.name}/${lastRunName}: ${withAdvice(error)}`;
  }
}
