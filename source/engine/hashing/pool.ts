import {availableParallelism} from 'node:os';
import {Worker} from 'node:worker_threads';
import {describeError} from '../base/problem.ts';
import {NotStarted, startThread} from '../base/start.ts';
import {needsWasm} from './algorithms.ts';
import type {CopyJob, CopyResult} from './copy-files.ts';
import type {HashJob, HashJobs, HashResult} from './hash-file.ts';
import {type Asked, collector, isSmall, quiet} from './together.ts';

const actions = new WeakMap<AbortSignal, Set<() => void>>();

function tell(this: AbortSignal): void {
  const asked = actions.get(this) ?? [];
  actions.delete(this);
  for (const action of asked) action();
}

/**
 * Does something once a signal is aborted. However many ask, the signal has one listener: each one that is added to it is
 * compared with all that it has.
 * @returns what to call where it is not wanted any more
 */
function onAbort(signal: AbortSignal, action: () => void): () => void {
  const known = actions.get(signal);
  const asked = known ?? new Set();
  if (!known) {
    actions.set(signal, asked);
    signal.addEventListener('abort', tell, {once: true});
  }
  asked.add(action);
  return () => {
    asked.delete(action);
    if (asked.size > 0 || !actions.delete(signal)) return;
    signal.removeEventListener('abort', tell);
  };
}

/** The workers' sources, put here by the build; when run from the source tree, the files themselves are used. */
declare const HASH_WORKER: string | undefined;
declare const WASM_WORKER: string | undefined;

type Kind = 'openssl' | 'wasm';

const kindOf = (job: {algorithm: string}): Kind => (needsWasm(job.algorithm) ? 'wasm' : 'openssl');

const start = (kind: Kind, workerData: unknown): Worker => startThread(() => make(kind, workerData));

function make(kind: Kind, workerData: unknown): Worker {
  if (typeof HASH_WORKER !== 'string' || typeof WASM_WORKER !== 'string') {
    const file = kind === 'wasm' ? './wasm-worker.ts' : './worker.ts';
    return new Worker(new URL(file, import.meta.url), {workerData});
  }
  return new Worker(kind === 'wasm' ? WASM_WORKER : HASH_WORKER, {eval: true, workerData});
}

const cores = availableParallelism();

type Result = HashResult[] | CopyResult[];

type Task = {
  job: Omit<HashJobs, 'readAhead'> | Omit<CopyJob, 'ahead'>;
  resolve: (result: Result) => void;
  reject: (reason: NotStarted) => void;
  /** What is answered where the job could not be done or finished. */
  instead: (result: Exclude<HashResult, {status: 'read'}>) => Result;
  /** Bytes read so far. */
  read: () => number;
};

type Slot = {
  kind: Kind;
  worker: Worker;
  progress: BigInt64Array;
  cancel: Int32Array;
  task: Task | null;
  online: boolean;
};

export type Pool = {
  /**
   * Queues a file. The result rejects only with NotStarted, where there is no worker and none can be made: then nothing is
   * known of the file. `bytes()` says how much of it was read so far.
   * @param expected bytes that it is taken to have: small ones go to a worker together
   */
  hash(job: Omit<HashJob, 'readAhead'>, signal?: AbortSignal, expected?: number | null): Asked<HashResult>;
  /**
   * Queues files to be copied; a result for each, which rejects as a hash does. Unlike a hash, a copy that is cancelled is
   * answered once nothing more will be written.
   */
  copy(job: Omit<CopyJob, 'ahead' | 'kind'>, signal?: AbortSignal): Asked<CopyResult[]>;
  /** Starts the workers before there is work, so that they are ready when it comes; that it cannot is told then. */
  warm(count: number): void;
  close(): void;
};

const cancelled = {status: 'cancelled', reason: 'cancelled'} as const;

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
  /** Workers that there may be: no more than there are once one could not be made. */
  let most = size;

  const finish = (slot: Slot, result: Result | Error): void => {
    const {task} = slot;
    slot.task = null;
    Atomics.store(slot.cancel, 0, 0);
    if (result instanceof Error) {
      const reason = `the worker stopped: ${describeError(result)}`;
      task?.resolve(task.instead({status: 'not checked', reason}));
    } else task?.resolve(result);
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
      online: false,
    };
    slot.worker.on('message', (result: Result) => finish(slot, result));
    slot.worker.on('online', () => {
      slot.online = true;
    });
    slot.worker.on('error', (error: Error) => {
      const at = slots.indexOf(slot);
      if (at !== -1) slots.splice(at, 1);
      if (slot.online) finish(slot, error);
      else notStarted(slot, new NotStarted('A thread', error));
    });
    slot.worker.unref();
    slots.push(slot);
    return slot;
  };

  /** An idle worker of the kind, else a new one, in the place of an idle one of the other kind if need be. */
  const freeSlot = (kind: Kind): Slot | undefined => {
    const idle = slots.filter((candidate) => !candidate.task);
    const same = idle.find((candidate) => candidate.kind === kind);
    if (same || slots.length < most) return same ?? add(kind);
    const [other] = idle;
    if (!other) return undefined;
    slots.splice(slots.indexOf(other), 1);
    void other.worker.terminate();
    return add(kind);
  };

  /** Goes on with the workers that there are; without any, all that wait are told. */
  const doWithFewer = (error: NotStarted): void => {
    most = slots.length;
    if (most > 0) return;
    most = size;
    for (const task of queue.splice(0)) task.reject(error);
  };

  /** One that ended before it did anything: another may take what it was given. */
  const notStarted = ({task, cancel}: Slot, error: NotStarted): void => {
    if (task && Atomics.load(cancel, 0) !== 0) task.resolve(task.instead(cancelled));
    else if (task) queue.unshift(task);
    doWithFewer(error);
    next();
  };

  const next = (): void => {
    while (queue.length > 0 && !closed) {
      let slot: Slot | undefined;
      try {
        slot = freeSlot(kindOf((queue[0] as Task).job));
      } catch (error) {
        doWithFewer(error as NotStarted);
        continue;
      }
      if (!slot) return;
      const task = queue.shift() as Task;
      slot.task = task;
      Atomics.store(slot.progress, 0, 0n);
      task.read = () => (slot.task === task ? Number(Atomics.load(slot.progress, 0)) : 0);
      slot.worker.ref();
      // A core for the file and one for reading ahead, if nothing else wants it.
      const readAhead = queue.length + slots.filter((each) => each.task).length < cores;
      const {job} = task;
      slot.worker.postMessage(
        job.kind === 'hash'
          ? ({...job, readAhead} satisfies HashJobs)
          : ({...job, ahead: readAhead} satisfies CopyJob),
      );
    }
  };

  /** @param bytesOf what a result amounts to */
  const enqueue = (
    given: Pick<Task, 'job' | 'instead'>,
    bytesOf: (result: Result) => number | null,
    waitForEnd: boolean,
    signal?: AbortSignal,
  ): Asked<Result> => {
    const settled = Promise.withResolvers<Result>();
    let done = 0;
    let unlisten = (): void => {};
    const end = (result: Result): void => {
      done = bytesOf(result) ?? task.read();
      unlisten();
      settled.resolve(result);
    };
    const fail = (reason: NotStarted): void => {
      unlisten();
      settled.reject(reason);
    };
    const task: Task = {...given, resolve: end, reject: fail, read: () => 0};
    const abort = (): void => {
      const waiting = queue.indexOf(task);
      if (waiting !== -1) queue.splice(waiting, 1);
      const slot = slots.find((candidate) => candidate.task === task);
      if (slot) Atomics.store(slot.cancel, 0, 1);
      // A read may hang for as long as a network file system likes.
      if (!slot || !waitForEnd) end(task.instead(cancelled));
    };
    if (closed || signal?.aborted) end(task.instead(cancelled));
    else {
      if (signal) unlisten = onAbort(signal, abort);
      queue.push(task);
      // Once all that comes together is queued: whether to read ahead depends on it.
      queueMicrotask(next);
    }
    return {result: quiet(settled.promise), bytes: () => Math.max(done, task.read())};
  };

  const hashAll = (files: Omit<HashJob, 'readAhead'>[], signal?: AbortSignal): Asked<HashResult[]> => {
    const instead = (result: HashResult): HashResult[] => files.map(() => result);
    const algorithm = files[0]?.algorithm ?? '';
    const task = {job: {kind: 'hash' as const, algorithm, files}, instead};
    const bytesOf = ([result]: Result) => (result && 'bytes' in result ? result.bytes : null);
    return enqueue(task, bytesOf, false, signal) as Asked<HashResult[]>;
  };

  const together = collector((files, signal) => hashAll(files, signal).result, size);

  return {
    hash(job, signal, expected) {
      if (isSmall(expected)) return together(job, signal, expected);
      const {result, bytes} = hashAll([job], signal);
      return {result: quiet(result.then(([only]) => only as HashResult)), bytes};
    },
    copy(job, signal) {
      const instead = (result: CopyResult): CopyResult[] => job.files.map(() => result);
      const task = {job: {...job, kind: 'copy' as const}, instead: instead as Task['instead']};
      const bytesOf = (result: Result) =>
        (result as CopyResult[]).reduce((sum, each) => sum + (each.status === 'copied' ? each.bytes : 0), 0);
      return enqueue(task, bytesOf, true, signal) as Asked<CopyResult[]>;
    },
    warm(count) {
      try {
        while (slots.length < Math.min(count, most)) add('openssl');
      } catch (error) {
        doWithFewer(error as NotStarted);
      }
    },
    close() {
      closed = true;
      for (const task of queue.splice(0)) task.resolve(task.instead(cancelled));
      for (const slot of slots.splice(0)) {
        slot.task?.resolve(slot.task.instead(cancelled));
        void slot.worker.terminate();
      }
    },
  };
}
