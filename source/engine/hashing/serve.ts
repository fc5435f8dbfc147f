import {parentPort, workerData} from 'node:worker_threads';
import {WayWalk} from '../base/readers.ts';
import type {CreateHasher} from './algorithms.ts';
import {type CopyJob, copyFiles} from './copy-files.ts';
import {type HashJobs, hashFiles} from './hash-file.ts';

/** Shared with the pool: how far the running job is, and whether it is to stop. */
type WorkerData = {progress: SharedArrayBuffer; cancel: SharedArrayBuffer};

/** Milliseconds that directories stay open for the next job: deep ones would else be walked to from the top. */
const keptOpen = 100;

/** A worker's life: one job after the other, as the pool sends them. */
export function serve(createHasher: CreateHasher): void {
  const data = workerData as WorkerData;
  const progress = new BigInt64Array(data.progress);
  const cancel = new Int32Array(data.cancel);
  const onProgress = (bytes: number): boolean => {
    Atomics.store(progress, 0, BigInt(bytes));
    return Atomics.load(cancel, 0) === 0;
  };
  const walk = new WayWalk();
  let idle: NodeJS.Timeout | undefined;
  parentPort?.on('message', (job: HashJobs | CopyJob) => {
    clearTimeout(idle);
    const done =
      job.kind === 'hash'
        ? hashFiles(job, createHasher, onProgress)
        : copyFiles(job, createHasher, onProgress, walk);
    void done.then((results) => {
      parentPort?.postMessage(results);
      // The next one is on its way, or there is none: then nothing stays open.
      idle = setTimeout(() => walk.close(), keptOpen).unref();
    });
  });
}
