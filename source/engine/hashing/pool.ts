import {availableParallelism} from 'node:os';
import {Worker} from 'node:worker_threads';
import {describeError} from '../problem.ts';
import {needsWasm} from './algorithms.ts';
import type {HashJob, HashResult} from './hash-file.ts';

/** The workers' sources, put here by the build; when run from the source tree, the files themselves are used. */
declare const HASH_WORKER: string | undefined;
declare const WASM_WORKER: string | undefined;

type Kind = 'openssl' | 'wasm';

const kindOf = (job: {algorithm: string}): Kind => (needsWasm(job.algorithm) ? 'wasm' : 'openssl');

function start(kind: Kind, workerData: unknown): Worker {
  if (typeof HASH_WORKER !== 'string' || typeof WASM_WORKER !== 'string') {
    const file = kind === 'wasm' ? './wasm-worker.ts' : './worker.ts';
    return new Worker(new URL(file, import.meta.url), {workerData});
  }
  return new Worker(kind === 'wasm' ? WASM_WORKER : HASH_WORKER, {eval: true, workerData});
}

const cores = availableParallelism();

type Task = {
  job: Omit<HashJob, 'readAhead'>;
  resolve: (result: HashResult) => void;
  /** Bytes read so far. */
  read: () => number;
};

type Slot = {kind: Kind; worker: Worker; progress: BigInt64Array; cancel: Int32Array; task: Task | null};

export type Pool = {
  /** Queues a file; the result never rejects. `bytes()` says how much of it was read so far. */
  hash(
    job: Omit<HashJob, 'readAhead'>,
    signal?: AbortSignal,
  ): {result: Promise<HashResult>; bytes: () => number};
  /** Starts the workers before there is work, so that they are ready when it comes. */
  warm(count: number): void;
  close(): void;
};

const cancelled: HashResult = {status: 'cancelled', reason: 'cancelled'};

let shared: Pool | undefined;

/** The pool of a command, which may be warmed before the command itself is known. */
export function sharedPool(): Pool {
  shared ??= createPool();
  return shared;
}

/** At most `size` workers, each started when first needed, each reading one file at a time. */
export function createPool(size = Math.min(4, cores)): Pool {
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

  const add = (kind: Kind): Slot => {
    const progress = new SharedArrayBuffer(8);
    const cancel = new SharedArrayBuffer(4);
    const slot: Slot = {
      kind,
      worker: start(kind, {progress, cancel}),
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

  /** An idle worker of the kind, else a new one, in the place of an idle one of the other kind if need be. */
  const freeSlot = (kind: Kind): Slot | undefined => {
    const idle = slots.filter((candidate) => !candidate.task);
    const same = idle.find((candidate) => candidate.kind === kind);
    if (same || slots.length < size) return same ?? add(kind);
    const [other] = idle;
    if (!other) return undefined;
    slots.splice(slots.indexOf(other), 1);
    void other.worker.terminate();
    return add(kind);
  };

  const next = (): void => {
    while (queue.length > 0 && !closed) {
      const slot = freeSlot(kindOf((queue[0] as Task).job));
      if (!slot) return;
      const task = queue.shift() as Task;
      slot.task = task;
      Atomics.store(slot.progress, 0, 0n);
      task.read = () => (slot.task === task ? Number(Atomics.load(slot.progress, 0)) : 0);
      slot.worker.ref();
      // A core for the file and one for reading ahead, if nobody else wants it.
      const readAhead = queue.length + slots.filter((each) => each.task).length < cores;
      slot.worker.postMessage({...task.job, readAhead} satisfies HashJob);
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
        // Once all that comes together is queued: whether to read ahead depends on it.
        queueMicrotask(next);
      }
      return {result: promise, bytes: () => Math.max(done, task.read())};
    },
    warm(count) {
      while (slots.length < Math.min(count, size)) add('openssl');
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
