import {Directory} from '../base/directory.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {removeEmpty} from '../base/remove-tree.ts';
import type {HookResult} from '../base/result.ts';
import {runHook} from '../base/run-hook.ts';
import {programName} from '../base/version.ts';
import {loadConfiguration} from '../config/effective.ts';
import {type RestoreSettings, restoreSettings} from '../config/own-settings.ts';
import {checkMayWrite, type RunPlace} from '../config/project.ts';
import {createPool} from '../hashing/pool.ts';
import {holdForSession, releaseHolds, unheldText} from '../retention/session-hold.ts';
import {openWriter, type Writer} from '../retention/writer.ts';
import {contextOf} from '../session/context.ts';
import {Telling} from '../session/progress.ts';
import {isNamed, journalOf, lockSession, openSession, sessionsName} from '../session/sessions.ts';
import {Stopped} from '../session/stopped.ts';
import {hookFailed} from '../session/story.ts';
import {heldDirectory} from '../storage/held.ts';
import {openState} from '../storage/runbook/state-directory.ts';
import {bewareOf, changes, type Planning, type RestorePlan} from './action.ts';
import {RestoreEvents} from './events.ts';
import {ofEnd, ofStart} from './happenings.ts';
import {Look} from './look.ts';
import {planRestore, whyNotRestore} from './plan.ts';
import {recordPlan} from './plan-record.ts';
import {type Finished, finished, type RestoreRequest} from './request.ts';
import {refused, type Transacting, transact} from './transact.ts';
import {planUndo} from './undo.ts';

class Runner {
  readonly #at: Transacting;
  /** Null while it is not known where to tell others. */
  events: RestoreEvents | null = null;
  /** Files that are to be changed. */
  files = 0;

  constructor(at: Transacting) {
    this.#at = at;
  }

  /** @param unsteady names of datasets whose changes stop nothing, beside those that always change */
  async #plan(place: RunPlace, settings: RestoreSettings, unsteady: string[]): Promise<RestorePlan> {
    const {options, undoes, known} = this.#at.request;
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
    const look = new Look(this.#at.pool, new AbortController().signal, known);
    if (undoes === null) return planRestore(planning, look);
    return planUndo(planning, journalOf(this.#at.state, undoes), look);
  }

  async #hooks(
    commands: string[][],
    settings: RestoreSettings,
    extra: Record<string, string>,
  ): Promise<HookResult[]> {
    const results: HookResult[] = [];
    for (const command of commands) {
      this.#at.telling.note('hook-begins', {command});
      const {root, session, options} = this.#at.request;
      const about = {MAGDS_ROOT: root, MAGDS_SESSION: String(session), MAGDS_BACKUP: options.id, ...extra};
      const result = await runHook(command, root, settings.seconds, about);
      this.#at.telling.note('hook', result);
      results.push(result);
      if (result.reason !== null) break;
    }
    return results;
  }

  async run(): Promise<Finished> {
    const {root, environment, breakHost, session, undoes, options, plan: agreed} = this.#at.request;
    let writer: Writer | null = null;
    const {ticket, purpose, title, authorisedBy, badSince, by} = this.#at.request;
    const {although = [], untilHook = [], deviations = [], times = [], said = {}} = this.#at.request;
    const about = {ticket, purpose, title, authorisedBy, badSince};
    this.#at.telling.note('opened', {
      ...options,
      undoes,
      plan: agreed,
      ...about,
      ...by,
      program: programName,
      ...(deviations.length > 0 && {deviations}),
      ...(Object.keys(said).length > 0 && {said}),
    });
    for (const time of times) this.#at.telling.note('time', time);
    const context = contextOf(process.env);
    try {
      const configuration = await loadConfiguration(root, process.env, environment ?? undefined);
      checkMayWrite(configuration);
      const settings = restoreSettings(root);
      this.#at.telling.note('context', await context);
      if (options.into === null) this.#at.telling.note('checklist', {steps: settings.steps});
      const doing = undoes === null ? `restore of ${options.id}` : `undo of session ${undoes}`;
      const place: RunPlace = {root, backups: configuration.path.value, configuration};
      this.events = new RestoreEvents(place, this.#at.telling);
      writer = openWriter({
        ...place,
        doing: `${doing}, session ${session}`,
        breakHost: breakHost ?? undefined,
      });
      const unsteady = settings.before.length > 0 ? [...although, ...untilHook] : although;
      const plan = await this.#plan(place, settings, unsteady);
      if (plan.hash !== agreed)
        return refused(
          'the backup, a live file or the configuration has changed since the plan was made: make it again, and look at it',
        );
      recordPlan(this.#at.telling, this.#at.session, plan);
      const why = whyNotRestore(plan);
      if (why.length > 0) return refused(why.join('; '));
      this.files = changes(plan).length;
      if (this.files === 0) return {...finished('done', exitCode.done, null), beware: bewareOf(plan)};
      this.events.noteMetrics('start');
      const untold = await this.events.tell(ofStart(this.#at.request, plan));
      if (untold !== null && !this.#at.request.withoutAudit)
        return refused(`${untold}, and a restore has to be logged there. Nothing was changed`);
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
      const without = await holdForSession(state, backups.path, plan, this.#at.request.session);
      const lacks = without.filter(({name}) => plan.actions.some(({dataset}) => dataset === name));
      if (lacks.length === 0) {
        this.#at.telling.note('held', {id});
        return [];
      }
      const reason = lacks.map(({name, reason}) => `of ${name}: ${reason}`).join('; ');
      this.#at.telling.note('not held', {id, reason});
      return [unheldText(id, reason)];
    } catch (error) {
      const reason = describeError(error);
      this.#at.telling.note('not held', {id, reason});
      return [unheldText(id, reason)];
    }
  }

  /** What changed nothing, or was a drill, needs its backup no longer. */
  #release({state, backups}: Writer): void {
    const {released, stay} = releaseHolds(state, backups.path);
    if (released.length + stay.length > 0) this.#at.telling.note('let go', {released, stay});
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
        hooked && !failed ? await this.#plan(place, settings, this.#at.request.although ?? []) : first;
      const why = hookSaid ? [hookSaid] : whyNotRestore(plan);
      if (why.length > 0) result = refused(why.join('; '));
      else result = await transact(this.#at, place, writer.backups, plan, hooked);
    } catch (error) {
      result = refused(describeError(error));
    }
    // Halfway nothing is started again: it would read files that do not belong together.
    const due = hooked || result.outcome === 'done';
    if (drill || !due || result.outcome === 'needs-recovery') return result;
    const after = await this.#hooks(settings.after, settings, {MAGDS_OUTCOME: result.outcome});
    for (const {command, reason} of after) result.beware.push(...hookFailed(command, reason));
    // The service may not be back.
    return after.every(({reason}) => reason === null) ? result : inPart(result);
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

/** Tells others how it ended. @returns that, with what could not be told */
async function tellEnd(
  {events, files}: Runner,
  request: RestoreRequest,
  result: Finished,
  seconds: number,
): Promise<Finished> {
  const isNothing = result.outcome === 'done' && files === 0;
  if (!events || isNothing) return result;
  await events.tell(ofEnd(request, result, files, seconds));
  events.noteMetrics('end');
  const {untold, late} = await events.settle();
  const beware = [...untold, ...late].map((each) => `not reported: ${each}`);
  const told = {...result, beware: [...result.beware, ...beware]};
  // Whoever restores without the audit log knows.
  return untold.length > 0 && !request.withoutAudit ? inPart(told) : told;
}

/** What was restored stays restored; that something else is lacking must not be missed. */
const inPart = (result: Finished): Finished =>
  result.exit === exitCode.done ? {...result, exit: exitCode.partial} : result;

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
    const runner = new Runner({request, state, session, telling, pool});
    const swapped = (): boolean => !isNamed(state, number, session);
    const result = swapped()
      ? refused(`${name} was replaced by something else: find out by whom. Nothing was changed`)
      : await runner.run();
    if (swapped())
      result.beware.push(
        `${name} was replaced by something else: the record of this restore is in ${session.real}`,
      );
    const seconds = (performance.now() - began) / 1000;
    if (request.isMade) result.beware.push(...removeUnused(request.options.into, result.outcome));
    const told = await tellEnd(runner, request, result, seconds);
    const ended = telling.unrecorded.length > 0 ? inPart(told) : told;
    for (const line of telling.unrecorded) ended.beware.push(`not recorded: ${line}`);
    telling.note('finished', {...ended, seconds});
    return ended;
  } finally {
    pool.close();
    telling.close();
    unlock();
    session.close();
    state.close();
  }
}
