import {needsWasm} from './algorithms.ts';
import type {HashJob, HashResult} from './hash-file.ts';

type Job = Omit<HashJob, 'readAhead'>;
/** What was asked of a worker: what comes of it, and how many bytes were read for it so far. */
export type Asked<Result> = {result: Promise<Result>; bytes: () => number};
type Waiting = {
  job: Job;
  settled: PromiseWithResolvers<HashResult>;
  signal: AbortSignal | undefined;
  bytes: number;
};

/** A promise whose failure may be asked for late: many are queued at once and awaited in turn. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

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
 */
export function collector(
  send: (jobs: Job[], signal?: AbortSignal) => Promise<HashResult[]>,
  workers: number,
): (job: Job, signal: AbortSignal | undefined, bytes: number) => Asked<HashResult> {
  let waiting: Waiting[] = [];

  const sendBatch = (batch: Waiting[]): void => {
    const results = send(
      batch.map(({job}) => job),
      batch[0]?.signal,
    );
    for (const [index, {settled}] of batch.entries())
      settled.resolve(results.then((all) => all[index] as HashResult));
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

  return (job, signal, bytes) => {
    if (waiting.length === 0) queueMicrotask(flush);
    const settled = Promise.withResolvers<HashResult>();
    let done = 0;
    const noted = settled.promise.then((result) => {
      if ('bytes' in result) done = result.bytes;
      return result;
    });
    waiting.push({job, settled, signal, bytes});
    return {result: quiet(noted), bytes: () => done};
  };
}
