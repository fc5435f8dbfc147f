import type {RecordedPlan} from '../restore/plan-record.ts';
import {connectedText} from '../session/database-facts.ts';
import type {Journal} from '../session/journal.ts';
import type {EvidenceDatabase, EvidenceSession} from './schema.ts';

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

/** Databases whose rows were counted right before they took their place: one that was renamed back, or not restored, is none. */
export const countedOf = ({state, databases = []}: EvidenceSession): EvidenceDatabase[] =>
  state === 'done' ? databases.filter(({loaded, rows}) => loaded && rows !== null) : [];

/** What is known of a database that is not looked at. */
export function knownOf(session: EvidenceSession, database: EvidenceDatabase): string {
  if (session.state !== 'done') return 'it was not restored';
  if (countedOf(session).includes(database)) return 'its rows were counted right before the switch';
  if (database.oid_after === null) return 'it was taken away, and no other took its place';
  return database.loaded
    ? 'its manifest counts no rows'
    : 'it was put back by its name, and its rows were not counted';
}
