import {exitCode, Problem} from '../base/problem.ts';
import {type HookResult, hookFailure} from '../base/result.ts';
import {type HookSettings, readHooks} from '../config/own-settings.ts';

/** What became of a hook around a backup. */
export type BackupHookResult = HookResult & {when: 'before' | 'after'; mayFail: boolean};

/** Whether what comes next depends on a hook that failed. */
export const hasFailed = ({reason, mayFail}: Pick<BackupHookResult, 'reason' | 'mayFail'>): boolean =>
  reason !== null && !mayFail;

/**
 * The hooks of a root, for a backup.
 * @throws Problem where `config.json` cannot be used: it may say what has to be stopped
 */
export function hooksOf(root: string): HookSettings {
  const {hooks, problem} = readHooks(root);
  if (problem === null) return hooks;
  throw new Problem(
    exitCode.failed,
    `${problem}. It may say what has to be done before a backup. Nothing was written.`,
  );
}

/** What there is to say of a hook that failed; null of one that did not. */
export function failureText(result: BackupHookResult): string | null {
  const why = hookFailure(result);
  return why === null ? null : `the hook ${result.command.join(' ')} ${result.when} it: ${why}`;
}
