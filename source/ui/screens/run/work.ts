import {planRun} from '../../../engine/backup/plan.ts';
import {describeError, Problem} from '../../../engine/base/problem.ts';
import {checkEnabled, checkMayWrite, type RunPlace} from '../../../engine/config/project.ts';
import type {Pool} from '../../../engine/hashing/pool.ts';
import {phpAfter, planRetention} from '../../../engine/retention/plan.ts';
import type {Writer} from '../../../engine/retention/writer.ts';
import type {AppStore} from '../../use-store.ts';
import {pruneSlice} from '../prune/state.ts';
import {runSlice} from './state.ts';

/** What a failure is called on the screen. */
export const said = (error: unknown): string =>
  error instanceof Problem ? error.message : describeError(error);

/** The project, for work that needs one. */
export function projectOf(store: AppStore): RunPlace {
  const {place, configuration} = store.get();
  if (place.root === null || !configuration) throw new Error('there is no project to write to');
  return {root: place.root, backups: place.backups, configuration};
}

/**
 * The work behind the screens that writes: backing up, pruning, holding. Everything comes back as actions. What does it is
 * loaded when it is asked for: the first frame must not wait for it.
 */
export class WritingTasks {
  readonly #store: AppStore;
  readonly #signal: AbortSignal;
  readonly #pool: () => Pool;
  #running: AbortController | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(store: AppStore, signal: AbortSignal, pool: () => Pool) {
    this.#store = store;
    this.#signal = signal;
    this.#pool = pool;
    signal.addEventListener('abort', () => this.#running?.abort());
  }

  /** Ends once nothing writes any more. */
  get settled(): Promise<void> {
    return this.#work;
  }

  get #place(): RunPlace {
    return projectOf(this.#store);
  }

  /** The screen first, then what may take a while. */
  planRun(): void {
    setTimeout(() => {
      try {
        const place = this.#place;
        checkMayWrite(place.configuration);
        checkEnabled(place.configuration);
        this.#store.dispatch(runSlice.to({type: 'run planned', plan: planRun(place, '')}));
      } catch (error) {
        this.#store.dispatch(runSlice.to({type: 'run refused', problem: said(error)}));
      }
    });
  }

  run(label: string): void {
    this.#track(
      this.#run(label).catch((error: unknown) => {
        this.#store.dispatch(runSlice.to({type: 'run refused', problem: said(error)}));
      }),
    );
  }

  async #run(label: string): Promise<void> {
    const store = this.#store;
    const running = new AbortController();
    this.#running = running;
    store.dispatch(runSlice.to({type: 'run started'}));
    const began = performance.now();
    const options = {...this.#place, label, strict: false, pool: this.#pool(), signal: running.signal};
    const {runAndTell} = await import('../../../engine/backup/tell-run.ts');
    for await (const event of runAndTell(options))
      store.dispatch(runSlice.to({type: 'run event', event, seconds: (performance.now() - began) / 1000}));
    this.#running = null;
  }

  stopRun(): void {
    this.#running?.abort();
  }

  planPrune(): void {
    try {
      const place = this.#place;
      checkMayWrite(place.configuration);
      const verdicts = planRetention(place, null);
      const {deletes: php, empties: phpEmpties} = phpAfter(place, verdicts);
      this.#store.dispatch(pruneSlice.open({type: 'prune opened', verdicts, php, phpEmpties}));
    } catch (error) {
      this.#tell(said(error), 'bad');
    }
  }

  prune(expected: string[]): void {
    this.#track(
      this.#prune(expected).then(
        (problem) => this.#store.dispatch(pruneSlice.to({type: 'prune ended', problem})),
        (error: unknown) => this.#store.dispatch(pruneSlice.to({type: 'prune ended', problem: said(error)})),
      ),
    );
  }

  async #prune(expected: string[]): Promise<string | null> {
    const store = this.#store;
    store.dispatch(pruneSlice.to({type: 'prune started'}));
    const {prune} = await import('../../../engine/retention/prune.ts');
    const {tellPruning} = await import('../../../engine/retention/tell-pruning.ts');
    const {announcerOf} = await import('../../../engine/events/announcer.ts');
    const announcer = announcerOf(this.#place, this.#signal);
    const writer = await this.#open('backup prune');
    let untold: string[] = [];
    try {
      const verdicts = planRetention({...this.#place, backups: writer.backups.path}, null);
      const goes = verdicts.filter(({stays}) => !stays).map(({id}) => id);
      if (goes.join('/') !== expected.join('/'))
        return 'Something has changed since this was shown: nothing was removed. Look again (Esc, P).';
      const events = prune(writer.state, writer.backups, verdicts, this.#signal);
      for await (const event of tellPruning(events, announcer))
        store.dispatch(pruneSlice.to({type: 'prune event', event}));
    } finally {
      writer.close();
      // Also of what was removed before something failed.
      untold = (await announcer.settle()).problems;
    }
    return untold.length > 0 ? `Not told: ${untold.join('; ')}` : null;
  }

  hold(id: string, reason: string): void {
    this.#writing('backup pin', async (writer) => {
      const {hold} = await import('../../../engine/retention/hold.ts');
      const {linked, copied} = await hold(writer.state, writer.backups.path, id, reason);
      const files = linked + copied === 0 ? 'with the new reason' : `${linked} linked, ${copied} copied`;
      return `${id} is held in storage/runbook/held (${files}).`;
    });
  }

  letGo(id: string): void {
    this.#writing('backup unpin', async (writer, {backups}) => {
      const {release, sessionsText} = await import('../../../engine/retention/release.ts');
      const {sessions} = release(writer.state, backups, id, false);
      return sessions.length > 0
        ? `${id} is not pinned any more; it stays held for ${sessionsText(sessions)}, until that is closed.`
        : `${id} is held no longer: retention may take it.`;
    });
  }

  #writing(doing: string, action: (writer: Writer, place: RunPlace) => Promise<string>): void {
    const work = async (): Promise<void> => {
      const place = this.#place;
      checkMayWrite(place.configuration);
      const writer = await this.#open(doing);
      try {
        this.#tell(await action(writer, place), 'plain');
      } finally {
        writer.close();
      }
    };
    this.#track(work().catch((error: unknown) => this.#tell(said(error), 'bad')));
  }

  /** One may be begun while another is at work: both are waited for. */
  #track(work: Promise<void>): void {
    this.#work = Promise.all([this.#work, work]).then(() => {});
  }

  #open = async (doing: string): Promise<Writer> =>
    (await import('../../../engine/retention/writer.ts')).openWriter({...this.#place, doing});

  #tell(text: string, tone: 'plain' | 'bad'): void {
    this.#store.dispatch({type: 'said', message: {text, tone}});
  }
}
