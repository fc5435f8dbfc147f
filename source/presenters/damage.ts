import {alteredCopy} from '../engine/catalog/row.ts';
import type {Verification} from '../engine/catalog/verification.ts';
import type {BackupResult} from '../engine/verify/record.ts';
import type {CatalogState} from './catalog.ts';

/** Why each copy of a backup is damaged, why the backup is, and when a comparison or a plan found that. */
type Found = {copies: ReadonlyMap<string, string | null>; reason: string | null; at: number | null};

/** Backups found damaged in this session where that is not recorded, so that the disk does not say so. */
export type Damage = ReadonlyMap<string, Found>;

const real = new Set(['mismatch', 'missing', 'unsafe']);

/** Keeps a result that could not be recorded, and drops one that a later verification replaces; one cut off says nothing. */
export function noteDamage(damaged: Damage, {id, result, datasets, reason, recorded}: BackupResult): Damage {
  const found = datasets.filter(({status}) => real.has(status));
  const unrecorded = found.length > 0 && !recorded?.record;
  const isToldAnew = result === 'passed' || result === 'failed';
  if (!unrecorded && (!damaged.has(id) || !isToldAnew)) return damaged;
  const next = new Map(damaged);
  const copies = new Map(found.map((each) => [each.name, each.reason]));
  if (unrecorded) next.set(id, {copies, reason, at: null});
  else next.delete(id);
  return next;
}

/** Keeps which copies were hashed for something else than a verification, and do not match. */
export function noteAltered(damaged: Damage, id: string, names: readonly string[], at: number): Damage {
  const before = damaged.get(id)?.copies;
  if (names.every((name) => before?.has(name))) return damaged;
  const copies = new Map([...(before ?? []), ...names.map((name) => [name, alteredCopy] as const)]);
  return new Map(damaged).set(id, {copies, reason: `${[...copies.keys()].join(', ')}: ${alteredCopy}`, at});
}

/** Whether a verification of ours knows better. A record has full seconds; what PHP found is not known. */
const isVerifiedSince = ({state, at: recorded}: Verification, at: number | null): boolean =>
  at !== null && state !== 'unknown' && Date.parse(recorded ?? '') >= Math.floor(at / 1000) * 1000;

/** What this session found out counts more than a record from before. */
export function overlay(catalog: CatalogState, damaged: Damage): CatalogState {
  if (damaged.size === 0) return catalog;
  const rows = new Map(catalog.rows);
  for (const [id, {copies, reason, at}] of damaged) {
    const row = rows.get(id);
    if (!row || isVerifiedSince(row.verification, at)) continue;
    const datasets = row.datasets.map((each) => ({
      ...each,
      flaw: each.flaw ?? copies.get(each.name) ?? null,
    }));
    const failed = [...copies.keys()];
    rows.set(id, {
      ...row,
      datasets,
      verification: {state: 'failed', at: null, failed, reason, changed: false},
    });
  }
  return {...catalog, rows};
}
