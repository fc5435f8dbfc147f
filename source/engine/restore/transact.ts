import type {Directory} from '../base/directory.ts';
import {describeError, type ExitCode, exitCode, withAdvice} from '../base/problem.ts';
import type {RunPlace} from '../config/project.ts';
import type {Pool} from '../hashing/pool.ts';
import {byHand} from '../session/by-hand.ts';
import {manifestAnswer} from '../session/checklist.ts';
import {type Journal, JournalFile, readJournal} from '../session/journal.ts';
import type {Telling} from '../session/progress.ts';
import {thisProcess} from '../session/sessions.ts';
import {CancelledRestore} from '../session/stopped.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {bewareOf, type RestorePlan} from './action.ts';
import {closeUndone} from './close.ts';
import {databasesOf, itemsOf} from './items.ts';
import {type Finished, finished, type RestoreRequest} from './request.ts';
import {safetyId} from './safety.ts';
import {checkDumps} from './stage-database.ts';
import {checkBesideFree} from './switch.ts';
import {abandon, commit, goBack, prepare} from './transaction.ts';
import type {Work} from './work.ts';

export const refused = (reason: string, exit: ExitCode = exitCode.restoreRefused): Finished =>
  finished('refused', exit, reason);

/** What a restore that is at work has in hand. `session`: its directory. */
export type Transacting = {
  request: RestoreRequest;
  state: Directory;
  session: Directory;
  telling: Telling;
  pool: Pool;
};

/** What a directory of the root's is called for system calls: through what is open, whatever its name leads to now. */
function inside(
  {request, state}: Transacting,
  {backups: named}: RunPlace,
  backups: Directory,
  directory: string,
): string {
  for (const [name, {path}] of [[named, backups] as const, [`${request.root}/${stateName}`, state] as const])
    if (directory.startsWith(`${name}/`)) return `${path}${directory.slice(name.length)}`;
  return directory;
}

/**
 * Changes the files as planned, all or none, with its journal.
 * @param hooked a hook has run before it
 */
export async function transact(
  transacting: Transacting,
  place: RunPlace,
  backups: Directory,
  plan: RestorePlan,
  hooked: boolean,
): Promise<Finished> {
  const {request, state, session: directory, telling, pool} = transacting;
  const {root, session} = request;
  const items = itemsOf(plan, session);
  const databases = databasesOf(plan, session);
  checkBesideFree(items);
  const journal: Journal = {
    version: 1,
    session,
    root,
    state: state.real,
    id: plan.id,
    directory: plan.directory,
    phase: 'prepare',
    drill: plan.into !== null,
    undoes: plan.undoes,
    safety:
      plan.safety && [...items, ...databases].some(({safety}) => safety !== null) ? safetyId(session) : null,
    hooked,
    closed: plan.into !== null,
    process: thisProcess(),
    directories: plan.directories,
    ...(databases.length > 0 && {databases}),
    items,
  };
  const file = new JournalFile(directory.path, journal);
  const work: Work = {
    state,
    file,
    telling,
    pool,
    copies: inside(transacting, place, backups, plan.directory),
    connection: place.configuration.connection,
    beware: [],
  };
  try {
    await prepare(work);
    if (plan.into !== null) work.beware.push(...(await checkDumps(work, plan)));
  } catch (error) {
    return takeBack(transacting, work, error, abandon);
  }
  try {
    const {live, late} = await commit(work);
    file.tidy();
    const result = finished('done', exitCode.done, null);
    result.beware.push(...bewareOf(plan), ...work.beware);
    for (const {dataset, target, written} of live)
      if (written) result.beware.push(`${dataset}: ${target} has already been written to since`);
    for (const kept of late) result.beware.push(`what was written in the last moment is kept: ${kept}`);
    // A drill has no checklist.
    const same = live.map(({written}) => !written);
    if (plan.into === null) telling.note('step', manifestAnswer(same, file.journal.databases));
    if (plan.undoes !== null) result.beware.push(...(await closeUndone(state, plan.undoes, session)));
    return result;
  } catch (error) {
    return takeBack(transacting, work, error, goBack);
  }
}

async function takeBack(
  {request, session, telling}: Transacting,
  work: Work,
  error: unknown,
  back: (work: Work) => Promise<void>,
): Promise<Finished> {
  const touched = work.file.journal.phase !== 'prepare';
  const reason = error instanceof CancelledRestore ? 'cancelled' : describeError(error);
  telling.note('failed', {reason, touched});
  try {
    await back(work);
  } catch (failure) {
    // The journal is what is written first: without one nothing was begun, and there is nothing to take back.
    if (readJournal(session.path, request.session).state === 'none') {
      work.file.tidy();
      return refused(withAdvice(error));
    }
    telling.note('stuck', {reason: describeError(failure)});
    const result = finished(
      'needs-recovery',
      exitCode.needsRecovery,
      `${reason}; and it could not be taken back: ${describeError(failure)}`,
    );
    return {...result, commands: byHand(work.file.journal, 'back'), untouched: !touched};
  }
  const {beware} = work;
  if (error instanceof CancelledRestore)
    return {...finished('cancelled', exitCode.cancelled, reason), beware};
  return {...(touched ? finished('rolled-back', exitCode.restoreRefused, reason) : refused(reason)), beware};
}
