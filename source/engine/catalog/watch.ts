import {Worker} from 'node:worker_threads';
import {describeError} from '../base/problem.ts';
import {startThread} from '../base/start.ts';
import type {CatalogEvent} from './watcher.ts';
import type {WatchRequest} from './worker.ts';

/** The worker's source, put here by the build; when run from the source tree, the file itself is used. */
declare const CATALOG_WORKER: string | undefined;

/** A small heap, because the worker keeps only a digest of each row. Megabytes. */
const resourceLimits = {maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512};

const start = (workerData: unknown): Worker =>
  startThread(() =>
    typeof CATALOG_WORKER === 'string'
      ? new Worker(CATALOG_WORKER, {eval: true, workerData, resourceLimits})
      : new Worker(new URL('./worker.ts', import.meta.url), {workerData, resourceLimits}),
  );

type CatalogWatch = {
  events: AsyncGenerator<CatalogEvent, void, undefined>;
  /** Which backups are on the screen: they are read first, and again every second. */
  setVisible(ids: string[]): void;
};

/**
 * Streams what is in a backups directory and what becomes of it, until the signal is aborted. Runs in a thread of its
 * own, so that neither ten thousand backups nor a network file system that hangs can hold up the screen.
 */
export function watchCatalog(directory: string, held: string | null, signal: AbortSignal): CatalogWatch {
  const queue: CatalogEvent[] = [];
  let wake = (): void => {};
  let ended = false;
  const push = (event: CatalogEvent): void => {
    queue.push(event);
    wake();
  };
  let worker: Worker | undefined;
  const over = (): void => {
    ended = true;
    wake();
  };
  const end = (): void => {
    over();
    // Not awaited: a hanging read ends when its file system lets it.
    void worker?.terminate();
  };
  const fail = (error: unknown): void => push({type: 'failed', reason: describeError(error)});
  try {
    worker = start({directory, held});
    worker.on('message', push);
    worker.on('error', fail);
    worker.on('exit', over);
  } catch (error) {
    fail(error);
    over();
  }
  signal.addEventListener('abort', end, {once: true});

  async function* events(): AsyncGenerator<CatalogEvent, void, undefined> {
    while (!ended || queue.length > 0) {
      const event = queue.shift();
      if (event && !signal.aborted) yield event;
      else if (ended) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  const send = (request: WatchRequest) => worker?.postMessage(request);
  return {events: events(), setVisible: (ids) => send({type: 'visible', ids})};
}
