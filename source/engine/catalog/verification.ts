import type {DatasetResult} from '../storage/dataset.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import type {Manifest} from '../storage/manifest/read.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {copiesDigest, lastVerification, type VerificationRecord} from '../storage/verifications.ts';

type VerificationState = 'verified' | 'failed' | 'stale' | 'unknown' | 'never';

export type Verification = {
  state: VerificationState;
  /** When, as recorded; by us, or where that is all there is, by PHP. */
  at: string | null;
  failed: string[];
  reason: string | null;
  /** Passed, but the manifest or a copy is not what passed any more. */
  changed: boolean;
};

/** What a verification said of one copy that matched: it stands, or why it does not any more. */
export type Proof =
  | {state: 'unaltered'; reason: null}
  /** `changed`: it, or what the manifest says of it, is not what matched; else only too much time has passed. */
  | {state: 'stale'; reason: string; changed: boolean};

/** A copy as it lies on the disk. `bytes` and `mtimeMs` are null where it cannot be seen; `flaw`: why not. */
export type SeenCopy = {name: string; bytes: number | null; mtimeMs: number | null; flaw: string | null};

/** Passed longer ago than this counts as stale. Seconds. */
export const staleAfter = 7 * 24 * 3600;

/** A record may be this much ahead of the clock. Seconds. */
const clockTolerance = 300;

/** PHP's DATE_ATOM, or anything else a date parser takes, as milliseconds; NaN where it is no date. */
const when = (at: string) => Date.parse(at);

/** What the last verifications say of a whole backup. */
export function judge(
  record: VerificationRecord | null,
  manifest: Manifest,
  copies: SeenCopy[],
  now: number,
): Verification {
  const php = manifest.lastVerifiedAt;
  const mark = manifest.lastVerification;
  const none = {at: php, failed: [], reason: null, changed: false};
  // Ours too, and it stands in the manifest even where the record could not be written.
  const marked =
    mark && !Number.isNaN(when(mark.at)) && (!record || when(mark.at) > when(record.at)) ? mark : null;
  const latest = marked?.at ?? record?.at ?? null;
  const change = record && whatChanged(record, manifest, copies);
  const stands = record !== null && marked === null && change === null;
  // PHP writes the same whether it passed or failed. What we found stands for as long as it is about what is there.
  if (php !== null && !stands && (latest === null || when(php) > when(latest)))
    return {...none, state: 'unknown'};
  if (marked?.result === 'failed') {
    const reason = 'it failed; which datasets failed could not be recorded';
    return {...none, at: marked.at, state: 'failed', reason};
  }
  if (marked)
    return {
      ...none,
      at: marked.at,
      state: 'unknown',
      reason: 'it passed, but the details could not be recorded',
    };
  if (!record) return {...none, state: 'never'};
  const ours = {at: record.at, failed: record.failed, changed: false};
  if (record.result === 'failed') return {...ours, state: 'failed', reason: record.reason};
  return change === null
    ? {...ours, ...ageOf(record.at, now)}
    : {...ours, state: 'stale', reason: change, changed: true};
}

/** What is not as it was when it was verified; null where all is. */
function whatChanged(record: VerificationRecord, manifest: Manifest, copies: SeenCopy[]): string | null {
  if (record.manifest !== manifestDigest(manifest.tree)) return 'the manifest changed since';
  return record.copies === copiesDigest(copies) ? null : "a copy's size or time changed since";
}

/** Of a pass of what is still there. */
function ageOf(at: string, now: number): {state: 'verified' | 'stale'; reason: string | null} {
  const age = (now - when(at)) / 1000;
  if (age < -clockTolerance)
    return {state: 'stale', reason: 'verified in the future: a clock is or was wrong'};
  if (age > staleAfter) return {state: 'stale', reason: 'verified more than 7 days ago'};
  return {state: 'verified', reason: null};
}

/**
 * What the last verification that was recorded still says of each copy, in their order: one that is damaged takes
 * nothing from the others. Undefined where it says nothing: not looked at, not matching, or never verified.
 */
export function proofs(
  record: VerificationRecord | null,
  datasets: Dataset[],
  copies: SeenCopy[],
  now: number,
): (Proof | undefined)[] {
  if (!record) return [];
  const age = ageOf(record.at, now);
  const fresh: Proof =
    age.reason === null
      ? {state: 'unaltered', reason: null}
      : {state: 'stale', reason: age.reason, changed: false};
  // Mostly in the order of the manifest: ten thousand backups are listed without a table for each.
  let found: Map<string, VerificationRecord['datasets'][number]> | undefined;
  const byName = (name: string) => {
    found ??= new Map(record.datasets.map((each) => [each.name, each]));
    return found.get(name);
  };
  return datasets.map(({name, algorithm, hash}, index) => {
    const beside = record.datasets[index];
    const then = beside?.name === name ? beside : byName(name);
    const copy = copies[index];
    if (then?.status !== 'match' || !copy || copy.flaw !== null) return undefined;
    // Where the manifest names no algorithm, the configured one was taken.
    if (!same(then.expected, hash) || (algorithm !== null && !same(then.algorithm, algorithm)))
      return {state: 'stale', reason: 'the manifest changed since', changed: true};
    return then.bytes === copy.bytes && then.mtimeMs === copy.mtimeMs
      ? fresh
      : {state: 'stale', reason: "the copy's size or time changed since", changed: true};
  });
}

const same = (a: string | null, b: string | null): boolean =>
  a !== null && b !== null && a.toLowerCase() === b.toLowerCase();

/** What the last verification of a backup said of each dataset, by name; empty where that does not hold any more. */
export function knownResults(
  directory: string,
  {state, changed}: Verification,
): ReadonlyMap<string, DatasetResult> {
  const holds = (state === 'verified' || state === 'failed' || state === 'stale') && !changed;
  const datasets = (holds ? lastVerification(directory)?.datasets : undefined) ?? [];
  return new Map(datasets.map((dataset) => [dataset.name, dataset]));
}
