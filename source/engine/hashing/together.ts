import {needsWasm} from './algorithms.ts';
import type {HashJob, HashResult} from './hash-file.ts';

type Job = Omit<HashJob, 'readAhead'>;
export type Settling<Result> = {resolve: (result: Result) => void; reject: (reason: Error) => void};
type Waiting = {job: Job; settling: Settling<HashResult>; signal: AbortSignal | undefined; bytes: number};

/** Bytes up to which a file is small: to hand it to a worker takes longer than to read it. */
const smallFile = 256 * 1024;
const mostTogether = 64;
const mostBytesTogether = 4 * 1024 * 1024;

export const isSmall = (bytes: number | null | undefined): bytes is number =>
  typeof bytes === 'number' && bytes <= smallFile;

const goTogether = (a: Waiting, b: Waiting): boolean =>
  a.signal === b.signal && needsWasm(a.job.algorithm) === needsWasm(b.job.algorithm);

/**
 * Collects the small files that are asked for in one go, and sends them in batches, a share for each worker.
 * @param send has a batch hashed: a result for each, in order
 * @returns for one file: how many bytes of it were read so far
 */
export function collector(
  send: (jobs: Job[], settling: Settling<HashResult[]>, signal?: AbortSignal) => unknown,
  workers: number,
): (
  job: Job,
  settling: Settling<HashResult>,
  signal: AbortSignal | undefined,
  bytes: number,
) => () => number {
  let waiting: Waiting[] = [];

  const sendBatch = (batch: Waiting[]): void => {
    const resolve = (results: HashResult[]): void => {
      for (const [index, each] of batch.entries()) each.settling.resolve(results[index] as HashResult);
    };
    const reject = (reason: Error): void => {
      for (const each of batch) each.settling.reject(reason);
    };
    const jobs = batch.map(({job}) => job);
    if (batch[0]) send(jobs, {resolve, reject}, batch[0].signal);
  };

  const flush = (): void => {
    const share = Math.min(mostTogether, Math.ceil(waiting.length / workers));
    let batch: Waiting[] = [];
    let bytes = 0;
    for (const each of waiting) {
      const [first] = batch;
      if (first && (batch.length === share || bytes >= mostBytesTogether || !goTogether(first, each))) {
        sendBatch(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(each);
      bytes += each.bytes;
    }
    waiting = [];
    sendBatch(batch);
  };

  return (job, {resolve, reject}, signal, bytes) => {
    let done = 0;
    if (waiting.length === 0) queueMicrotask(flush);
    const note = (result: HashResult): void => {
      if ('bytes' in result) done = result.bytes;
      resolve(result);
    };
    waiting.push({job, settling: {resolve: note, reject}, signal, bytes});
    return () => done;
  };
}
