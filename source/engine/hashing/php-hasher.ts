import {spawnSync} from 'node:child_process';
import {findPhp} from '../base/find-php.ts';
import type {CreateHasher} from './algorithms.ts';

/** Bytes that PHP is given at once: to start it takes about as long as to hash these. */
const atOnce = 16 * 1024 * 1024;

/** Fixed, and given the state so far and more bytes: prints the new state, or, where there are no more, the hash. */
const script = `
$state = fgets(STDIN);
$hash = $state === "\\n" ? hash_init($argv[1]) : unserialize(base64_decode($state));
hash_update_stream($hash, STDIN);
echo $argv[2] === 'end' ? hash_final($hash) : base64_encode(serialize($hash));
`;

/**
 * A hasher for what only PHP computes: the `php` on the PATH is asked, without its configuration and without any code of
 * the tree's, and is given nothing but bytes. Null where there is none, or where it lacks the algorithm.
 */
export const createPhpHasher: CreateHasher = async (algorithm) => {
  const php = findPhp(process.env['PATH']);
  if (php === null) return null;
  const ask = (state: string, data: Uint8Array[], how: 'more' | 'end'): string | null => {
    const {status, stdout} = spawnSync(php, ['-n', '-r', script, '--', algorithm, how], {
      input: Buffer.concat([Buffer.from(`${state}\n`), ...data]),
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return status === 0 ? stdout.toString('latin1') : null;
  };
  const demand = (...given: Parameters<typeof ask>): string => {
    const answer = ask(...given);
    if (answer === null) throw new Error(`${php} stopped while it computed ${algorithm}`);
    return answer;
  };
  const begun = ask('', [], 'more');
  if (begun === null) return null;
  let state = begun;
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  return {
    update(data) {
      // The reader fills its buffer again.
      waiting.push(Uint8Array.from(data));
      bytes += data.length;
      if (bytes < atOnce) return;
      state = demand(state, waiting, 'more');
      [waiting, bytes] = [[], 0];
    },
    digest: () => demand(state, waiting, 'end'),
  };
};
