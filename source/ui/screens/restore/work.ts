import type {Directory} from '../../../engine/base/directory.ts';
import {alteredCopy} from '../../../engine/catalog/row.ts';
import {configuredNames} from '../../../engine/config/effective.ts';
import {restoreSettings} from '../../../engine/config/own-settings.ts';
import {checkMayWrite, type RunPlace} from '../../../engine/config/project.ts';
import {whyNoAudit} from '../../../engine/events/log/audit-log.ts';
import type {RestoreOptions, RestorePlan} from '../../../engine/restore/action.ts';
import {beginRestore, type Planned} from '../../../engine/restore/begin.ts';
import {drillDirectory} from '../../../engine/restore/drill.ts';
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
import type {AppStore} from '../../state.ts';
import {projectOf, said, type Workplace} from '../../work.ts';
import {loadSessions} from '../sessions/open.ts';
import {followBeside} from './beside.ts';
import {wanted} from './choice.ts';
import {followTargets} from './follow-targets.ts';
import {type Drill, drillOf, restoreSlice} from './state.ts';
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
export class RestoreWork {
  readonly #place: Workplace;
  #planning: AbortController | null = null;
  /** Hashes of files that were read for an earlier plan, and hold while those do not change. */
  #known: Iterable<readonly [string, string]> = [];
  /** As for the last plan that was shown; what starts it needs the same. */
  #unsteady: Unsteady = {although: [], untilHook: []};
  #following: {number: number; directory: Directory} | null = null;

  constructor(place: Workplace) {
    this.#place = place;
  }

  get #store(): AppStore {
    return this.#place.store;
  }

  get #signal(): AbortSignal {
    return this.#place.signal;
  }

  /** Looks at the live files of a plan that is shown, and follows a restore that others have begun. */
  watch(): void {
    const {store, signal} = this.#place;
    followTargets(this.#place);
    followBeside(this.#place);
    let seen: Story[] | null = null;
    const attach = (): void => {
      const {sessions, follow} = store.get();
      if (sessions.stories === seen) return;
      seen = sessions.stories;
      const working = seen?.find(({state}) => state === 'at work');
      if (working && follow?.session !== working.number) this.#attach(working);
    };
    attach();
    signal.addEventListener('abort', store.subscribe(attach));
  }

  stopPlanning(): void {
    this.#planning?.abort();
    this.#planning = null;
  }

  /** Makes a plan; one that is still being made gives way to it. Nothing is written. */
  plan(subject: RestoreSubject, only: string[] | null, drill: Drill | null): void {
    const at = Date.now();
    this.#unsteady = this.#unsteadyNow();
    const made = this.#plan(subject, only, drill);
    const planning = this.#planning;
    void made
      .then(async (planned) => {
        if (!planned) return;
        const {root, configuration} = projectOf(this.#store);
        const noAudit = await whyNoAudit(root, configuration.auditLog.value);
        // Another choice has been made meanwhile.
        if (planning?.signal.aborted) return;
        this.#store.dispatch(
          restoreSlice.to({
            type: 'restore planned',
            plan: planned.plan,
            reasons: whyNotRestore(planned.plan),
            at,
            settings: {...restoreSettings(root), datasets: configuredNames(configuration) ?? []},
            noAudit,
          }),
        );
      })
      .catch((error: unknown) =>
        this.#store.dispatch(restoreSlice.to({type: 'restore refused', problem: said(error)})),
      );
  }

  /** What is written to, where that need not end before the restore. */
  #unsteadyNow(): Unsteady {
    const restore = restoreSlice.of(this.#store.get());
    if (!restore) return {although: [], untilHook: []};
    return {
      although: [...restore.although],
      untilHook: restore.settings.before.length > 0 ? writtenNames(restore) : [],
    };
  }

  /** Looks which processes have the live files open, or are at work in the root. */
  findService(): void {
    const restore = restoreSlice.of(this.#store.get());
    if (!restore) return;
    const targets = targetsOf(restore).map(({path}) => path);
    const holders = findHolders(targets, projectOf(this.#store).root);
    this.#store.dispatch(restoreSlice.to({type: 'service found', holders}));
  }

  /** @returns null where it was stopped */
  async #plan(subject: RestoreSubject, only: string[] | null, drill: Drill | null): Promise<Planned | null> {
    this.stopPlanning();
    const planning = new AbortController();
    this.#planning = planning;
    const signal = AbortSignal.any([planning.signal, this.#signal]);
    const look = new Look(this.#place.pool(), signal, this.#known);
    const tell = setInterval(
      () => this.#store.dispatch(restoreSlice.to({type: 'restore looking', bytes: look.read})),
      interval,
    );
    try {
      const planned = await planOf(projectOf(this.#store), subject, only, drill, look, this.#unsteady);
      this.#known = look.known;
      const {id, actions} = planned.plan;
      const names = actions.filter(({reason}) => reason === alteredCopy).map(({dataset}) => dataset);
      if (names.length > 0) this.#store.dispatch({type: 'copies altered', id, names, at: Date.now()});
      return signal.aborted ? null : planned;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      clearInterval(tell);
    }
  }

  /** Starts what was confirmed; the plan is made once more, and only what matters stops it. */
  start(): void {
    void this.#start().catch((error: unknown) => this.#holdBack(null, said(error)));
  }

  async #start(): Promise<void> {
    const restore = restoreSlice.of(this.#store.get());
    if (restore?.state !== 'starting' || !restore.plan) return;
    const planned = await this.#plan(restore.subject, wanted(restore), drillOf(restore));
    if (!planned) return;
    const {plan} = planned;
    if (plan.hash !== restore.plan.hash || whyNotRestore(plan).length > 0) {
      const why = 'The backup or a live file has changed since you looked: this is the plan now.';
      this.#holdBack(plan, `${why} Nothing was changed.`);
      return;
    }
    await this.#carryOut(planned, restore);
  }

  /** Back to the plan, with the reason. */
  #holdBack(plan: RestorePlan | null, why: string): void {
    const reasons = plan ? whyNotRestore(plan) : [];
    this.#store.dispatch(restoreSlice.leave({type: 'restore held back', plan, reasons}, 'confirm'));
    this.#place.tell(why, 'bad');
  }

  async #carryOut(planned: Planned, task: RestoreTask): Promise<void> {
    const {plan} = planned;
    const {subject} = task;
    const {root, configuration} = projectOf(this.#store);
    const {number, directory, isGone} = await beginRestore(planned, {
      root,
      auditLog: configuration.auditLog.value,
      withoutAudit: task.withoutAudit,
      environment: this.#place.environment ?? null,
      breakHost: null,
      by: this.#store.get().me,
      about: aboutOf(task),
      ...this.#unsteady,
      deviations: deviationsOf(task),
    });
    const about = {session: number, id: plan.id, undoes: subject.undoes, estimate: plan.seconds};
    this.#store.dispatch({type: 'follow started', show: true, ...about});
    void this.#follow(number, directory, isGone);
  }

  /** Follows a restore that is at work already, whoever has begun it. */
  #attach({number, id, undoes}: Story): void {
    const {root} = this.#store.get().place;
    const state = root === null ? null : findState(root);
    const directory = state && openSession(state, number);
    if (!state || !directory) {
      state?.close();
      return;
    }
    const isGone = (): boolean => readSession(state, number, 'head')?.running !== true;
    this.#store.dispatch({
      type: 'follow started',
      show: false,
      session: number,
      id,
      undoes,
      estimate: null,
    });
    void this.#follow(number, directory, isGone).finally(() => state.close());
  }

  /** Tells what a restore does, from its record, until it is over or the app ends: then it goes on. */
  async #follow(number: number, directory: Directory, isGone: () => boolean): Promise<void> {
    this.#following = {number, directory};
    try {
      for await (const event of followSession(directory, number, isGone, this.#signal))
        this.#store.dispatch({
          type: 'follow event',
          session: number,
          event,
          seconds: performance.now() / 1000,
        });
      if (!this.#signal.aborted) this.#place.ask(loadSessions, (work) => work.refresh());
    } catch (error) {
      this.#place.tell(said(error), 'bad');
    } finally {
      this.#following = null;
      directory.close();
    }
  }

  /** Asks the restore to stop; it does while it prepares. */
  cancel(): void {
    if (this.#following) requestCancel(this.#following.directory);
  }
}
