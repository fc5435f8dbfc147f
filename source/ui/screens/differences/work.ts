import {compare} from '../../../engine/differences/compare.ts';
import {readDifference} from '../../../engine/differences/difference.ts';
import {type Comparison, pairs} from '../../../engine/differences/sides.ts';
import type {AppStore} from '../../state.ts';
import {said, type Workplace} from '../../work.ts';
import {differencesSlice} from './state.ts';

/** Compares backups and datasets. It writes nothing but private copies of databases, which go again. */
export class DifferencesWork {
  readonly #place: Workplace;
  /** Of what is read now: what comes later takes its place. */
  #comparing = new AbortController();
  #reading = new AbortController();

  constructor(place: Workplace) {
    this.#place = place;
    place.signal.addEventListener('abort', () => this.stop('all'));
  }

  get #store(): AppStore {
    return this.#place.store;
  }

  stop(what: 'dataset' | 'all'): void {
    this.#reading.abort();
    if (what === 'all') this.#comparing.abort();
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
      this.#store.dispatch(differencesSlice.to({type: 'differences event', event}));
    }
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
    const differences = differencesSlice.of(store.get());
    if (!differences) return;
    const pair = pairs(this.#comparison(differences.id, differences.other)).find(
      (each) => each.name === name,
    );
    if (!pair) {
      const difference = {kind: 'none' as const, why: 'it is in neither of them any more'};
      store.dispatch(differencesSlice.to({type: 'difference event', event: {type: 'finished', difference}}));
      return;
    }
    const {place, readOnly} = store.get();
    for await (const event of readDifference(pair, {root: place.root, readOnly}, signal)) {
      if (signal.aborted) return;
      store.dispatch(differencesSlice.to({type: 'difference event', event}));
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
