import fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {type About, runHook} from '../base/run-hook.ts';
import type {Hook} from '../config/own-file.ts';
import type {HookSettings} from '../config/own-settings.ts';
import {forgetHooksDue, noteHooksDue} from '../storage/runbook/hooks-due.ts';
import {type BackupHookResult, failureText, hasFailed, hooksOf} from './hooks.ts';
import type {RunEvent, RunOptions, RunResult} from './run-events.ts';

/**
 * The site's commands around a backup, `hooks.before_backup` and `hooks.after_backup`. Those after it are due once one
 * before it has been run, or a backup is there, however it ended: they start again what was stopped.
 */
export class BackupHooks {
  readonly #options: RunOptions;
  readonly #settings: HookSettings;
  readonly #state: Directory;
  readonly #after: Hook[];
  #isDue = false;
  readonly results: BackupHookResult[] = [];

  /**
   * @param state the root's state, where it is noted that those after it are due
   * @throws Problem where `config.json` cannot be used
   */
  constructor(options: RunOptions, state: Directory) {
    this.#options = options;
    this.#state = state;
    this.#settings = hooksOf(options.root);
    this.#after = [...this.#settings.afterBackup];
  }

  async #run(
    when: BackupHookResult['when'],
    {command, mayFail}: Hook,
    about: About,
  ): Promise<BackupHookResult> {
    const {root, signal} = this.#options;
    const early = when === 'after' && signal.aborted ? undefined : signal;
    const told = {MAGDS_ROOT: root, ...about};
    const ended = await runHook(command, root, this.#settings.seconds, told, {signal: early});
    const result = {...ended, when, mayFail};
    this.results.push(result);
    return result;
  }

  /**
   * Runs those before it, until one fails.
   * @param backups the directory that is written to
   * @returns why no backup is made; null where it can be
   */
  async *before(backups: Directory): AsyncGenerator<RunEvent, string | null, undefined> {
    for (const hook of this.#settings.beforeBackup) {
      if (this.#options.signal.aborted) return 'cancelled';
      yield {type: 'hook', when: 'before', command: hook.command};
      if (!this.#isDue && this.#after.length > 0) noteHooksDue(this.#state);
      this.#isDue = true;
      const result = await this.#run('before', hook, {});
      if (hasFailed(result)) return failureText(result);
    }
    if (!this.#isDue || isStill(this.#options.backups, backups)) return null;
    return `${this.#options.backups} is no longer the directory that it was before the hooks: mount what belongs there before the run`;
  }

  async #next(result: Pick<RunResult, 'id' | 'outcome'> | null): Promise<void> {
    const hook = this.#after.shift();
    if (!hook) return;
    const about = {
      MAGDS_OUTCOME: result?.outcome ?? 'failed',
      ...(result && result.id !== null && {MAGDS_BACKUP: result.id}),
    };
    if (hasFailed(await this.#run('after', hook, about))) this.#after.length = 0;
  }

  #isLeft = (result: Pick<RunResult, 'id'> | null): boolean =>
    this.#after.length > 0 && (this.#isDue || (result !== null && result.id !== null));

  /** Runs those after it, until one fails. */
  async *after(result: Pick<RunResult, 'id' | 'outcome'>): AsyncGenerator<RunEvent, void, undefined> {
    if (!this.#isLeft(result)) return;
    while (this.#isLeft(result)) {
      yield {type: 'hook', when: 'after', command: (this.#after[0] as Hook).command};
      await this.#next(result);
    }
    yield {type: 'hook', when: 'after', command: null};
  }

  /** Runs what is left of them, where whoever reads the events has stopped, or it could not go on. */
  async finish(result: Pick<RunResult, 'id' | 'outcome'> | null): Promise<void> {
    while (this.#isLeft(result)) await this.#next(result);
    if (this.#isDue) forgetHooksDue(this.#state);
  }
}

function isStill(path: string, {stats: {dev, ino}}: Directory): boolean {
  const now = fs.statSync(path, {throwIfNoEntry: false});
  return now?.dev === dev && now.ino === ino;
}
