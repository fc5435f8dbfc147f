import {spawnSync} from 'node:child_process';
import {errorCode} from './problem.ts';
import {whyNotStarted} from './start.ts';

/** Files up to which each is synced for itself; beyond, the file system is asked once, for all of them. */
export const fewFiles = 64;

/** `unable`: there is no `sync -f` here. */
export type Synced = {state: 'synced' | 'unable'} | {state: 'failed'; said: string};

/**
 * Makes all that was written to a file system durable: for thousands of files that is much faster than one by one.
 * @param directory on it, as a path of this process
 */
export function syncAll(directory: string): Synced {
  // The child has descriptors of its own: ours are reached by our number.
  const ours = directory.replace(/^\/proc\/self\//, `/proc/${process.pid}/`);
  const env = {...process.env, LC_ALL: 'C'};
  const {status, stderr, error} = spawnSync('sync', ['-f', ours], {stdio: ['ignore', 'ignore', 'pipe'], env});
  if (status === 0) return {state: 'synced'};
  const said = error ? whyNotStarted(error) : String(stderr).trim() || `sync -f ended with ${status}`;
  const unable = errorCode(error) === 'ENOENT' || /unrecognized option|invalid option/i.test(said);
  return unable ? {state: 'unable'} : {state: 'failed', said};
}
