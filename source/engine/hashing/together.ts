import {needsWasm} from './algorithms.ts';
import type {HashJob, HashResult} from './hash-file.ts';

type Job = Omit<HashJob, 'readAhead'>;
type Settle<Result> = (result: Result) => void;
type Waiting = {job: Job; settle: Settle<HashResult>; signal: AbortSignal | undefined; bytes: number};

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
  send: (jobs: Job[], settle: Settle<HashResult[]>, signal?: AbortSignal) => unknown,
  workers: number,
): (job: Job, settle: Settle<HashResult>, signal: AbortSignal | undefined, bytes: number) => () => number {
  let waiting: Waiting[] = [];

  const sendBatch = (batch: Waiting[]): void => {
    const settle = (results: HashResult[]): void => {
      for (const [index, each] of batch.entries()) each.settle(results[index] as HashResult);
    };
    const jobs = batch.map(({job}) => job);
    if (batch[0]) send(jobs, settle, batch[0].signal);
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

  return (job, settle, signal, bytes) => {
    let done = 0;
    if (waiting.length === 0) queueMicrotask(flush);
    const note = (result: HashResult): void => {
      if ('bytes' in result) done = result.bytes;
      settle(result);
    };
    waiting.push({job, settle: note, signal, bytes});
    return () => done;
  };
}
