import fs from 'node:fs';
import {eventVariable} from './run-hook.ts';

/** Parents that are looked at: more than there are between a hook and what it runs. */
const mostParents = 64;

/** Of a process's environment, as it was when it was started; null where it does not have it, or it cannot be seen. */
function variableOf(pid: number, name: string): string | null {
  try {
    const all = fs.readFileSync(`/proc/${pid}/environ`).toString('utf8').split('\0');
    return all.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  } catch {
    // Another user's, or it has ended: its parents may still be seen.
    return null;
  }
}

/** Null where there is none, or it cannot be told. */
function parentOf(pid: number): number | null {
  try {
    // The name, in brackets, may hold anything.
    const stat = fs.readFileSync(`/proc/${pid}/stat`).toString('utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || null;
  } catch {
    return null;
  }
}

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
