import {parentPort, workerData} from 'node:worker_threads';
import type {CreateHasher} from './algorithms.ts';
import {type HashJob, hashFile} from './hash-file.ts';

/** Shared with the pool: how far the running job is, and whether it is to stop. */
export type WorkerData = {progress: SharedArrayBuffer; cancel: SharedArrayBuffer};

/** A worker's life: one file after the other, as the pool sends them. */
export function serve(createHasher: CreateHasher): void {
  const data = workerData as WorkerData;
  const progress = new BigInt64Array(data.progress);
  const cancel = new Int32Array(data.cancel);
  parentPort?.on('message', (job: HashJob) => {
    void hashFile(job, createHasher, (bytes) => {
      Atomics.store(progress, 0, BigInt(bytes));
      return Atomics.load(cancel, 0) === 0;
    }).then((result) => parentPort?.postMessage(result));
  });
}
