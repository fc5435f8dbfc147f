import type {Directory} from '../base/directory.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import type {Pool} from '../hashing/pool.ts';
import {manifestAnswer} from '../session/checklist.ts';
import {type Journal, JournalFile, type JournalItem} from '../session/journal.ts';
import type {LineData} from '../session/lines.ts';
import {Telling} from '../session/progress.ts';
import {safetyName} from '../session/safety-place.ts';
import {openSession} from '../session/sessions.ts';
import {Stopped} from '../session/stopped.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {
  clearStaged,
  force,
  leave,
  type Standing,
  standingOf,
  switchBack,
  switchItem,
  whyNotBack,
} from './switch.ts';
import {abandon, settleBack, syncParents} from './transaction.ts';

export type Judged = {item: JournalItem; standing: Standing};

const never = new AbortController().signal;

async function hashOf(
  pool: Pool,
  {place, algorithm, new: put}: JournalItem,
  name?: string,
): Promise<string | null> {
  const segments = name === undefined ? place.segments : [...place.segments.slice(0, -1), name];
  const result = await pool.hash({directory: place.base, segments, algorithm}, never, put?.bytes).result;
  return result.status === 'read' ? result.hash : null;
}

/** Looks at what a restore that stopped has left: of each live file whether it is old, new, or somebody's since. */
export async function inspect({items}: Journal, pool: Pool): Promise<Judged[]> {
  return Promise.all(
    items.map(async (item): Promise<Judged> => {
      const standing = standingOf(item);
      if (item.volatile || standing === 'written') return {item, standing};
      const expected =
        standing === 'new' ? (item.new?.hash ?? null) : item.old.kind === 'file' ? item.old.hash : null;
      // Its times may have been set back: only its bytes prove what it is.
      const same = expected === null || (await hashOf(pool, item)) === expected;
      return {item, standing: same ? standing : 'written'};
    }),
  );
}

export type Direction = 'forward' | 'back';

export type Recovery = {
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
    ({item, standing}) => standing === 'written' && !keep.has(item.dataset) && !take.has(item.dataset),
  );
  if (open.length === 0) return;
  const names = [...new Set(open.map(({item}) => `${item.dataset} (${item.place.path})`))].join(', ');
  const becomes = direction === 'forward' ? 'restored' : 'put back';
  throw new Problem(
    exitCode.needsRecovery,
    `Session ${journal.session}: somebody has written since it stopped: ${names}. Say for each, beside ${flag[direction]}: --keep=NAME leaves what is there now, --take=NAME has it ${becomes} and keeps what is there now beside it. Nothing was changed.`,
  );
}

/** @throws Problem where the old file cannot take the place of what somebody has written */
function checkTakes(judged: Judged[], {direction, take, keep, journal}: Recovery): void {
  if (direction === 'forward') return;
  for (const {item, standing} of judged) {
    if (standing !== 'written' || keep.has(item.dataset) || !take.has(item.dataset)) continue;
    const why = whyNotBack(item);
    if (why === null) continue;
    const saved =
      journal.safety === null || item.safety === null
        ? 'There is no safety backup of it'
        : `The safety backup has it: ${stateName}/${safetyName}/${journal.safety}, which stays`;
    throw new Problem(
      exitCode.needsRecovery,
      `Session ${journal.session}: ${item.dataset} (${item.place.path}) cannot be put back: ${why}. ${saved}. Leave what is there now: --keep=${item.dataset}. Nothing was changed.`,
    );
  }
}

async function checkStaged(judged: Judged[], {pool, journal, keep}: Recovery): Promise<void> {
  for (const {item, standing} of judged) {
    // What stays as somebody has written it may have been switched before, and then nothing is staged for it.
    const stays = standing === 'written' && keep.has(item.dataset);
    if (standing === 'new' || stays || !item.new) continue;
    if ((await hashOf(pool, item, item.temporary)) === item.new.hash) continue;
    throw new Problem(
      exitCode.needsRecovery,
      `Session ${journal.session} cannot go on: ${item.dataset}: what was staged is gone or damaged (${item.temporary}). Go back: --rollback. Nothing was changed.`,
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
  if (!session) throw new Problem(exitCode.notFound, `Session ${journal.session} is gone.`);
  const telling = new Telling(session, process.env);
  telling.note('recovery', {direction, phase: journal.phase, keep: [...keep], take: [...take]});
  try {
    const recovered = await carryOut(recovery, JournalFile.reopen(session.path, journal));
    if (direction === 'forward' && !journal.drill)
      telling.note('step', manifestAnswer(recovered.files.map(({becomes}) => becomes === 'new')));
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
      `Session ${journal.session} was on its way back: only --rollback finishes that. Nothing was changed.`,
    );
  const judged = await inspect(journal, pool);
  checkDecided(judged, recovery);
  checkTakes(judged, recovery);
  if (direction === 'forward') await checkStaged(judged, recovery);
  else if (journal.phase === 'commit') file.advance('back');
  const recovered: Result = {files: [], kept: [], old: []};
  const ordered = direction === 'forward' ? judged : judged.toReversed();
  for (const {item, standing} of ordered) {
    const {dataset, place} = item;
    const target = place.path;
    if (standing === 'written' && keep.has(dataset)) {
      // Forward, the old file keeps its second name like all the others, until the session is closed.
      const old = direction === 'back' ? leave(item) : clearStaged(item);
      if (old) recovered.old.push(old);
      recovered.files.push({dataset, target, becomes: 'kept'});
      continue;
    }
    if (standing === 'written') {
      const written = force(item, direction);
      if (written !== null) recovered.kept.push(written);
    } else if (direction === 'back') switchBack(item);
    else if (standing === 'old') switchItem(item);
    recovered.files.push({dataset, target, becomes: direction === 'forward' ? 'new' : 'old'});
  }
  const decided = judged.some(({standing}) => standing === 'written');
  if (direction === 'back') {
    // What an operator decided on may be wanted once more.
    settleBack({file, state}, decided);
    return recovered;
  }
  for (const {item} of judged) clearStaged(item);
  syncParents(journal.items);
  await checkNew(recovery, recovered);
  file.advance('done');
  file.tidy();
  return recovered;
}

/** Nothing had been changed: there is only what lies beside to be cleared up. */
function abandonPrepared({state, journal, direction}: Recovery, file: JournalFile): Result {
  if (direction === 'forward')
    throw new Problem(
      exitCode.usage,
      `Session ${journal.session} stopped before it changed anything: --rollback clears up, then start again. Nothing was changed.`,
    );
  abandon({file, state});
  const files = journal.items.map(({dataset, place}) => ({
    dataset,
    target: place.path,
    becomes: 'old' as const,
  }));
  return {files, kept: [], old: []};
}

async function checkNew({pool, journal}: Recovery, {files}: Result): Promise<void> {
  for (const item of journal.items) {
    const kept = files.some(({target, becomes}) => target === item.place.path && becomes === 'kept');
    if (!item.new || kept || item.volatile) continue;
    if ((await hashOf(pool, item)) !== item.new.hash)
      throw new Stopped(
        `${item.dataset}: ${item.place.path} is not what was restored; the disk may be failing`,
      );
  }
}
