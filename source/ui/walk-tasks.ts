import type {Pool} from '../engine/hashing/pool.ts';
import {followTargets} from './follow-targets.ts';
import type {AppStore} from './hooks/use-store.ts';
import {RestoreTasks} from './restore-tasks.ts';
import {SessionTasks} from './session-tasks.ts';

/** The work from a plan to a checklist that is signed off. */
export type Walk = {restore: RestoreTasks; sessions: SessionTasks};

/** @param environment as the operator named it by `--env` */
export function openWalk(
  store: AppStore,
  signal: AbortSignal,
  pool: () => Pool,
  environment: string | undefined,
): Walk {
  const restore: RestoreTasks = new RestoreTasks(store, signal, pool, environment, () => sessions.refresh());
  const sessions = new SessionTasks(store, signal, pool, (story) => restore.attach(story));
  followTargets(store, signal);
  return {restore, sessions};
}
