import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {environment, program, runtime} from './still.ts';

/** What a picture names in the place of the demonstration's path: as long as that. */
export const shownRoot = '/srv/magmoboce';
const liveFiles = ['state/system.json', 'data/tenants.json', 'data/ledger.sqlite', 'data/media/index.json'];

export const at = (time: string): string => `2026-11-23T${time}Z`;

/** A demonstration whose path is as long as the one that is shown, and whose live files nobody writes just now. */
export function makePlace(): string {
  const root = fs.mkdtempSync('/tmp/mag');
  const env = environment(at('03:00:03'));
  execFileSync(runtime, [program, 'demo', root], {env, stdio: ['ignore', 'ignore', 'pipe']});
  const written = new Date(at('02:14:38'));
  for (const file of liveFiles) fs.utimesSync(`${root}/storage/${file}`, written, written);
  return root;
}

/** A restore that the power was cut in, between the first of its files and the second. */
export function stopHalfway(root: string, id: string): void {
  const args = ['restore', '--root', root, `--id=${id}`, `--yes=${id}`, '--ticket=INC-4711'];
  try {
    const env = environment(at('03:09:13'), {STILL_POWER_CUT: '2'});
    execFileSync(runtime, [program, ...args], {env, stdio: 'ignore'});
  } catch {
    // As it should: what is shown is what was left.
  }
}
