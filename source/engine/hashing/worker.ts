import {parentPort, workerData} from 'node:worker_threads';
import {type HashJob, hashFile} from './hash-file.ts';

/** Shared with the pool: how far the running job is, and whether it is to stop. */
export type WorkerData = {progress: SharedArrayBuffer; cancel: SharedArrayBuffer};

const data = workerData as WorkerData;
const progress = new BigInt64Array(data.progress);
const cancel = new Int32Array(data.cancel);

parentPort?.on('message', (job: HashJob) => {
  void hashFile(job, (bytes) => {
    Atomics.store(progress, 0, BigInt(bytes));
    return Atomics.load(cancel, 0) === 0;
  }).then((result) => parentPort?.postMessage(result));
});
