import {parentOf, processFile} from '../base/process.ts';
import type {HookResult} from '../base/result.ts';
import {type About, eventVariable, runHook} from '../base/run-hook.ts';
import {isMeantBy} from '../config/own-file.ts';
import {readHooks} from '../config/own-settings.ts';
import type {EventName} from '../storage/events.ts';
import {type AuditLine, auditText} from './log/audit-line.ts';

/** What became of a hook on an event. */
export type EventHookResult = HookResult & {event: EventName; mayFail: boolean};

/** Milliseconds that hooks have together where what they tell of was cancelled. */
const afterCancel = 5000;

/** What of an event a hook can read in its environment; all of it is on its standard input. */
function aboutOf(root: string, {action, payload}: AuditLine): About {
  const {id, session, outcome} = payload;
  return {
    MAGDS_EVENT: action,
    MAGDS_ROOT: root,
    ...(typeof id === 'string' && {MAGDS_BACKUP: id}),
    ...(typeof session === 'number' && {MAGDS_SESSION: String(session)}),
    ...(typeof outcome === 'string' && {MAGDS_OUTCOME: outcome}),
  };
}

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
function eventThatRanUs(env: NodeJS.ProcessEnv): string | null {
  if (env[eventVariable]) return env[eventVariable];
  let pid: number | null = process.ppid;
  for (let count = 0; count < mostParents && pid !== null && pid > 1; count++) {
    const event = variableOf(pid, eventVariable);
    if (event) return event;
    pid = parentOf(pid);
  }
  return null;
}

/**
 * Runs the site's hooks for events (`hooks.on`), one after the other, in their order, each with the line of the audit log
 * on its standard input. One that fails keeps no other from being run; one that did not end in time is not run again.
 * Never throws.
 * @param signal ends them early
 * @returns what each said, and why some were not run; null where all were, or none is configured
 */
export async function runEventHooks(
  root: string,
  lines: AuditLine[],
  signal?: AbortSignal,
): Promise<{results: EventHookResult[]; problem: string | null}> {
  const {hooks, problem: fault} = readHooks(root);
  if (fault !== null) return {results: [], problem: `no hook was run: ${fault}`};
  const due = lines.flatMap((line) =>
    hooks.on
      .filter(([event]) => isMeantBy(event, line.action))
      .flatMap(([, list]) => list.map((hook) => ({line, ...hook}))),
  );
  if (due.length === 0) return {results: [], problem: null};
  const origin = eventThatRanUs(process.env);
  if (origin !== null) {
    const events = [...new Set(due.map(({line}) => line.action))].join(', ');
    return {
      results: [],
      problem: `the hooks on ${events} were not run: a hook on ${origin} runs this, and they could go on for ever`,
    };
  }
  // An operator who has cancelled does not want to wait; what has happened is told all the same, if that is quick.
  const until = signal?.aborted ? AbortSignal.timeout(afterCancel) : signal;
  const results: EventHookResult[] = [];
  const hanging = new Set<string>();
  let [left, skipped] = [0, 0];
  for (const {line, command, mayFail} of due) {
    const key = JSON.stringify(command);
    if (until?.aborted) left++;
    else if (hanging.has(key)) skipped++;
    else {
      const told = {input: auditText(line), signal: until};
      const result = await runHook(command, root, hooks.seconds, aboutOf(root, line), told);
      results.push({...result, event: line.action, mayFail});
      if (result.seconds >= hooks.seconds) hanging.add(key);
    }
  }
  const problems = [
    ...(left > 0 ? [`${left} of ${due.length} hooks were not run: cancelled`] : []),
    ...(skipped > 0 ? [`${skipped} of ${due.length} hooks were not run: they hung the time before`] : []),
  ];
  return {results, problem: problems.length > 0 ? problems.join('; ') : null};
}
