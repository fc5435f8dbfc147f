import {parentOf, processFile} from './process.ts';
import {eventVariable} from './run-hook.ts';

/** Parents that are looked at: more than there are between a hook and what it runs. */
const mostParents = 64;

/** Of a process's environment, as it was when it was started: another user's cannot be seen, its parents' may be. */
const variableOf = (pid: number, name: string): string | undefined =>
  processFile(pid, 'environ')
    .split('\0')
    .find((each) => each.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/**
 * The event whose hook has run us, directly or not; null where none has. `sudo` and `env -i` hand no variable down: so the
 * environments of our parents are looked at too.
 */
export function eventThatRanUs(env: NodeJS.ProcessEnv): string | null {
  if (env[eventVariable]) return env[eventVariable];
  let pid: number | null = process.ppid;
  for (let count = 0; count < mostParents && pid !== null && pid > 1; count++) {
    const event = variableOf(pid, eventVariable);
    if (event) return event;
    pid = parentOf(pid);
  }
  return null;
}
