import {availableParallelism} from 'node:os';
import {Worker} from 'node:worker_threads';
import {describeError} from '../problem.ts';
import type {HashJob, HashResult} from './hash-file.ts';

/** The worker's source, put here by the build; when run from the source tree, the file itself is used. */
declare const HASH_WORKER: string | undefined;

const start = (workerData: unknown): Worker =>
  typeof HASH_WORKER === 'string'
    ? new Worker(HASH_WORKER, {eval: true, workerData})
    : new Worker(new URL('./worker.ts', import.meta.url), {workerData});

type Task = {
  job: HashJob;
  resolve: (result: HashResult) => void;
  /** Bytes read so far. */
  read: () => number;
};

type Slot = {worker: Worker; progress: BigInt64Array; cancel: Int32Array; task: Task | null};

export type Pool = {
  /** Queues a file; the result never rejects. `bytes()` says how much of it was read so far. */
  hash(job: HashJob, signal?: AbortSignal): {result: Promise<HashResult>; bytes: () => number};
  /** Starts the workers before there is work, so that they are ready when it comes. */
  warm(count: number): void;
  close(): void;
};

const cancelled: HashResult = {status: 'cancelled', reason: 'cancelled'};

/** At most `size` workers, each started when first needed, each reading one file at a time. */
export function createPool(size = Math.max(1, Math.min(4, availableParallelism()))): Pool {
  const slots: Slot[] = [];
  const queue: Task[] = [];
  let closed = false;

  const finish = (slot: Slot, result: HashResult): void => {
    const {task} = slot;
    slot.task = null;
    Atomics.store(slot.cancel, 0, 0);
    task?.resolve(result);
    if (!slot.task) slot.worker.unref();
    next();
  };

  const add = (): Slot => {
    const progress = new SharedArrayBuffer(8);
    const cancel = new SharedArrayBuffer(4);
    const slot: Slot = {
      worker: start({progress, cancel}),
      progress: new BigInt64Array(progress),
      cancel: new Int32Array(cancel),
      task: null,
    };
    slot.worker.on('message', (result: HashResult) => finish(slot, result));
    slot.worker.on('error', (error) => {
      slots.splice(slots.indexOf(slot), 1);
      finish(slot, {status: 'unreadable', reason: `the hashing worker stopped: ${describeError(error)}`});
    });
    slot.worker.unref();
    slots.push(slot);
    return slot;
  };

  const next = (): void => {
    while (queue.length > 0 && !closed) {
      const slot = slots.find((candidate) => !candidate.task) ?? (slots.length < size ? add() : undefined);
      if (!slot) return;
      const task = queue.shift() as Task;
      slot.task = task;
      Atomics.store(slot.progress, 0, 0n);
      task.read = () => (slot.task === task ? Number(Atomics.load(slot.progress, 0)) : 0);
      slot.worker.ref();
      slot.worker.postMessage(task.job);
    }
  };

  return {
    hash(job, signal) {
      let done = 0;
      const {promise, resolve} = Promise.withResolvers<HashResult>();
      const settle = (result: HashResult): void => {
        done = result.status === 'read' ? result.bytes : task.read();
        signal?.removeEventListener('abort', abort);
        resolve(result);
      };
      const task: Task = {job, resolve: settle, read: () => 0};
      const abort = (): void => {
        const waiting = queue.indexOf(task);
        if (waiting !== -1) queue.splice(waiting, 1);
        const slot = slots.find((candidate) => candidate.task === task);
        if (slot) Atomics.store(slot.cancel, 0, 1);
        // Not awaited: a read may hang for as long as a network file system likes.
        settle(cancelled);
      };
      if (closed || signal?.aborted) settle(cancelled);
      else {
        signal?.addEventListener('abort', abort, {once: true});
        queue.push(task);
        next();
      }
      return {result: promise, bytes: () => Math.max(done, task.read())};
    },
    warm(count) {
      while (slots.length < Math.min(count, size)) add();
    },
    close() {
      closed = true;
      for (const task of queue.splice(0)) task.resolve(cancelled);
      for (const slot of slots.splice(0)) {
        slot.task?.resolve(cancelled);
        void slot.worker.terminate();
      }
    },
  };
}
