import {parentPort, workerData} from 'node:worker_threads';
import {CatalogWatcher} from './watcher.ts';

export type WatchRequest = {type: 'visible'; ids: string[]};

/** Milliseconds between two rounds once everything has been read. */
const pause = 1000;

const place = workerData as {directory: string; held: string | null};
const watcher = new CatalogWatcher(place.directory, place.held);

function round(): void {
  for (const event of watcher.round(Date.now())) parentPort?.postMessage(event);
  setTimeout(round, watcher.busy ? 0 : pause);
}

parentPort?.on('message', (request: WatchRequest) => {
  watcher.setVisible(request.ids);
});
round();
