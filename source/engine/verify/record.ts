import os from 'node:os';
import {Directory} from '../base/directory.ts';
import {inodeOf, isOneFile, isThere, seenAt} from '../base/files.ts';
import {userName} from '../base/owner.ts';
import {phpDate} from '../base/php-date.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {Changed, replaceFile} from '../base/replace-file.ts';
import {sleep} from '../base/sleep.ts';
import {programName} from '../base/version.ts';
import {checksums, checksumsName, writeChecksums} from '../storage/checksums.ts';
import type {DatasetResult, DatasetStatus} from '../storage/dataset.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {markVerified} from '../storage/manifest/edit.ts';
import {readManifest} from '../storage/manifest/read.ts';
import {openPlace} from '../storage/runbook/way.ts';
import {appendRecord, copiesDigest, type FullRecord} from '../storage/verifications.ts';

/** Where the result was kept, and why not where it was not. */
type Recorded = {
  record: boolean;
  manifest: boolean;
  /** What to tell the operator; null when all was recorded. */
  note: string | null;
};

/** What says something of the backup; the others only say that this operator, or this program, could not tell. */
const damaged = new Set<DatasetStatus>(['mismatch', 'missing', 'unsafe']);

/**
 * Keeps a result beside the backup (`verifications.jsonl`), marks it in the manifest, and on a pass leaves checksums
 * for `sha256sum -c`. Never throws: a result that cannot be kept is still a result, and `note` says why.
 */
export function recordVerification(
  {directory, id, inode, root = null}: {directory: string; id: string; inode: string; root?: string | null},
  digest: string,
  result: Omit<BackupResult, 'recorded'>,
  seconds: number,
): Recorded {
  try {
    // Root may be running this in a tree of the web user's: what was verified is written to, and nothing put in its place.
    using opened = root === null ? Directory.open(directory) : openPlace(root, directory);
    if (inodeOf(opened.stats) !== inode)
      throw new Error('the directory was replaced by another one meanwhile');
    return record(opened.path, id, digest, result, seconds);
  } catch (error) {
    return {
      record: false,
      manifest: false,
      note: `Not recorded: ${describeError(error).replace(/\.$/, '')}.`,
    };
  }
}

/**
 * Keeps it beside what is held of the backup too, where those are the very same files: PHP deletes the one, and what was
 * found with it. Never throws; the result has been kept once.
 * @param copies as segments below the backup
 */
export function recordHeld(
  backup: {directory: string; id: string; root?: string | null},
  held: string,
  copies: string[][],
  result: Omit<BackupResult, 'recorded'>,
  seconds: number,
): void {
  try {
    const directory = `${held}/${backup.id}`;
    const stats = directory === backup.directory ? undefined : seenAt(directory);
    const read = stats?.isDirectory() ? readManifest(directory) : null;
    if (!stats || read?.state !== 'read') return;
    const isSame = (copy: string): boolean =>
      isOneFile(backup.directory, copy, copy, directory) ||
      (!isThere(`${backup.directory}/${copy}`) && !isThere(`${directory}/${copy}`));
    if (!copies.every((segments) => isSame(segments.join('/')))) return;
    const inode = inodeOf(stats);
    recordVerification({...backup, directory, inode}, manifestDigest(read.manifest.tree), result, seconds);
  } catch {
    // Who looks at it finds what was known when it was held.
  }
}

/** Times that something is written that another verification of the same backup may be writing just now. */
const mostAttempts = 20;
/** Milliseconds between two of them. */
const pause = 5;

/** Another verification makes the same file at the same time, or marks the same manifest: each has its turn. */
function again(action: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      action();
      return;
    } catch (error) {
      const passes = error instanceof Changed || errorCode(error) === 'EEXIST';
      if (!passes || attempt === mostAttempts) throw error;
      sleep(Math.random() * pause * attempt);
    }
  }
}

function record(
  directory: string,
  id: string,
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
  if (!passed && result.datasets.length > 0 && result.datasets.every(({status}) => !damaged.has(status))) {
    const note = 'Not recorded: nothing was found damaged, but not everything could be checked.';
    return {record: false, manifest: false, note};
  }
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
  const appended = attempt('verifications.jsonl', () => again(() => appendRecord(directory, full)));
  let sums: string | null = null;
  const mark = (): void => {
    const current = readManifest(directory);
    if (current.state !== 'read' || manifestDigest(current.manifest.tree) !== digest) throw new Changed();
    const text = markVerified(current.manifest.text, {at, result: full.result});
    if (text === null) throw new Error('its "metadata" is not a map');
    const bytes = Buffer.from((current.manifest.hasBom ? '\ufeff' : '') + text);
    replaceFile(`${directory}/manifest.json`, bytes, current.manifest.stats);
    sums = passed ? checksums(current.manifest, id) : null;
  };
  const marked = attempt('manifest.json', () => again(mark));
  if (sums !== null) {
    const content = sums;
    attempt(checksumsName, () => writeChecksums(directory, content));
  }
  return {
    record: appended,
    manifest: marked,
    note: notes.length > 0 ? `Not recorded in ${notes.join('; in ')}.` : null,
  };
}

export type BackupResult = {
  id: string;
  /**
   * `gone`: removed while it was, or was to be, verified; `running`: it is still being made; `not checked`:
   * this machine had too little of something to read it. None of them says anything of a backup.
   */
  result: 'passed' | 'failed' | 'cancelled' | 'gone' | 'running' | 'not checked';
  /** Why it did not pass; null for a pass. */
  reason: string | null;
  datasets: DatasetResult[];
  recorded: Recorded | null;
  /** It failed as it did when that was last told. */
  known?: boolean;
  /** What PHP says of it where that is something else, a sentence each. */
  php?: string[];
};
