import type {Directory} from '../base/directory.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import type {Pool} from '../hashing/pool.ts';
import {manifestAnswer} from '../session/checklist.ts';
import {type Journal, JournalFile} from '../session/journal.ts';
import type {LineData} from '../session/lines.ts';
import {Telling} from '../session/progress.ts';
import {safetyName} from '../session/safety-place.ts';
import {openSession, sessionGone} from '../session/sessions.ts';
import {Stopped} from '../session/stopped.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {targetsOf} from './all-targets.ts';
import type {Standing} from './switch.ts';
import type {Direction, Target} from './targets.ts';
import {abandon, settleBack} from './transaction.ts';

export type {Direction} from './targets.ts';

export type Judged = {target: Target; standing: Standing};

/** Looks at what a restore that stopped has left: of each target whether it is old, new, or somebody's since. */
export async function inspect(journal: Journal, pool: Pool): Promise<Judged[]> {
  const targets = targetsOf({journal}).flatMap((each) => each.all());
  return Promise.all(targets.map(async (target) => ({target, standing: await target.standing(pool)})));
}

type Recovery = {
  state: Directory;
  journal: Journal;
  pool: Pool;
  direction: Direction;
  /** What happens to files that somebody has written to since, by dataset: they stay, or give way and are kept beside. */
  keep: ReadonlySet<string>;
  take: ReadonlySet<string>;
};

export type Recovered = Omit<LineData<'recovered'>, 'outcome'> & {
  /** What could not be recorded, and why. */
  unrecorded: string[];
};

const flag = {forward: '--resume', back: '--rollback'};

/** @throws Problem where the operator has to decide first */
function checkDecided(judged: Judged[], {direction, keep, take, journal}: Recovery): void {
  const open = judged.filter(
    ({target: {dataset}, standing}) => standing === 'written' && !keep.has(dataset) && !take.has(dataset),
  );
  if (open.length === 0) return;
  const names = [...new Set(open.map(({target}) => `${target.dataset} (${target.path})`))].join(', ');
  const becomes = direction === 'forward' ? 'restored' : 'put back';
  throw new Problem(
    exitCode.needsRecovery,
    `Session ${journal.session}: somebody has written since it stopped: ${names}. Say for each, beside ${flag[direction]}: --keep=NAME leaves what is there now, --take=NAME has it ${becomes} and keeps what is there now beside it. Nothing was changed.`,
  );
}

/** @throws Problem where the old file cannot take the place of what somebody has written */
async function checkTakes(judged: Judged[], {direction, take, keep, journal}: Recovery): Promise<void> {
  if (direction === 'forward') return;
  for (const {target, standing} of judged) {
    const {dataset, path, isSaved} = target;
    if (standing !== 'written' || keep.has(dataset) || !take.has(dataset)) continue;
    const why = await target.whyNotBack();
    if (why === null) continue;
    const saved =
      journal.safety === null || !isSaved
        ? 'There is no safety backup of it'
        : `The safety backup has it: ${stateName}/${safetyName}/${journal.safety}, which stays`;
    throw new Problem(
      exitCode.needsRecovery,
      `Session ${journal.session}: ${dataset} (${path}) cannot be put back: ${why}. ${saved}. Leave what is there now: --keep=${dataset}. Nothing was changed.`,
    );
  }
}

async function checkStaged(judged: Judged[], {pool, journal, keep}: Recovery): Promise<void> {
  for (const {target, standing} of judged) {
    const {dataset} = target;
    // What stays as somebody has written it may have been switched before, and then nothing is staged for it.
    const stays = standing === 'written' && keep.has(dataset);
    const why = standing === 'new' || stays ? null : await target.whyNotForward(pool);
    if (why === null) continue;
    throw new Problem(
      exitCode.needsRecovery,
      `Session ${journal.session} cannot go on: ${dataset}: ${why}. Go back: --rollback. Nothing was changed.`,
    );
  }
}

/**
 * Finishes a restore that stopped halfway, or takes it back; to be called by whoever holds the lock. May be done again
 * where it is stopped itself.
 * @throws Problem where the operator has to decide first, or it cannot be done: then it still waits for a decision
 */
export async function recover(recovery: Recovery): Promise<Recovered> {
  const {state, journal, direction, keep, take} = recovery;
  const session = openSession(state, journal.session);
  if (!session) throw sessionGone(journal.session);
  const telling = new Telling(session, process.env);
  telling.note('recovery', {direction, phase: journal.phase, keep: [...keep], take: [...take]});
  try {
    const recovered = await carryOut(recovery, JournalFile.reopen(session.path, journal));
    if (direction === 'forward' && !journal.drill)
      telling.note(
        'step',
        manifestAnswer(
          recovered.files.map(({becomes}) => becomes === 'new'),
          journal.databases,
        ),
      );
    telling.note('recovered', {...recovered, outcome: direction === 'forward' ? 'done' : 'rolled-back'});
    return {...recovered, unrecorded: telling.unrecorded};
  } catch (error) {
    telling.note('not recovered', {reason: describeError(error)});
    if (error instanceof Stopped)
      throw new Problem(exitCode.needsRecovery, `Session ${journal.session} still waits: ${error.message}.`);
    throw error;
  } finally {
    telling.close();
    session.close();
  }
}

type Result = Omit<Recovered, 'unrecorded'>;

async function carryOut(recovery: Recovery, file: JournalFile): Promise<Result> {
  const {state, journal, pool, direction, keep} = recovery;
  if (journal.phase === 'prepare') return abandonPrepared(recovery, file);
  if (journal.phase === 'back' && direction === 'forward')
    throw new Problem(
      exitCode.usage,
      `Session ${journal.session} was being rolled back: only --rollback finishes that. Nothing was changed.`,
    );
  const judged = await inspect(journal, pool);
  checkDecided(judged, recovery);
  await checkTakes(judged, recovery);
  if (direction === 'forward') await checkStaged(judged, recovery);
  else if (journal.phase === 'commit') file.advance('back');
  const recovered: Result = {files: [], kept: [], old: []};
  const ordered = direction === 'forward' ? judged : judged.toReversed();
  for (const {target, standing} of ordered) {
    const {dataset, path} = target;
    if (standing === 'written' && keep.has(dataset)) {
      const old = await target.leave(direction);
      if (old !== null) recovered.old.push(old);
      recovered.files.push({dataset, target: path, becomes: 'kept'});
      continue;
    }
    if (standing === 'written') {
      const written = await target.force(direction);
      if (written !== null) recovered.kept.push(written);
    } else if (direction === 'back') {
      const late = await target.back();
      if (late !== null) recovered.kept.push(late);
    } else if (standing === 'old') await target.forward();
    recovered.files.push({dataset, target: path, becomes: direction === 'forward' ? 'new' : 'old'});
  }
  const decided = judged.some(({standing}) => standing === 'written');
  if (direction === 'back') {
    // What an operator decided on may be wanted once more.
    await settleBack({file, state}, decided);
    return recovered;
  }
  const kinds = targetsOf(file);
  for (const each of kinds) await each.tidy();
  for (const each of kinds) await each.settle('forward');
  await checkNew(pool, judged, recovered);
  file.advance('done');
  file.tidy();
  return recovered;
}

/** Nothing had been changed: there is only what lies beside to be cleared up. */
async function abandonPrepared({state, journal, direction}: Recovery, file: JournalFile): Promise<Result> {
  if (direction === 'forward')
    throw new Problem(
      exitCode.usage,
      `Session ${journal.session} stopped before it changed anything: --rollback cleans up, then start again. Nothing was changed.`,
    );
  await abandon({file, state});
  const targets = targetsOf(file).flatMap((each) => each.all());
  const files = targets.map(({dataset, path}) => ({dataset, target: path, becomes: 'old' as const}));
  return {files, kept: [], old: []};
}

async function checkNew(pool: Pool, judged: Judged[], {files}: Result): Promise<void> {
  for (const {target} of judged) {
    const {dataset, path} = target;
    const kept = files.some((each) => each.target === path && each.becomes === 'kept');
    if (!kept && !(await target.isNew(pool)))
      throw new Stopped(`${dataset}: ${path} is not what was restored; the disk may be failing`);
  }
}
