import type {RecordedPlan} from '../restore/plan-record.ts';
import {connectedText} from '../session/database-facts.ts';
import type {Journal} from '../session/journal.ts';
import type {EvidenceDatabase} from './schema.ts';

/** What a restore did to each database, as its plan and its journal know it; undefined where there was none. */
export function replacedDatabases(
  plan: RecordedPlan | null,
  journal: Journal | null,
): EvidenceDatabase[] | undefined {
  const planned = new Map(plan?.actions.map((each) => [each.target, each.database]));
  return journal?.databases?.map(({dataset, path, name, old, new: put, aside, safety}) => ({
    dataset,
    path,
    name,
    oid_before: old?.oid ?? null,
    oid_after: put?.oid ?? null,
    aside: old === null ? null : aside,
    saved: safety !== null,
    loaded: put?.load != null,
    rows: put?.load?.rows ?? null,
    ended: planned.get(path)?.sessions.map((each) => connectedText(each)) ?? [],
  }));
}
