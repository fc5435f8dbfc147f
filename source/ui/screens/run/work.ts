import {planRun} from '../../../engine/backup/plan.ts';
import {checkEnabled, checkMayWrite} from '../../../engine/config/project.ts';
import {projectOf, said, type Workplace} from '../../work.ts';
import {runSlice} from './state.ts';

/** Plans a backup, and makes it. */
export class RunWork {
  readonly #place: Workplace;
  #running: AbortController | null = null;

  constructor(place: Workplace) {
    this.#place = place;
    place.signal.addEventListener('abort', () => this.stop());
  }

  /** The screen first, then what may take a while. */
  plan(): void {
    const {store} = this.#place;
    setTimeout(async () => {
      try {
        const project = projectOf(store);
        checkMayWrite(project.configuration);
        checkEnabled(project.configuration);
        const plan = await planRun(project, '');
        store.dispatch(runSlice.to({type: 'run planned', plan}));
      } catch (error) {
        this.#refuse(error);
      }
    });
  }

  run(label: string): void {
    this.#place.finish(this.#run(label).catch((error: unknown) => this.#refuse(error)));
  }

  #refuse(error: unknown): void {
    this.#place.store.dispatch(runSlice.to({type: 'run refused', problem: said(error)}));
  }

  async #run(label: string): Promise<void> {
    const {store, pool} = this.#place;
    const running = new AbortController();
    this.#running = running;
    const began = performance.now();
    const options = {...projectOf(store), label, strict: false, pool: pool(), signal: running.signal};
    const {runAndTell} = await import('../../../engine/backup/tell-run.ts');
    for await (const event of runAndTell(options))
      store.dispatch(runSlice.to({type: 'run event', event, seconds: (performance.now() - began) / 1000}));
    this.#running = null;
  }

  stop(): void {
    this.#running?.abort();
  }
}
