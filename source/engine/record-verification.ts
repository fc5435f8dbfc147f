import os from 'node:os';
import path from 'node:path';
import {checksums, checksumsName, writeChecksums} from './checksums.ts';
import {manifestDigest} from './manifest/digest.ts';
import {markVerified} from './manifest/edit.ts';
import {readManifest} from './manifest/read.ts';
import {phpDate} from './php-date.ts';
import {describeError} from './problem.ts';
import {replaceFile} from './replace-file.ts';
import {appendRecord, copiesDigest, type FullRecord} from './verifications.ts';
import type {BackupResult} from './verify.ts';
import {programName} from './version.ts';

/** Where the result was kept, and why not where it was not. */
export type Recorded = {
  record: boolean;
  manifest: boolean;
  /** What to tell the operator; null when all was recorded. */
  note: string | null;
};

/**
 * Keeps a result beside the backup (`verifications.jsonl`), marks it in the manifest, and on a pass leaves checksums
 * for `sha256sum -c`. Never throws: a result that cannot be kept is still a result, and `note` says why.
 */
export function recordVerification(
  directory: string,
  digest: string,
  result: Omit<BackupResult, 'recorded'>,
  seconds: number,
): Recorded {
  const at = phpDate(new Date());
  const passed = result.result === 'passed';
  const notes: string[] = [];
  const attempt = (what: string, action: () => void): boolean => {
    try {
      action();
      return true;
    } catch (error) {
      notes.push(`${what}: ${describeError(error)}`);
      return false;
    }
  };
  const full: FullRecord = {
    version: 1,
    at,
    result: passed ? 'passed' : 'failed',
    reason: result.reason,
    manifest: digest,
    copies: copiesDigest(result.datasets),
    failed: result.datasets.filter(({status}) => status !== 'match').map(({name}) => name),
    seconds: Math.round(seconds * 1000) / 1000,
    host: os.hostname(),
    user: userName(),
    program: programName,
    datasets: result.datasets,
  };
  const record = attempt('verifications.jsonl', () => appendRecord(directory, full));
  let sums: string | null = null;
  const marked = attempt('manifest.json', () => {
    const current = readManifest(directory);
    if (current.state !== 'read' || manifestDigest(current.manifest.tree) !== digest) {
      throw new Error('it was changed by somebody else meanwhile');
    }
    const text = markVerified(current.manifest.text, {at, result: full.result});
    if (text === null) throw new Error('its "metadata" is no map');
    const bytes = Buffer.from((current.manifest.hasBom ? '\ufeff' : '') + text);
    replaceFile(`${directory}/manifest.json`, bytes, current.manifest.stats);
    sums = passed ? checksums(current.manifest, path.basename(directory)) : null;
  });
  if (sums !== null) {
    const content = sums;
    attempt(checksumsName, () => writeChecksums(directory, content));
  }
  return {
    record,
    manifest: marked,
    note: notes.length > 0 ? `Not recorded in ${notes.join('; in ')}.` : null,
  };
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A uid without an entry in the user database is common in containers.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
