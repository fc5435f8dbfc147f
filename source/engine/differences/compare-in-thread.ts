import {Worker} from 'node:worker_threads';
import {describeError} from '../base/problem.ts';
import {NotStarted, startThread} from '../base/start.ts';
import type {Texts} from './text-worker.ts';
import type {Difference} from './texts.ts';

/** The worker's source, put here by the build; when run from the source tree, the file itself is used. */
declare const TEXT_WORKER: string | undefined;

/** Two texts of a megabyte took 400 MB at worst; a file made to take more must not take the program with it. */
const resourceLimits = {maxOldGenerationSizeMb: 1024};

const start = (workerData: Texts): Worker =>
  startThread(() =>
    typeof TEXT_WORKER === 'string'
      ? new Worker(TEXT_WORKER, {eval: true, workerData, resourceLimits})
      : new Worker(new URL('./text-worker.ts', import.meta.url), {workerData, resourceLimits}),
  );

/**
 * How two texts differ, found out in a thread of its own: the screen stays alive meanwhile, and it ends as soon as it is
 * told to. Where it fails, how it did takes the place of the lines.
 * @throws what the signal is aborted with
 */
export async function compareInThread(texts: Texts, signal: AbortSignal): Promise<Difference> {
  signal.throwIfAborted();
  const {promise, resolve, reject} = Promise.withResolvers<Difference>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, {once: true});
  const failed = (why: string): void =>
    resolve({kind: 'bytes', why: `they could not be compared (${why})`, offset: texts.offset});
  let worker: Worker | undefined;
  try {
    worker = start(texts);
    worker.once('message', resolve);
    worker.once('error', (error) => failed(describeError(error)));
    worker.once('exit', () => failed('the worker ended early'));
    return await promise;
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    failed(error.message);
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    void worker?.terminate();
  }
}
