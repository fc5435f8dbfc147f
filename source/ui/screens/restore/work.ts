import type {Directory} from '../../../engine/base/directory.ts';
import {alteredCopy} from '../../../engine/catalog/row.ts';
import {configuredNames} from '../../../engine/config/effective.ts';
import {restoreSettings} from '../../../engine/config/own-settings.ts';
import {checkMayWrite, type RunPlace} from '../../../engine/config/project.ts';
import {whyNoAudit} from '../../../engine/events/log/audit-log.ts';
import type {RestoreOptions, RestorePlan} from '../../../engine/restore/action.ts';
import {beginRestore, type Planned} from '../../../engine/restore/begin.ts';
import {drillDirectory, freeDirectory} from '../../../engine/restore/drill.ts';
import {followSession} from '../../../engine/restore/follow.ts';
import {findHolders} from '../../../engine/restore/holders.ts';
import {Look} from '../../../engine/restore/look.ts';
import {planRestore, whyNotRestore} from '../../../engine/restore/plan.ts';
import {planUndoOf} from '../../../engine/restore/undo.ts';
import type {About} from '../../../engine/session/about.ts';
import {requestCancel} from '../../../engine/session/progress.ts';
import {openSession, readSession} from '../../../engine/session/sessions.ts';
import type {Story} from '../../../engine/session/story.ts';
import {heldDirectory} from '../../../engine/storage/held.ts';
import {findState} from '../../../engine/storage/runbook/state-directory.ts';
import {projectNow} from '../../configure.ts';
import {failureText, inTurn, projectOf, type Workplace} from '../../work.ts';
import {loadSessions} from '../sessions/open.ts';
import {followBeside} from './beside.ts';
import {wanted} from './choice.ts';
import {followTargets} from './follow-targets.ts';
import {suggestedInto} from './purpose.ts';
import {type Drill, drillOf, type RestoreTaskAction, restoreSlice} from './state.ts';
import type {RestoreSubject, RestoreTask} from './task.ts';
import {deviationsOf, targetsOf, writtenNames} from './writes.ts';

/** Milliseconds between two words on how far a plan is. */
const interval = 250;

/** Datasets whose changes do not count for a plan, beside those that always change. */
type Unsteady = {although: string[]; untilHook: string[]};

function optionsOf(
  {root}: RunPlace,
  id: string,
  only: string[] | null,
  drill: Drill | null,
  {although, untilHook}: Unsteady,
): RestoreOptions {
  return {
    held: heldDirectory(root),
    id,
    only,
    into: drill && drillDirectory(drill.into, '/', root, drill.into),
    intoDatabase: drill?.intoDatabase ?? null,
    allowed: [],
    map: new Map(),
    last: null,
    breakLinks: false,
    volatile: [...restoreSettings(root).volatile, ...although, ...untilHook],
    safety: true,
    checkCopies: 'all',
  };
}

async function planOf(
  place: RunPlace,
  {id, undoes}: RestoreSubject,
  only: string[] | null,
  drill: Drill | null,
  look: Look,
  unsteady: Unsteady,
): Promise<Planned> {
  checkMayWrite(place.configuration);
  if (undoes === null) {
    const options = optionsOf(place, id, only, drill, unsteady);
    return {plan: await planRestore({place, options}, look), options, look};
  }
  return planUndoOf(undoes, place, (safety) => optionsOf(place, safety, null, null, unsteady), look);
}

const given = (text: string): string | null => text.trim() || null;

/** What goes into the record of what it is for; of an undo nobody was asked that. */
const aboutOf = ({subject, purpose, ticket, title, authorisedBy, badSince}: RestoreTask): About => ({
  purpose: subject.undoes === null ? purpose : null,
  ticket: given(ticket),
  title: given(title),
  authorisedBy: given(authorisedBy),
  badSince: badSince && new Date(badSince.at).toISOString(),
});

/** Plans restores, starts them, and follows those that are at work. */
export function restoreWork(place: Workplace) {
  const {store, signal: over, pool, environment, ask, tell} = place;
  const planning = inTurn(over);
  const act = (action: RestoreTaskAction): void => store.dispatch(restoreSlice.to(action));
  /** Hashes of files that were read for an earlier plan, and hold while those do not change. */
  let known: Iterable<readonly [string, string]> = [];
  /** As for the last plan that was shown; what starts it needs the same. */
  let unsteady: Unsteady = {although: [], untilHook: []};
  let following: {number: number; directory: Directory} | null = null;

  /** Looks at the live files of a plan that is shown, and follows a restore that others have begun. */
  function watch(): void {
    followTargets(place);
    followBeside(place);
    let seen: Story[] | null = null;
    const attach = (): void => {
      const {sessions, follow} = store.get();
      if (sessions.stories === seen) return;
      seen = sessions.stories;
      const working = seen?.find(({state}) => state === 'at work');
      if (working && follow?.session !== working.number) attachTo(working);
    };
    attach();
    over.addEventListener('abort', store.subscribe(attach));
  }

  /** Makes a plan; one that is still being made gives way to it. Nothing is written. */
  async function plan(subject: RestoreSubject, only: string[] | null, drill: Drill | null): Promise<void> {
    const at = Date.now();
    unsteady = unsteadyNow();
    const signal = planning.begin();
    try {
      const planned = await planIn(signal, subject, only, drill);
      if (!planned) return;
      const {root, configuration} = projectOf(store);
      const noAudit = await whyNoAudit(root, configuration.auditLog.value);
      // Another choice has been made meanwhile.
      if (signal.aborted) return;
      act({
        type: 'restore planned',
        plan: planned.plan,
        reasons: whyNotRestore(planned.plan),
        at,
        settings: {...restoreSettings(root), datasets: configuredNames(configuration) ?? []},
        noAudit,
      });
    } catch (error) {
      act({type: 'restore refused', problem: failureText(error)});
    }
  }

  /** What is written to, where that need not end before the restore. */
  function unsteadyNow(): Unsteady {
    const restore = restoreSlice.of(store.get());
    if (!restore) return {although: [], untilHook: []};
    return {
      although: [...restore.although],
      untilHook: restore.settings.before.length > 0 ? writtenNames(restore) : [],
    };
  }

  /** Looks for a directory that a drill of the backup would have for itself. */
  function suggestDirectory(): void {
    const restore = restoreSlice.of(store.get());
    if (restore) act({type: 'directory suggested', into: freeDirectory(suggestedInto(restore.subject.id))});
  }

  /** Looks which processes have the live files open, or are at work in the root. */
  function findService(): void {
    const restore = restoreSlice.of(store.get());
    if (!restore) return;
    const targets = targetsOf(restore).map(({path}) => path);
    const holders = findHolders(targets, projectOf(store).root);
    act({type: 'service found', holders});
  }

  /** @returns null where it was stopped */
  async function planIn(
    signal: AbortSignal,
    subject: RestoreSubject,
    only: string[] | null,
    drill: Drill | null,
  ): Promise<Planned | null> {
    const look = new Look(pool(), signal, known);
    const timer = setInterval(() => act({type: 'restore looking', bytes: look.read}), interval);
    try {
      const planned = await planOf(await projectNow(place), subject, only, drill, look, unsteady);
      known = look.known;
      const {id, actions} = planned.plan;
      const names = actions.filter(({reason}) => reason === alteredCopy).map(({dataset}) => dataset);
      if (names.length > 0) store.dispatch({type: 'copies altered', id, names, at: Date.now()});
      return signal.aborted ? null : planned;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  async function startConfirmed(): Promise<void> {
    const restore = restoreSlice.of(store.get());
    if (restore?.state !== 'starting' || !restore.plan) return;
    const again = planIn(planning.begin(), restore.subject, wanted(restore), drillOf(restore));
    // What was confirmed is no plan any more.
    const planned = await again.catch((error: unknown) => {
      const refused = {type: 'restore refused', problem: failureText(error)} as const;
      store.dispatch(restoreSlice.leave(refused, 'confirm'));
      return null;
    });
    if (!planned) return;
    const {plan} = planned;
    if (plan.hash !== restore.plan.hash || whyNotRestore(plan).length > 0) {
      const why =
        'The backup, a live file or the configuration has changed since you looked: this is the plan now.';
      holdBack(plan, `${why} Nothing was changed.`);
      return;
    }
    await carryOut(planned, restore);
  }

  /** Back to the plan, with the reason. */
  function holdBack(plan: RestorePlan | null, why: string): void {
    const reasons = plan ? whyNotRestore(plan) : [];
    store.dispatch(restoreSlice.leave({type: 'restore held back', plan, reasons}, 'confirm'));
    tell(why, 'bad');
  }

  async function carryOut(planned: Planned, task: RestoreTask): Promise<void> {
    const {plan} = planned;
    const {subject} = task;
    const {root, configuration} = projectOf(store);
    const {number, directory, isGone} = await beginRestore(planned, {
      root,
      auditLog: configuration.auditLog.value,
      withoutAudit: task.withoutAudit,
      environment: environment ?? null,
      breakHost: null,
      by: store.get().me,
      about: aboutOf(task),
      ...unsteady,
      deviations: deviationsOf(task),
    });
    const about = {session: number, id: plan.id, undoes: subject.undoes, estimate: plan.seconds};
    store.dispatch({type: 'follow started', show: true, ...about});
    void followRecord(number, directory, isGone);
  }

  /** Follows a restore that is at work already, whoever has begun it. */
  function attachTo({number, id, undoes}: Story): void {
    const {root} = store.get().place;
    const state = root === null ? null : findState(root);
    const directory = state && openSession(state, number);
    if (!state || !directory) {
      state?.close();
      return;
    }
    const isGone = (): boolean => readSession(state, number, 'head')?.running !== true;
    store.dispatch({
      type: 'follow started',
      show: false,
      session: number,
      id,
      undoes,
      estimate: null,
    });
    void followRecord(number, directory, isGone).finally(() => state.close());
  }

  /** Tells what a restore does, from its record, until it is over or the app ends: then it goes on. */
  async function followRecord(number: number, directory: Directory, isGone: () => boolean): Promise<void> {
    following = {number, directory};
    try {
      for await (const event of followSession(directory, number, isGone, over))
        store.dispatch({
          type: 'follow event',
          session: number,
          event,
          seconds: performance.now() / 1000,
        });
      if (!over.aborted) ask(loadSessions, (work) => work.refresh());
    } catch (error) {
      tell(failureText(error), 'bad');
    } finally {
      following = null;
      directory.close();
    }
  }

  /** Asks the restore to stop; it does while it prepares. */
  function cancel(): void {
    if (following) requestCancel(following.directory);
  }

  return {
    watch,
    stopPlanning: planning.stop,
    plan: (...asked: Parameters<typeof plan>): void => void plan(...asked),
    suggestDirectory,
    findService,
    /** Starts what was confirmed; the plan is made once more, and only what matters stops it. */
    start: (): void => void startConfirmed().catch((error: unknown) => holdBack(null, failureText(error))),
    cancel,
  };
}
