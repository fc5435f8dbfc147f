import {checkMayWrite, type RunPlace} from '../engine/backup/plan.ts';
import type {Pool} from '../engine/hashing/pool.ts';
import {heldDirectory} from '../engine/held.ts';
import {exitCode, Problem} from '../engine/problem.ts';
import type {RestoreOptions, RestorePlan} from '../engine/restore/action.ts';
import {Look} from '../engine/restore/look.ts';
import {planRestore, whyNotRestore} from '../engine/restore/plan.ts';
import {journalOf} from '../engine/restore/sessions.ts';
import {restoreSettings} from '../engine/restore/settings.ts';
import {planUndo} from '../engine/restore/undo.ts';
import {findState} from '../engine/runbook/state-directory.ts';
import type {RestoreSubject} from '../state/restore-screen.ts';
import type {AppStore} from './hooks/use-store.ts';
import {projectOf, said} from './writing-tasks.ts';

/** Milliseconds between two words on how far a plan is. */
const interval = 250;

/** What a plan was made of; what starts it needs the same. */
type Planned = {plan: RestorePlan; options: RestoreOptions; look: Look};

function optionsOf({root}: RunPlace, id: string, only: string[] | null): RestoreOptions {
  return {
    held: heldDirectory(root),
    id,
    only,
    into: null,
    allowed: [],
    map: new Map(),
    last: null,
    breakLinks: false,
    volatile: restoreSettings(root).volatile,
    safety: true,
    checkCopies: 'all',
  };
}

async function planOf(
  place: RunPlace,
  {id, undoes}: RestoreSubject,
  only: string[] | null,
  look: Look,
): Promise<Planned> {
  checkMayWrite(place.configuration);
  if (undoes === null) {
    const options = optionsOf(place, id, only);
    return {plan: await planRestore({place, options}, look), options, look};
  }
  const state = findState(place.root);
  if (!state) throw new Problem(exitCode.notFound, `There is no session ${undoes} here.`);
  try {
    const journal = journalOf(state, undoes);
    const options = optionsOf(place, journal.safety ?? '', null);
    return {plan: await planUndo({place, options}, journal, look), options, look};
  } finally {
    state.close();
  }
}

/** The work behind the screens of a restore. Everything comes back as actions; `signal` ends it all. */
export class RestoreTasks {
  readonly #store: AppStore;
  readonly #signal: AbortSignal;
  readonly #pool: () => Pool;
  #planning: AbortController | null = null;
  /** Hashes of files that were read for an earlier plan, and hold while those do not change. */
  #known: Iterable<readonly [string, string]> = [];

  constructor(store: AppStore, signal: AbortSignal, pool: () => Pool) {
    this.#store = store;
    this.#signal = signal;
    this.#pool = pool;
  }

  stopPlanning(): void {
    this.#planning?.abort();
    this.#planning = null;
  }

  /** Makes a plan; one that is still being made gives way to it. Nothing is written. */
  plan(subject: RestoreSubject, only: string[] | null): void {
    void this.#plan(subject, only).then(
      (planned) => {
        if (planned)
          this.#store.dispatch({
            type: 'restore planned',
            plan: planned.plan,
            reasons: whyNotRestore(planned.plan),
          });
      },
      (error: unknown) => this.#store.dispatch({type: 'restore refused', problem: said(error)}),
    );
  }

  /** @returns null where it was stopped */
  async #plan(subject: RestoreSubject, only: string[] | null): Promise<Planned | null> {
    this.stopPlanning();
    const planning = new AbortController();
    this.#planning = planning;
    const signal = AbortSignal.any([planning.signal, this.#signal]);
    const look = new Look(this.#pool(), signal, this.#known);
    const tell = setInterval(
      () => this.#store.dispatch({type: 'restore looking', bytes: look.read}),
      interval,
    );
    try {
      const planned = await planOf(projectOf(this.#store), subject, only, look);
      this.#known = look.known;
      return signal.aborted ? null : planned;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      clearInterval(tell);
    }
  }
}
