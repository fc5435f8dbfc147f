import {type SpawnSyncReturns, spawnSync} from 'node:child_process';
import {errorCode} from '../base/problem.ts';
import {whyNotStarted} from '../base/start.ts';

/** Two open files: what is staged takes the attributes of the live one. */
export type AttributePair = {live: number; staged: number};

/** Owner and times are given to it here, after this. Files that are links of one another must not become that. */
const flags = ['--attributes-only', '--preserve=all', '--no-preserve=links,ownership,timestamps'];

/**
 * cp is given both files open, never by name: whoever may write to the directory could put a link in the place of what
 * is staged, and cp would hand what that leads to over to the live file's owner. One shell runs it for many files, in
 * turn, because starting anything from here takes longer than cp does. It ends with the number of the first that failed.
 */
const script = `i=0
for pair do
  i=$((i+1))
  cp ${flags.join(' ')} -T "/proc/self/fd/\${pair%:*}" "/proc/self/fd/\${pair#*:}" || exit $i
done`;

/** Most pairs at once: so many numbers does an exit code tell apart, and so many files may be open. */
export const mostPairs = 250;

/** What GNU cp is told apart by from others, which know no `--attributes-only`. */
const isOther = (stderr: string): boolean =>
  /unrecognized option|invalid option|BusyBox|not found/i.test(stderr);

function runCopies(pairs: AttributePair[]): SpawnSyncReturns<Buffer> {
  const files = pairs.flatMap(({live, staged}) => [live, staged]);
  const names = pairs.map((_, index) => `${3 + 2 * index}:${4 + 2 * index}`);
  return spawnSync('sh', ['-c', script, 'sh', ...names], {
    stdio: ['ignore', 'ignore', 'pipe', ...files],
    env: {...process.env, LC_ALL: 'C'},
  });
}

/**
 * The same by one cp for all of them, which starting one for each would take twenty times as long. What is staged is given
 * to it under the number that the live file has here, so that the last step of a live file's path, by which cp looks for
 * the other one, is the same.
 * @returns whether it did
 */
function copyTogether(pairs: AttributePair[]): boolean {
  const stdio: ('ignore' | number)[] = Array(Math.max(...pairs.map(({live}) => live)) + 1).fill('ignore');
  for (const {live, staged} of pairs) stdio[live] = staged;
  const live = pairs.map((pair) => `/proc/${process.pid}/fd/${pair.live}`);
  return spawnSync('cp', [...flags, '-t', '/proc/self/fd', ...live], {stdio}).status === 0;
}

type AttributesCopied =
  | {state: 'copied'}
  /** There is no GNU cp here. */
  | {state: 'unable'}
  /** Which of the pairs failed first, and what cp said. */
  | {state: 'failed'; index: number; said: string};

/**
 * Carries over what Node cannot: ACLs and extended attributes.
 * @param pairs at most `mostPairs`
 */
export function copyAttributes(pairs: AttributePair[]): AttributesCopied {
  if (pairs.length === 0) return {state: 'copied'};
  // What fails there is found out one by one: doing it again changes nothing.
  if (pairs.length > 1 && copyTogether(pairs)) return {state: 'copied'};
  const {status, stderr, error} = runCopies(pairs);
  if (status === 0) return {state: 'copied'};
  const said = (error ? whyNotStarted(error) : String(stderr ?? '')).trim();
  if (errorCode(error) === 'ENOENT' || isOther(said)) return {state: 'unable'};
  const index = status !== null && status <= pairs.length ? status - 1 : 0;
  return {state: 'failed', index, said: said || `cp ended with ${status}`};
}
