import {
  type RestoreAction as Action,
  type RestorePlan,
  unknownAction,
} from '../../source/engine/restore/action.ts';
import type {TargetWrite} from '../../source/engine/restore/target-writes.ts';
import {type RestoreTaskAction, restoreSlice} from '../../source/ui/screens/restore/state.ts';
import type {PlanSettings} from '../../source/ui/screens/restore/task.ts';
import type {AppAction} from '../../source/ui/state.ts';
import {noon} from './states.ts';

const hour = 3_600_000;

/** What a plan does with a dataset: it overwrites a live file that was written an hour ago, unless told otherwise. */
export function anAction(dataset: string, changes: Partial<Action> = {}): Action {
  return {
    ...unknownAction(dataset, 'sha256', false),
    action: 'overwrite',
    bytes: 2000,
    target: `/srv/magmoboce/storage/data/${dataset}.json`,
    live: {
      kind: 'file',
      stamp: {dev: '1', ino: '2', size: 3000, mtimeNs: '0'},
      ctimeNs: '0',
      mode: 0o644,
      uid: 0,
      gid: 0,
      links: 1,
      mtimeMs: noon - hour,
    },
    loses: 'writes since then',
    ...changes,
  };
}

/** A plan for a backup that was made three hours ago. */
export const aRestorePlan = (
  id: string,
  actions: Action[] = [anAction('tenants'), anAction('ledger')],
  changes: Partial<RestorePlan> = {},
): RestorePlan => ({
  id,
  directory: `/srv/magmoboce/storage/backups/${id}`,
  createdAt: new Date(noon - 3 * hour).toISOString(),
  hash: 'abcdef0123456789',
  into: null,
  actions,
  safety: true,
  space: [{where: '/srv/magmoboce/storage', needed: 5000, free: 1e9}],
  seconds: 35,
  unseen: 0,
  php: [],
  owner: null,
  openSessions: [],
  leaves: [],
  leftOut: [],
  notes: [],
  brokenInside: [],
  partial: [],
  undoes: null,
  directories: {by: null, records: {}},
  ...changes,
});

/** A plan that is made of all datasets, and again once all of them are chosen, where the operator has to say that. */
const plannedOfAll = (
  planned: Extract<RestoreTaskAction, {type: 'restore planned'}>,
): RestoreTaskAction[] => {
  const {plan} = planned;
  const isOpen = plan.undoes === null && new Set(plan.actions.map(({dataset}) => dataset)).size > 1;
  return isOpen ? [planned, {type: 'all toggled'}, planned] : [planned];
};

/** The screen of a restore, its plan made, all datasets chosen. */
export const restorePlanned = (plan: RestorePlan, reasons: string[] = [], at?: number): AppAction[] => [
  restoreSlice.open({type: 'restore opened', subject: {id: plan.id, undoes: plan.undoes}}),
  ...plannedOfAll({
    type: 'restore planned',
    plan,
    reasons,
    ...(at === undefined ? {} : {at}),
  }).map((action) => restoreSlice.to(action)),
];

/** What was seen of a dataset's live file: written five times, the last time just now. */
export const aWrite = (dataset: string, changes: Partial<TargetWrite> = {}): TargetWrite => ({
  dataset,
  times: 5,
  quiet: 0,
  last: noon - 1000,
  ...changes,
});

/** The settings of a root that has none. */
export const noSettings: PlanSettings = {volatile: ['kernel_state'], before: [], after: [], datasets: []};

/** What its slice is told of a plan that was made in this minute, all of it chosen, whose live files were looked at. */
export const watchedActions = (
  plan: RestorePlan,
  writes: TargetWrite[],
  settings: Partial<PlanSettings> = {},
): RestoreTaskAction[] => [
  {type: 'restore opened', subject: {id: plan.id, undoes: plan.undoes}},
  ...plannedOfAll({
    type: 'restore planned',
    plan,
    reasons: [],
    at: noon,
    settings: {...noSettings, ...settings},
  }),
  {type: 'targets watched', writes},
];

/** The screen of such a plan. */
export const restoreWatched = (...about: Parameters<typeof watchedActions>): AppAction[] => [
  restoreSlice.open(null),
  ...watchedActions(...about).map((action) => restoreSlice.to(action)),
];
