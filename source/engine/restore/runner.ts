import {Directory} from '../base/directory.ts';
import {describeError, type ExitCode, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {removeEmpty} from '../base/remove-tree.ts';
import type {HookResult} from '../base/result.ts';
import {runHook} from '../base/run-hook.ts';
import {programName} from '../base/version.ts';
import {loadConfiguration} from '../config/effective.ts';
import {type RestoreSettings, restoreSettings} from '../config/own-settings.ts';
import {checkMayWrite, type RunPlace} from '../config/project.ts';
import {createPool, type Pool} from '../hashing/pool.ts';
import {holdForSession, releaseHolds} from '../retention/session-hold.ts';
import {openWriter, type Writer} from '../retention/writer.ts';
import {byHand} from '../session/by-hand.ts';
import {manifestAnswer} from '../session/checklist.ts';
import {contextOf} from '../session/context.ts';
import {type Journal, JournalFile, readJournal} from '../session/journal.ts';
import {Telling} from '../session/progress.ts';
import {
  isNamed,
  journalOf,
  lockSession,
  openSession,
  sessionsName,
  thisProcess,
} from '../session/sessions.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import {heldDirectory} from '../storage/held.ts';
import {openState, stateName} from '../storage/runbook/state-directory.ts';
import {bewareOf, changes, type Planning, type RestorePlan} from './action.ts';
import {closeUndone} from './close.ts';
import {RestoreEvents} from './events.ts';
import {ofEnd, ofStart} from './happenings.ts';
import {itemsOf} from './items.ts';
import {Look} from './look.ts';
import {planRestore, whyNotRestore} from './plan.ts';
import {recordPlan} from './plan-record.ts';
import type {Finished, Outcome, RestoreRequest} from './request.ts';
import {safetyId} from './safety.ts';
import {checkBesideFree} from './switch.ts';
import {abandon, commit, goBack, prepare} from './transaction.ts';
import {planUndo} from './undo.ts';
import type {Work} from './work.ts';

const finished = (outcome: Outcome, exit: ExitCode, reason: string | null): Finished => ({
  outcome,
  exit,
  reason,
  beware: [],
  commands: [],
});

const refused = (reason: string, exit: ExitCode = exitCode.restoreRefused): Finished =>
  finished('refused', exit, reason);

class Runner {
  readonly #request: RestoreRequest;
  readonly #state: Directory;
  readonly #session: Directory;
  readonly #telling: Telling;
  readonly #pool: Pool;
  /** Null while it is not known where to tell others. */
  events: RestoreEvents | null = null;
  /** Files that are to be changed. */
  files = 0;

  constructor(request: RestoreRequest, state: Directory, session: Directory, telling: Telling, pool: Pool) {
    this.#request = request;
    this.#state = state;
    this.#session = session;
    this.#telling = telling;
    this.#pool = pool;
  }

  /** @param unsteady names of datasets whose changes stop nothing, beside those that always change */
  async #plan(place: RunPlace, settings: RestoreSettings, unsteady: string[]): Promise<RestorePlan> {
    const {options, undoes, known} = this.#request;
    const planning: Planning = {
      place,
      options: {
        ...options,
        map: new Map(options.map),
        held: heldDirectory(place.root),
        volatile: [...settings.volatile, ...unsteady],
        // Those that are not staged were hashed for the plan that was agreed to.
        checkCopies: 'none',
      },
    };
    const look = new Look(this.#pool, new AbortController().signal, known);
    if (undoes === null) return planRestore(planning, look);
    return planUndo(planning, journalOf(this.#state, undoes), look);
  }

  async #hooks(
    commands: string[][],
    settings: RestoreSettings,
    extra: Record<string, string>,
  ): Promise<HookResult[]> {
    const results: HookResult[] = [];
    for (const command of commands) {
      this.#telling.note('hook-begins', {command});
      const {root, session, options} = this.#request;
      const about = {MAGDS_ROOT: root, MAGDS_SESSION: String(session), MAGDS_BACKUP: options.id, ...extra};
      const result = await runHook(command, root, settings.seconds, about);
      this.#telling.note('hook', result);
      results.push(result);
      if (result.reason !== null) break;
    }
    return results;
  }

  async run(): Promise<Finished> {
    const {root, environment, breakHost, session, undoes, options, plan: agreed} = this.#request;
    let writer: Writer | null = null;
    const {ticket, purpose, title, authorisedBy, badSince, by} = this.#request;
    const {although = [], untilHook = [], deviations = []} = this.#request;
    const about = {ticket, purpose, title, authorisedBy, badSince};
    this.#telling.note('opened', {
      ...options,
      undoes,
      plan: agreed,
      ...about,
      ...by,
      program: programName,
      ...(deviations.length > 0 && {deviations}),
    });
    const context = contextOf(process.env);
    try {
      const configuration = await loadConfiguration(root, process.env, environment ?? undefined);
      checkMayWrite(configuration);
      const settings = restoreSettings(root);
      this.#telling.note('context', await context);
      if (options.into === null) this.#telling.note('checklist', {steps: settings.steps});
      const doing = undoes === null ? `restore of ${options.id}` : `undo of session ${undoes}`;
      const place: RunPlace = {root, backups: configuration.path.value, configuration};
      this.events = new RestoreEvents(place, this.#telling);
      writer = openWriter({
        ...place,
        doing: `${doing}, session ${session}`,
        breakHost: breakHost ?? undefined,
      });
      const unsteady = settings.before.length > 0 ? [...although, ...untilHook] : although;
      const plan = await this.#plan(place, settings, unsteady);
      if (plan.hash !== agreed)
        return refused(
          'the backup or a live file has changed since the plan was made: make it again, and look at it',
        );
      recordPlan(this.#telling, this.#session, plan);
      const why = whyNotRestore(plan);
      if (why.length > 0) return refused(why.join('; '));
      this.files = changes(plan).length;
      if (this.files === 0) return {...finished('done', exitCode.done, null), beware: bewareOf(plan)};
      this.events.noteMetrics('start');
      const untold = await this.events.tell(ofStart(this.#request, plan));
      if (untold !== null && !this.#request.withoutAudit)
        return refused(`${untold}, and what is restored has to be told there. Nothing was changed`);
      const unheld = await this.#hold(writer, plan);
      const result = await this.#carryOut(place, writer, plan, settings);
      return {...result, beware: [...unheld, ...result.beware]};
    } catch (error) {
      if (error instanceof Problem) return refused(error.message, error.exit);
      if (error instanceof Stopped) return refused(error.message);
      return refused(`${describeError(error)}. Nothing was changed`, exitCode.failed);
    } finally {
      if (writer) this.#release(writer);
      writer?.close();
    }
  }

  /**
   * Before anything changes, no retention may take the backup any more. Where that cannot be had, it keeps nobody from
   * restoring.
   * @returns what is to be known of it
   */
  async #hold({state, backups}: Writer, plan: RestorePlan): Promise<string[]> {
    const {id, undoes} = plan;
    // No retention reaches a safety backup.
    if (undoes !== null) return [];
    try {
      await holdForSession(state, backups.path, plan, this.#request.session);
      this.#telling.note('held', {id});
      return [];
    } catch (error) {
      const reason = describeError(error);
      this.#telling.note('not held', {id, reason});
      return [`${id} is not held for this session, and PHP's retention may delete it: ${reason}`];
    }
  }

  /** What changed nothing, or was a drill, needs its backup no longer. */
  #release({state, backups}: Writer): void {
    const {released, stay} = releaseHolds(state, backups.path);
    if (released.length + stay.length > 0) this.#telling.note('let go', {released, stay});
  }

  async #carryOut(
    place: RunPlace,
    writer: Writer,
    first: RestorePlan,
    settings: RestoreSettings,
  ): Promise<Finished> {
    const drill = first.into !== null;
    const hooked = !drill && settings.before.length > 0;
    const before = hooked ? await this.#hooks(settings.before, settings, {}) : [];
    const failed = before.find(({reason}) => reason !== null);
    const hookSaid = failed ? `the hook ${failed.command.join(' ')}: ${failed.reason}` : null;
    let result: Finished;
    try {
      // A service that is stopped writes a last time: only what matters stops it now.
      const plan =
        hooked && !failed ? await this.#plan(place, settings, this.#request.although ?? []) : first;
      const why = hookSaid ? [hookSaid] : whyNotRestore(plan);
      if (why.length > 0) result = refused(why.join('; '));
      else result = await this.#transact(place, writer.backups, plan, hooked);
    } catch (error) {
      result = refused(describeError(error));
    }
    // Halfway nothing is started again: it would read files that do not belong together.
    const due = hooked || result.outcome === 'done';
    if (drill || !due || result.outcome === 'needs-recovery') return result;
    const after = await this.#hooks(settings.after, settings, {MAGDS_OUTCOME: result.outcome});
    for (const {command, reason} of after)
      if (reason !== null) result.beware.push(`the hook ${command.join(' ')} after it: ${reason}`);
    return result;
  }

  /** What a directory of the root's is called for system calls: through what is open, whatever its name leads to now. */
  #inside({backups: named}: RunPlace, backups: Directory, directory: string): string {
    for (const [name, {path}] of [
      [named, backups] as const,
      [`${this.#request.root}/${stateName}`, this.#state] as const,
    ])
      if (directory.startsWith(`${name}/`)) return `${path}${directory.slice(name.length)}`;
    return directory;
  }

  async #transact(
    place: RunPlace,
    backups: Directory,
    plan: RestorePlan,
    hooked: boolean,
  ): Promise<Finished> {
    const {root, session} = this.#request;
    const items = itemsOf(plan, session);
    checkBesideFree(items);
    const journal: Journal = {
      version: 1,
      session,
      root,
      state: this.#state.real,
      id: plan.id,
      directory: plan.directory,
      phase: 'prepare',
      drill: plan.into !== null,
      undoes: plan.undoes,
      safety: plan.safety && items.some(({safety}) => safety !== null) ? safetyId(session) : null,
      hooked,
      closed: plan.into !== null,
      process: thisProcess(),
      directories: plan.directories,
      items,
    };
    const file = new JournalFile(this.#session.path, journal);
    const work: Work = {
      state: this.#state,
      file,
      telling: this.#telling,
      pool: this.#pool,
      copies: this.#inside(place, backups, plan.directory),
      connection: place.configuration.connection,
      beware: [],
    };
    try {
      await prepare(work);
    } catch (error) {
      return this.#takeBack(work, error, abandon);
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
      if (plan.into === null) this.#telling.note('step', manifestAnswer(live.map(({written}) => !written)));
      if (plan.undoes !== null) result.beware.push(...closeUndone(this.#state, plan.undoes, session));
      return result;
    } catch (error) {
      return this.#takeBack(work, error, goBack);
    }
  }

  #takeBack(work: Work, error: unknown, back: (work: Work) => void): Finished {
    const touched = work.file.journal.phase !== 'prepare';
    const reason = error instanceof CancelledRestore ? 'cancelled' : describeError(error);
    this.#telling.note('failed', {reason, touched});
    try {
      back(work);
    } catch (failure) {
      // The journal is what is written first: without one nothing was begun, and there is nothing to take back.
      if (readJournal(this.#session.path, this.#request.session).state === 'none') {
        work.file.tidy();
        return refused(withAdvice(error));
      }
      this.#telling.note('stuck', {reason: describeError(failure)});
      const result = finished(
        'needs-recovery',
        exitCode.needsRecovery,
        `${reason}; and it could not be taken back: ${describeError(failure)}`,
      );
      return {...result, commands: byHand(work.file.journal, 'back')};
    }
    if (error instanceof CancelledRestore) return finished('cancelled', exitCode.cancelled, reason);
    return touched ? finished('rolled-back', exitCode.restoreRefused, reason) : refused(reason);
  }
}

/** The directory that was made for a drill goes where nothing was put into it. @returns why it could not be removed */
function removeUnused(into: string | null, outcome: Finished['outcome']): string[] {
  if (into === null || outcome === 'done' || outcome === 'needs-recovery') return [];
  try {
    removeEmpty(into);
    return [];
  } catch (error) {
    return [`${into}, which was made for it, stays: ${describeError(error)}`];
  }
}

/** Tells others how it ended. @returns what could not be told */
async function tellEnd(
  {events, files}: Runner,
  request: RestoreRequest,
  result: Finished,
  seconds: number,
): Promise<string[]> {
  const isNothing = result.outcome === 'done' && files === 0;
  if (!events || isNothing) return [];
  await events.tell(ofEnd(request, result, files, seconds));
  events.noteMetrics('end');
  const problems = await events.settle();
  return problems.map((each) => `not told: ${each}`);
}

/**
 * Carries out a restore in this very process and records it; to be called in a process of its own session, which lives
 * on when the terminal goes (RESTORE.md, "The transaction").
 * @returns what the last line of the record says
 */
export async function runRestore(request: RestoreRequest): Promise<Finished> {
  const state = openState(request.root);
  const {session: number, descriptor} = request;
  const name = `${state.name}/${sessionsName}/${number}`;
  const session = descriptor === undefined ? openSession(state, number) : new Directory(descriptor, name);
  if (!session) throw new Problem(exitCode.failed, `session ${number} has no directory`);
  const unlock = lockSession(session);
  const telling = new Telling(session, process.env);
  const pool = createPool();
  const began = performance.now();
  try {
    const runner = new Runner(request, state, session, telling, pool);
    const swapped = (): boolean => !isNamed(state, number, session);
    const result = swapped()
      ? refused(`${name} was swapped for something else: look who did that. Nothing was changed`)
      : await runner.run();
    if (swapped())
      result.beware.push(
        `${name} was swapped for something else: the record of this restore is in ${session.real}`,
      );
    const seconds = (performance.now() - began) / 1000;
    if (request.isMade) result.beware.push(...removeUnused(request.options.into, result.outcome));
    result.beware.push(...(await tellEnd(runner, request, result, seconds)));
    for (const line of telling.unrecorded) result.beware.push(`not recorded: ${line}`);
    telling.note('finished', {...result, seconds});
    return result;
  } finally {
    pool.close();
    telling.close();
    unlock();
    session.close();
    state.close();
  }
}
