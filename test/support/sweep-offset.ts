import {spawnSync} from 'node:child_process';

/**
 * How far into each stretch of what is only tried in part a run begins, from 0 to 1. Each commit has another one, so that
 * over the commits all of it is tried.
 */
export const sweepOffset = ((): number => {
  const given = process.env['MAGDS_SWEEP_OFFSET'];
  if (given !== undefined) return Number(given);
  // What is tested may be an archive, which has no commit, on a machine without git.
  const {stdout} = spawnSync('git', ['rev-parse', 'HEAD'], {cwd: import.meta.dirname, encoding: 'utf8'});
  return Math.floor((Number.parseInt(`0${(stdout ?? '').slice(0, 6)}`, 16) / 0x1000000) * 1000) / 1000;
})();
