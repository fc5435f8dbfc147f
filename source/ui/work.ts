import {describeError, Problem} from '../engine/base/problem.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {createPool, type Pool} from '../engine/hashing/pool.ts';
import type {AppStore} from './state.ts';

/** What the work of a screen is given. */
export type Workplace = {
  store: AppStore;
  /** Ends it all. */
  signal: AbortSignal;
  /** As the operator named it by `--env`. */
  environment: string | undefined;
  pool(): Pool;
  ask: Ask;
  /** Says what fails in a way that the work itself does not expect; nothing else ends by it. */
  run(work: Promise<void>): void;
  /** The same, and the program ends only once this does: it writes, or has something to tidy up. */
  finish(work: Promise<void>): void;
  tell(text: string, tone: 'plain' | 'beware' | 'bad'): void;
};

/**
 * The work of a screen, loaded when it is first asked for: the first frame does not wait for it. Everything comes back
 * as actions.
 */
export type Load<Work> = (place: Workplace) => Promise<Work>;

/** Has something done by it. */
export type Ask = <Work>(load: Load<Work>, action: (work: Work) => void | Promise<void>) => void;

/** What a failure is called on the screen. */
export const failureText = (error: unknown): string =>
  error instanceof Problem ? error.message : describeError(error);

/** The project, for work that needs one. */
export function projectOf(store: AppStore): RunPlace {
  const {place, configuration} = store.get();
  if (place.root === null || !configuration) throw new Error('there is no project to write to');
  return {root: place.root, backups: place.backups, configuration};
}

/** One thing at a time: what is begun ends what was begun before, and all ends with the signal. */
export function inTurn(over: AbortSignal): {begin(): AbortSignal; stop(): void} {
  let now = new AbortController();
  over.addEventListener('abort', () => now.abort());
  return {
    begin() {
      now.abort();
      now = new AbortController();
      if (over.aborted) now.abort();
      return now.signal;
    },
    stop: () => now.abort(),
  };
}

/** Waits so many milliseconds, or until it is over. */
export const rest = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });

/**
 * The work behind the screens; the signal ends it all.
 * @returns where it is done, and `settled`, which ends once nothing writes any more
 */
export function openWorkplace(
  store: AppStore,
  signal: AbortSignal,
  environment: string | undefined,
): {place: Workplace; settled: () => Promise<void>} {
  const loaded = new Map<unknown, Promise<unknown>>();
  const finishing = new Set<Promise<void>>();
  let pool: Pool | null = null;
  const settled = async (): Promise<void> => {
    while (finishing.size > 0) await Promise.all(finishing);
  };
  const place: Workplace = {
    store,
    signal,
    environment,
    pool() {
      pool ??= createPool();
      return pool;
    },
    ask<Work>(load: Load<Work>, action: (work: Work) => void | Promise<void>) {
      const work = (loaded.get(load) as Promise<Work> | undefined) ?? load(place);
      loaded.set(load, work);
      place.run(work.then(action));
    },
    run: (work) => void work.catch((error: unknown) => place.tell(failureText(error), 'bad')),
    finish(work) {
      const told = work
        .catch((error: unknown) => place.tell(failureText(error), 'bad'))
        .finally(() => finishing.delete(told));
      finishing.add(told);
    },
    tell: (text, tone) => store.dispatch({type: 'said', message: {text, tone}}),
  };
  // Whoever writes tidies up first.
  signal.addEventListener('abort', () => void settled().then(() => pool?.close()));
  return {place, settled};
}
