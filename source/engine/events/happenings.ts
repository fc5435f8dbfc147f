import type {RunResult} from '../backup/run.ts';
import type {Exported} from '../evidence/export.ts';
import type {Story} from '../session/story.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import type {BackupResult} from '../verify/verify.ts';

/** What a run of backups amounts to. */
export function ofRun(
  {outcome, id, reason, copies, missing, manifestDigest, seconds}: RunResult,
  label: string,
): Happening {
  // One that is there although its end is not sure: `failed` is what has to be looked at.
  if (id === null || (outcome !== 'done' && outcome !== 'partial'))
    return {action: 'magdb.backup.failed', payload: {id, label, reason: reason ?? outcome}};
  return {
    action: 'magdb.backup.completed',
    payload: {
      id,
      label,
      datasets: new Set(copies.map(({name}) => name)).size,
      missing: missing.slice(0, mostListed).map(({name}) => name),
      bytes: copies.reduce((sum, {bytes}) => sum + bytes, 0),
      manifest_digest: manifestDigest,
      seconds,
    },
  };
}

/** What a verification found; nothing where it was stopped, or there was no whole backup. */
export function ofVerification({id, result, reason, datasets}: BackupResult): Happening[] {
  if (result !== 'passed' && result !== 'failed') return [];
  const completed: Happening = {
    action: 'magdb.backup.verify_completed',
    payload: {id, success: result === 'passed', datasets: datasets.length},
  };
  if (result === 'passed') return [completed];
  const failed = datasets.filter(({status}) => status !== 'match');
  const listed = failed
    .slice(0, mostListed)
    .map(({name, status, algorithm, expected, actual, reason: why}) => ({
      name,
      status,
      algorithm,
      expected,
      actual,
      reason: why,
    }));
  return [
    completed,
    {
      action: 'magdb.backup.verify_failed',
      payload: {id, reason: reason ?? 'it did not pass', datasets: listed, failed: failed.length},
    },
  ];
}

export const ofPruning = (id: string, reason: string): Happening => ({
  action: 'magdb.backup.pruned',
  payload: {id, reason},
});

export const ofExport = ({
  file,
  sha256,
  record,
}: Pick<Exported, 'file' | 'sha256' | 'record'>): Happening => ({
  action: 'magdb.evidence.exported',
  payload: {
    id: record.kind === 'catalog' ? null : (record.backups[0]?.id ?? null),
    session: record.session?.number ?? null,
    file,
    sha256,
    record: record.id,
    kind: record.kind,
    signed_by: record.signer?.fingerprint ?? null,
  },
});

export function ofSignOff({id, number, steps}: Story): Happening {
  const answered = (wanted: string): number => steps.filter(({answer}) => answer?.state === wanted).length;
  return {
    action: 'magdb.checklist.completed',
    payload: {
      id,
      session: number,
      done: answered('done'),
      failed: answered('failed'),
      skipped: answered('skipped'),
    },
  };
}
