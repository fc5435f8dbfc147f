import {compare, type DatasetDifference} from '../../../engine/differences/compare.ts';
import {readTableRows} from '../../../engine/differences/compare-table-rows.ts';
import {countDifferences} from '../../../engine/differences/counts.ts';
import {readDifference} from '../../../engine/differences/difference.ts';
import {type Comparison, type Pair, pairs} from '../../../engine/differences/sides.ts';
import type {AppStore} from '../../state.ts';
import {said, type Workplace} from '../../work.ts';
import {differencesSlice, toCount} from './state.ts';

/** Milliseconds for the counts of one dataset: what is counted until then is told. */
const limit = 10_000;

/** Compares backups and datasets. It writes nothing but private copies of databases, which go again. */
export class DifferencesWork {
  readonly #place: Workplace;
  /** Of what is read now: what comes later takes its place. */
  #comparing = new AbortController();
  #reading = new AbortController();
  #counting: {name: string; stop: AbortController} | null = null;

  constructor(place: Workplace) {
    this.#place = place;
    const unsubscribe = place.store.subscribe(() => this.#count());
    place.signal.addEventListener('abort', () => {
      unsubscribe();
      this.stop('all');
    });
  }

  get #store(): AppStore {
    return this.#place.store;
  }

  stop(what: 'dataset' | 'all'): void {
    this.#reading.abort();
    if (what !== 'all') return;
    this.#comparing.abort();
    this.#counting?.stop.abort();
    this.#counting = null;
  }

  #comparison(id: string, other: string | null): Comparison {
    const {place, configuration} = this.#store.get();
    const differences = differencesSlice.of(this.#store.get());
    const backups = differences?.safetyIn ?? null;
    if (backups === null) return {place, configuration, id, other};
    return {place: {...place, backups}, configuration, id, other, safety: true};
  }

  compare(id: string, other: string | null): void {
    this.stop('all');
    const {signal} = this.#renew('comparing');
    void this.#compare(id, other, signal).catch((error: unknown) => {
      if (!signal.aborted)
        this.#store.dispatch(differencesSlice.to({type: 'differences failed', problem: said(error)}));
    });
  }

  async #compare(id: string, other: string | null, signal: AbortSignal): Promise<void> {
    for await (const event of compare({...this.#comparison(id, other), pool: this.#place.pool(), signal})) {
      if (signal.aborted) return;
      if (event.type === 'dataset') this.#noteAltered(event.dataset, id, other);
      this.#store.dispatch(differencesSlice.to({type: 'differences event', event}));
    }
  }

  /** What was hashed to be compared is known of the copies from then on. */
  #noteAltered({name, one, other: two}: DatasetDifference, id: string, other: string | null): void {
    const at = Date.now();
    const names = [name];
    if (one.altered) this.#store.dispatch({type: 'copies altered', id, names, at});
    if (two.altered && other !== null) this.#store.dispatch({type: 'copies altered', id: other, names, at});
  }

  /** Of what is being compared. */
  open(name: string): void {
    this.#reading.abort();
    const {signal} = this.#renew('reading');
    void this.#read(name, signal).catch((error: unknown) => {
      if (!signal.aborted)
        this.#store.dispatch(differencesSlice.to({type: 'difference failed', problem: said(error)}));
    });
  }

  async #read(name: string, signal: AbortSignal): Promise<void> {
    const store = this.#store;
    const pair = this.#pair(name);
    if (!pair) {
      const difference = {kind: 'none' as const, why: 'it is in neither of them any more'};
      store.dispatch(differencesSlice.to({type: 'difference event', event: {type: 'finished', difference}}));
      return;
    }
    for await (const event of readDifference(pair, this.#where(), signal)) {
      if (signal.aborted) return;
      store.dispatch(differencesSlice.to({type: 'difference event', event}));
    }
  }

  #where(): {root: string | null; readOnly: boolean} {
    const {place, readOnly} = this.#store.get();
    return {root: place.root, readOnly};
  }

  /** A dataset of what is compared; none where it is in neither of them any more. */
  #pair(name: string): Pair | undefined {
    const task = differencesSlice.of(this.#store.get());
    return task ? pairs(this.#comparison(task.id, task.other)).find((each) => each.name === name) : undefined;
  }

  /** Of a table of the database that is looked at. */
  openRows(table: string): void {
    this.#reading.abort();
    const {signal} = this.#renew('reading');
    // What its rows are put into goes again before the program ends.
    this.#place.finish(
      this.#readRows(table, signal).catch((error: unknown) => {
        if (!signal.aborted)
          this.#store.dispatch(differencesSlice.to({type: 'rows failed', table, problem: said(error)}));
      }),
    );
  }

  async #readRows(table: string, signal: AbortSignal): Promise<void> {
    const pair = this.#pair(differencesSlice.of(this.#store.get())?.opened?.name ?? '');
    if (!pair) throw new Error('it is in neither of them any more');
    for await (const event of readTableRows(pair, table, this.#where(), signal)) {
      if (signal.aborted) return;
      this.#store.dispatch(differencesSlice.to({type: 'rows event', table, event}));
    }
  }

  /** Counts beside, as long as it is looked at, how much the chosen dataset differs. */
  #count(): void {
    const name = toCount(this.#store.get());
    if (this.#counting?.name === name) return;
    this.#counting?.stop.abort();
    this.#counting = null;
    if (name === null || this.#place.signal.aborted) return;
    const stop = new AbortController();
    this.#counting = {name, stop};
    // A private copy of a database goes again before the program ends.
    this.#place.finish(this.#counts(name, stop.signal));
  }

  async #counts(name: string, signal: AbortSignal): Promise<void> {
    const tell = (counts: Awaited<ReturnType<typeof countDifferences>>): void => {
      if (!signal.aborted)
        this.#store.dispatch(differencesSlice.to({type: 'differences counted', name, counts}));
    };
    try {
      const pair = this.#pair(name);
      tell(pair ? await countDifferences(pair, {...this.#where(), limit}, signal) : null);
    } catch (error) {
      if (signal.aborted) return;
      // It is not tried again and again.
      tell(null);
      throw error;
    }
  }

  #renew(which: 'comparing' | 'reading'): AbortController {
    const fresh = new AbortController();
    if (this.#place.signal.aborted) fresh.abort();
    if (which === 'comparing') this.#comparing = fresh;
    else this.#reading = fresh;
    return fresh;
  }
}
