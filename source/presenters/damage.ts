import type {BackupResult} from '../engine/verify/record.ts';
import type {CatalogState} from './catalog.ts';

/** Backups found damaged in this session where that could not be recorded, so that the disk does not say so. */
export type Damage = ReadonlyMap<string, BackupResult>;

const real = new Set(['mismatch', 'missing', 'unsafe']);

/** Keeps a result that could not be recorded, and drops one that a later verification replaces. */
export function noteDamage(damaged: Damage, result: BackupResult): Damage {
  const found = result.datasets.some(({status}) => real.has(status));
  const unrecorded = found && !result.recorded?.record;
  if (!unrecorded && !damaged.has(result.id)) return damaged;
  const next = new Map(damaged);
  if (unrecorded) next.set(result.id, result);
  else next.delete(result.id);
  return next;
}

/** What this session found out counts more than a record from before. */
export function overlay(catalog: CatalogState, damaged: Damage): CatalogState {
  if (damaged.size === 0) return catalog;
  const rows = new Map(catalog.rows);
  for (const [id, {datasets, reason}] of damaged) {
    const row = rows.get(id);
    if (!row) continue;
    const failed = datasets.filter(({status}) => real.has(status)).map(({name}) => name);
    rows.set(id, {...row, verification: {state: 'failed', at: null, failed, reason, changed: false}});
  }
  return {...catalog, rows};
}
