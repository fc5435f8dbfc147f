import {configuredNames} from '../engine/config/effective.ts';
import type {RunPlace} from '../engine/config/project.ts';
import type {RestorePlan} from '../engine/restore/action.ts';
import {byDataset, type DatasetPlan} from '../engine/restore/by-dataset.ts';
import {countLoss, givesWay, type Loss, lossKey} from '../engine/restore/losses.ts';
import type {RestoreCall} from './restore-flags.ts';

/** What a plan does by dataset, and what was counted of what that loses. */
export type Losses = {sets: ReadonlyMap<string, DatasetPlan>; losses: ReadonlyMap<string, Loss>};

/** Milliseconds for all datasets together: whoever reads the plan waits for it. */
const limit = 10_000;

/** The same without having counted anything: of an undo and a drill there is nothing to count. */
export const uncounted = (plan: RestorePlan, {configuration}: RunPlace): Losses => ({
  sets:
    plan.into === null && plan.undoes === null
      ? byDataset(plan, configuredNames(configuration) ?? [])
      : new Map(),
  losses: new Map(),
});

/**
 * Counts, for whoever decides by it, what a plan loses of each dataset.
 * @param known what was counted for another plan
 */
export async function countedLosses(
  {flags, signal}: RestoreCall,
  place: RunPlace,
  plan: RestorePlan,
  known: Losses['losses'] = new Map(),
): Promise<Losses> {
  const {sets} = uncounted(plan, place);
  const losses = new Map(known);
  const until = performance.now() + limit;
  for (const set of sets.values()) {
    const left = until - performance.now();
    if (left <= 0) break;
    if (givesWay(set) === null || losses.get(set.dataset)?.of === lossKey(set)) continue;
    const comparing = {root: place.root, readOnly: flags.readOnly ?? false, limit: left};
    losses.set(set.dataset, await countLoss(set, plan.directory, comparing, signal));
  }
  return {sets, losses};
}
