import type {Pool} from '../engine/hashing/pool.ts';
import {followTargets} from './screens/restore/follow-targets.ts';
import {RestoreTasks} from './screens/restore/work.ts';
import {SessionTasks} from './screens/sessions/work.ts';
import type {AppStore} from './use-store.ts';

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
