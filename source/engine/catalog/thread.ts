import {Worker, type WorkerOptions} from 'node:worker_threads';
import {startThread} from '../base/start.ts';
import type {Row} from './row.ts';
import type {Share} from './share.ts';

/** The worker's source, put here by the build; when run from the source tree, the file itself is used. */
declare const CATALOG_WORKER: string | undefined;

/** A thread that reads backups. @param options what it reads, as `worker.ts` takes it, and how large it may get */
export const startReading = (options: WorkerOptions): Worker =>
  startThread(() =>
    typeof CATALOG_WORKER === 'string'
      ? new Worker(CATALOG_WORKER, {eval: true, ...options})
      : new Worker(new URL('./worker.ts', import.meta.url), options),
  );

/** What a thread of its own reads of a share; nothing where it ends before it can say: whoever asks reads that too. */
export function readBeside(share: Share): Promise<Row[]> {
  return new Promise((resolve) => {
    const nothing = (): void => resolve([]);
    try {
      startReading({workerData: share}).on('message', resolve).on('error', nothing).on('exit', nothing);
    } catch {
      // There are too many threads: one reads it all.
      nothing();
    }
  });
}
