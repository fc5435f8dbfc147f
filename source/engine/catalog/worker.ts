import {parentPort, workerData} from 'node:worker_threads';
import {readShare, type Share} from './share.ts';
import {CatalogWatcher} from './watcher.ts';

export type WatchRequest = {type: 'visible'; ids: string[]};

/** Milliseconds between two rounds once everything has been read. */
const pause = 1000;

function watch({directory, held}: {directory: string; held: string | null}): void {
  const watcher = new CatalogWatcher(directory, held);
  const round = (): void => {
    for (const event of watcher.round(Date.now())) parentPort?.postMessage(event);
    setTimeout(round, watcher.busy ? 0 : pause);
  };
  parentPort?.on('message', (request: WatchRequest) => {
    watcher.setVisible(request.ids);
  });
  round();
}

const asked = workerData as Share | Parameters<typeof watch>[0];
if ('taken' in asked) parentPort?.postMessage(readShare(asked));
else watch(asked);
