import {numberVersions} from '../engine/catalog/copies.ts';
import {readRows} from '../engine/catalog/read-all.ts';
import {configuredNames} from '../engine/config/effective.ts';
import type {RunPlace} from '../engine/config/project.ts';
import {sharedPool} from '../engine/hashing/pool.ts';
import type {RestorePlan} from '../engine/restore/action.ts';
import type {Planned} from '../engine/restore/begin.ts';
import {byDataset, type DatasetPlan} from '../engine/restore/by-dataset.ts';
import {countLoss, givesWay, type Loss, lossKey} from '../engine/restore/losses.ts';
import {copiesElsewhere, type Elsewhere, type Newer, newerCopies} from '../engine/restore/newer.ts';
import type {About} from '../engine/session/about.ts';
import {heldDirectory} from '../engine/storage/held.ts';
import {sourceNames} from '../engine/storage/manifest/lying.ts';
import type {RestoreCall} from './restore-flags.ts';

/** What a plan does by dataset, what was counted of what that loses, and which other copies there are. */
export type Losses = {
  sets: ReadonlyMap<string, DatasetPlan>;
  losses: ReadonlyMap<string, Loss>;
  newer: Newer[];
  /** Of what this backup cannot give. */
  elsewhere: Elsewhere[];
  /** Whether it was said since when things are bad. */
  isSaid: boolean;
};

/** A plan, what it is for, and what was found beside it already. */
export type Wanted = {planned: Planned; about: About; told?: Losses};

/** Milliseconds for all datasets together: whoever reads the plan waits for it. */
const limit = 10_000;

/** The same without having counted anything: of an undo and a drill there is nothing to count. */
export const uncounted = (plan: RestorePlan, {configuration}: RunPlace): Losses => ({
  sets:
    plan.into === null && plan.undoes === null
      ? byDataset(plan, configuredNames(configuration) ?? [])
      : new Map(),
  losses: new Map(),
  newer: [],
  elsewhere: [],
  isSaid: false,
});

/**
 * Counts, for whoever decides by it, what a plan loses of each dataset.
 * What was found for another plan is not looked for again.
 */
export async function countedLosses(
  {flags, signal}: RestoreCall,
  place: RunPlace,
  {planned: {plan}, about, told}: Wanted,
): Promise<Losses> {
  const {sets} = uncounted(plan, place);
  const losses = new Map(told?.losses);
  const until = performance.now() + limit;
  for (const set of sets.values()) {
    const left = until - performance.now();
    if (left <= 0) break;
    if (givesWay(set) === null || losses.get(set.dataset)?.of === lossKey(set)) continue;
    const comparing = {root: place.root, readOnly: flags.readOnly ?? false, limit: left};
    losses.set(set.dataset, await countLoss(set, plan.directory, comparing, signal));
  }
  const since = Date.parse(about.badSince ?? '');
  const isSaid = !Number.isNaN(since);
  const ours = <Copy extends {dataset: string}>(copies: Copy[]) =>
    copies.filter(({dataset}) => sets.has(dataset));
  if (told) return {...told, sets, losses, newer: ours(told.newer), elsewhere: ours(told.elsewhere)};
  const bad = [...sets.values()].filter(({actions}) => actions.some(({badCopy}) => badCopy));
  if (!isSaid && bad.length === 0) return {sets, losses, newer: [], elsewhere: [], isSaid};
  const asking = others(place, plan, flags.readOnly ?? false, signal);
  const names = bad.map(({dataset}) => dataset);
  return {
    sets,
    losses,
    newer: isSaid ? await newerCopies({...asking, names: [...sets.keys()], at: since}) : [],
    elsewhere: names.length > 0 ? copiesElsewhere({...asking, names, at: isSaid ? since : null}) : [],
    isSaid,
  };
}

/** All backups, for whoever looks for another copy than those of a plan. */
function others(
  {root, backups, configuration}: RunPlace,
  {id}: RestorePlan,
  readOnly: boolean,
  signal: AbortSignal,
): Omit<Parameters<typeof newerCopies>[0], 'names' | 'at'> {
  const {listing, rows: read} = readRows({root, backups});
  const rows = listing.ids.flatMap((each) => read.get(each) ?? []);
  const configured = configuredNames(configuration) ?? [];
  const versions = numberVersions(rows, configured);
  const sources = sourceNames(configuration.datasets.value);
  const place = {root, backups, held: heldDirectory(root), readOnly};
  return {rows, id, configured, versions, sources, place, pool: sharedPool(), signal};
}
