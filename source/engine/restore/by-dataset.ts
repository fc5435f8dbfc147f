import {datasetOf} from '../catalog/copies.ts';
import type {RestoreAction} from './action.ts';

/** When a copy was made, and when its live file was last written, in milliseconds since the epoch. */
type Period = {from: number; to: number};

/** What a restore would do with one dataset: its file, or all files of a directory. */
export type DatasetPlan = {
  dataset: string;
  /** What happens to most of it that matters: one refused file refuses it, one that changes changes it. */
  action: RestoreAction['action'];
  /** Why it is refused; null where it is not. */
  reason: string | null;
  /** Its files, and what lies beside them. */
  actions: RestoreAction[];
  /** Files that change, of so many that the backup holds. */
  changed: number;
  files: number;
  bytes: number;
  /** Bytes of what is live of it, and when that was last written; null where nothing is. */
  live: {bytes: number; mtimeMs: number} | null;
  /** A live file gives way that holds something else than the copy. */
  loses: boolean;
  /** What was written meanwhile is not in the copy; null where no file that gives way was written since. */
  period: Period | null;
};

/** The one that speaks for all of a directory's files comes first. */
const weight: RestoreAction['action'][] = ['refused', 'overwrite', 'remove', 'create', 'unchanged'];

function one(dataset: string, actions: RestoreAction[], from: number): DatasetPlan {
  const own = actions.filter(({role}) => role === 'dataset');
  const plan: DatasetPlan = {
    dataset,
    action: 'unchanged',
    reason: null,
    actions,
    changed: 0,
    files: own.length,
    bytes: 0,
    live: null,
    loses: false,
    period: null,
  };
  for (const {action, reason, bytes, live, loses} of own) {
    if (weight.indexOf(action) < weight.indexOf(plan.action)) plan.action = action;
    if (action === 'refused') plan.reason ??= reason;
    else if (action !== 'unchanged') plan.changed++;
    plan.bytes += bytes;
    plan.loses ||= loses !== null;
    if (live?.kind !== 'file') continue;
    plan.live = {
      bytes: (plan.live?.bytes ?? 0) + live.stamp.size,
      mtimeMs: Math.max(plan.live?.mtimeMs ?? 0, live.mtimeMs),
    };
    if (loses !== null && live.mtimeMs > Math.max(from, plan.period?.to ?? 0))
      plan.period = {from, to: live.mtimeMs};
  }
  return plan;
}

/**
 * The actions of a plan by dataset, in its order: people choose datasets, not the files of a directory.
 * @param configured names of the datasets; empty where they are not known
 */
export function byDataset(
  {actions, createdAt}: {actions: RestoreAction[]; createdAt: string | null},
  configured: readonly string[],
): Map<string, DatasetPlan> {
  const from = Date.parse(createdAt ?? '');
  const grouped = Map.groupBy(actions, ({dataset}) => datasetOf(dataset, configured));
  return new Map([...grouped].map(([dataset, mine]) => [dataset, one(dataset, mine, from)]));
}
