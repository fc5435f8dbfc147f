import {configuredNames} from '../../../engine/config/effective.ts';
import {countLoss, lossKey} from '../../../engine/restore/losses.ts';
import {copiesElsewhere, type Elsewhere, newerCopies} from '../../../engine/restore/newer.ts';
import {heldDirectory} from '../../../engine/storage/held.ts';
import {sourceNames} from '../../../engine/storage/manifest/lying.ts';
import {type CatalogState, isRead} from '../../../presenters/catalog.ts';
import {isCounting} from '../../../presenters/dataset-losses.ts';
import {knownCopies} from '../../../presenters/known-copies.ts';
import type {AppState} from '../../state.ts';
import type {Workplace} from '../../work.ts';
import {withBadCopy} from './choice.ts';
import {type RestoreTaskAction, restoreSlice} from './state.ts';
import type {RestoreTask} from './task.ts';

/** Milliseconds for the losses of one dataset: what is counted until then is told. */
const limit = 10_000;

/** Something that is found out beside a plan. */
type Job = {
  find: (signal: AbortSignal) => Promise<RestoreTaskAction>;
  /** What is told where that fails: it is not tried again and again. */
  unknown: RestoreTaskAction;
};

/** The plan that is shown, as long as nobody goes on with it. */
function shown(state: AppState): RestoreTask | null {
  const task = restoreSlice.of(state);
  const isThere = task?.plan && task.state !== 'starting' && state.screens.includes('restore');
  return isThere && task.subject.undoes === null && task.plan?.into === null ? task : null;
}

/** Counts what is lost: of what is chosen first, but also of what the operator may still choose. */
function lossJob({sets, losses, chosen, plan}: RestoreTask, {place, readOnly}: AppState): Job | null {
  const open = [...sets.values()].filter((set) => isCounting(set, losses.get(set.dataset)));
  const set = open.find(({dataset}) => chosen.has(dataset)) ?? open[0];
  if (!set || !plan) return null;
  const told = {type: 'loss counted', dataset: set.dataset} as const;
  const comparing = {root: place.root, readOnly, limit};
  return {
    find: async (signal) => ({...told, loss: await countLoss(set, plan.directory, comparing, signal)}),
    unknown: {...told, loss: {of: lossKey(set), counts: null}},
  };
}

/** Whether no backup was verified or became whole since; one that is being written is another row again and again. */
const areJudgedAlike = (before: CatalogState['rows'], {ids, rows}: CatalogState): boolean =>
  before === rows ||
  ids.every((id) => {
    const [was, is] = [before.get(id), rows.get(id)];
    return was === is || (was?.state === 'interrupted' && is?.state === 'interrupted');
  });

/** Where else there is what this backup cannot give, once all backups have been read. */
function elsewhereJob(task: RestoreTask, {catalog, configuration}: AppState): Job | null {
  const {subject, badSince, elsewhere} = task;
  const names = withBadCopy(task);
  if (names.length === 0 || !configuration || !isRead(catalog)) return null;
  const at = badSince?.at ?? null;
  const of = [at, catalog.ids[0], ...names].join(' ');
  if (elsewhere?.of === of && areJudgedAlike(elsewhere.rows, catalog)) return null;
  const configured = configuredNames(configuration);
  const {versions} = knownCopies(catalog, configured, at);
  if (!versions) return null;
  const rows = catalog.ids.flatMap((id) => catalog.rows.get(id) ?? []);
  const asking = {rows, id: subject.id, at, names, configured: configured ?? [], versions};
  const told = (copies: Elsewhere[]): RestoreTaskAction => ({
    type: 'elsewhere found',
    elsewhere: {of, rows: catalog.rows, copies},
  });
  return {find: async () => told(copiesElsewhere(asking)), unknown: told([])};
}

/** Looks for newer copies, once all backups have been read. */
function newerJob(task: RestoreTask, state: AppState, pool: Workplace['pool']): Job | null {
  const {subject, badSince, names, newer} = task;
  const {catalog, configuration, place, readOnly} = state;
  if (!badSince || !configuration || !isRead(catalog)) return null;
  const of = `${subject.id} ${badSince.at} ${catalog.ids[0]}`;
  if (newer?.of === of && areJudgedAlike(newer.rows, catalog)) return null;
  const configured = configuredNames(configuration);
  const {versions} = knownCopies(catalog, configured, badSince.at);
  if (!versions) return null;
  const asking = {
    rows: catalog.ids.flatMap((id) => catalog.rows.get(id) ?? []),
    id: subject.id,
    at: badSince.at,
    names,
    configured: configured ?? [],
    versions,
    sources: sourceNames(configuration.datasets.value),
    place: {...place, held: heldDirectory(place.root), readOnly},
  };
  return {
    find: async (signal) => ({
      type: 'newer found',
      newer: {of, rows: catalog.rows, copies: await newerCopies({...asking, pool: pool(), signal})},
    }),
    unknown: {type: 'newer found', newer: {of, rows: catalog.rows, copies: []}},
  };
}

/**
 * Finds out what a plan waits for nowhere, while it is shown, one thing after the other: what it loses, and which other
 * copies there are. Ends with the plan.
 */
export function followBeside({store, signal, finish, pool}: Workplace): void {
  let stop: AbortController | null = null;

  const nextOf = (state: AppState): Job | null => {
    const task = shown(state);
    return task && (elsewhereJob(task, state) ?? newerJob(task, state, pool) ?? lossJob(task, state));
  };

  async function follow(finding: AbortController): Promise<void> {
    const until = AbortSignal.any([signal, finding.signal]);
    for (let job = nextOf(store.get()); job && !until.aborted; job = nextOf(store.get())) {
      try {
        store.dispatch(restoreSlice.to(await job.find(until)));
      } catch (error) {
        if (until.aborted) return;
        store.dispatch(restoreSlice.to(job.unknown));
        throw error;
      }
    }
  }

  const begin = (): void => {
    if (stop) {
      if (!shown(store.get())) stop.abort();
      return;
    }
    if (!nextOf(store.get())) return;
    const finding = new AbortController();
    stop = finding;
    // A private copy of a database goes again before the program ends.
    finish(
      follow(finding).finally(() => {
        stop = null;
      }),
    );
  };
  signal.addEventListener('abort', store.subscribe(begin));
}
