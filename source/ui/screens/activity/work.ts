import {AuditLog} from '../../../engine/events/log/read-log.ts';
import type {AppStore} from '../../use-store.ts';
import {activitySlice} from './state.ts';

/** Lines that are read back at once. */
const page = 2000;

/** The work behind the screen of the audit log: reads it, and follows it while it is looked at. */
export class ActivityTasks {
  readonly #store: AppStore;
  readonly #signal: AbortSignal;
  #following = new AbortController();

  constructor(store: AppStore, signal: AbortSignal) {
    this.#store = store;
    this.#signal = signal;
  }

  /** Begins with the reading that the screen asks for; the one before ends. */
  async follow(): Promise<void> {
    this.#following.abort();
    const following = new AbortController();
    this.#following = following;
    const store = this.#store;
    const {place, configuration} = store.get();
    const activity = activitySlice.of(store.get());
    const {reading, onlyOurs} = activity;
    if (place.root === null || !configuration) return;
    const signal = AbortSignal.any([following.signal, this.#signal]);
    const leave = store.subscribe(() => {
      if (!store.get().screens.includes('activity')) following.abort();
    });
    try {
      const options = {root: place.root, file: configuration.auditLog.value, onlyOurs, following: true};
      const log = await AuditLog.open(options);
      try {
        await this.#read(log, reading, signal);
      } finally {
        log.close();
      }
    } finally {
      leave();
    }
  }

  /** Both directions at once, until the signal is aborted; whichever fails ends the other. */
  async #read(log: AuditLog, reading: number, signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    const work = [this.#ahead(log, reading, both), this.#back(log, reading, both)];
    for (const each of work) each.catch(() => failed.abort());
    const [ahead, back] = await Promise.allSettled(work);
    for (const each of [ahead, back]) if (each?.status === 'rejected') throw each.reason;
  }

  async #ahead(log: AuditLog, reading: number, signal: AbortSignal): Promise<void> {
    for await (const event of log.follow(signal)) {
      if (event.type === 'log') {
        const {state, reason} = event;
        this.#store.dispatch(activitySlice.to({type: 'activity found', reading, log: {state, reason}}));
      } else
        this.#store.dispatch(
          activitySlice.to({type: 'activity appended', reading, lines: event.lines.toReversed()}),
        );
    }
  }

  /** Goes further back whenever the screen asks for it. */
  async #back(log: AuditLog, reading: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#asked(signal);
      if (signal.aborted) return;
      const {lines, end} = await log.older(page, signal);
      if (!signal.aborted)
        this.#store.dispatch(activitySlice.to({type: 'activity went back', reading, lines, end}));
    }
  }

  #asked(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (signal.aborted || activitySlice.of(this.#store.get()).wanted) done();
      };
      const stop = this.#store.subscribe(look);
      function done(): void {
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      look();
    });
  }
}
