import {createHash} from 'node:crypto';
import fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {readSmallFile} from '../base/files.ts';
import {fileTimeOfMs} from '../base/php-date.ts';
import {describeError} from '../base/problem.ts';
import {syncDirectory} from '../base/replace-file.ts';
import {writeWhole} from '../base/write-all.ts';
import {dataOf, isLine, type LineData, lineTypes} from '../session/lines.ts';
import type {Telling} from '../session/progress.ts';
import type {RecordLine} from '../session/record.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {maxManifestBytes, parseManifest} from '../storage/manifest/read.ts';
import {lastVerification} from '../storage/verifications.ts';
import type {RestorePlan} from './action.ts';

/** The session's own copy of the manifest: PHP's retention may take the backup's. */
export const manifestCopy = 'manifest.json';

export type RecordedPlan = LineData<'plan'>;

const recorded = (plan: RestorePlan): RecordedPlan => ({
  createdAt: plan.createdAt,
  hashed: plan.hashed ?? null,
  actions: plan.actions.map(({live, place: _, writers, beside: __, ...action}) => ({
    ...action,
    copy: action.copy.join('/'),
    live:
      live?.kind === 'file'
        ? {
            bytes: live.stamp.size,
            hash: action.liveHash,
            modified: fileTimeOfMs(live.mtimeMs),
            mode: live.mode,
            uid: live.uid,
            gid: live.gid,
          }
        : null,
    openBy: writers.openBy,
  })),
  leftOut: plan.leftOut,
  notes: plan.notes,
  leaves: plan.leaves.length,
  unseen: plan.unseen,
  php: plan.php,
  brokenInside: plan.brokenInside,
  partial: plan.partial.map(({dataset, reason}) => ({dataset, reason})),
});

/** Keeps what a restore is about to do in its record, before anything is done. */
export function recordPlan(telling: Telling, session: Directory, plan: RestorePlan): void {
  telling.note('plan', lineTypes.plan.parse(recorded(plan)));
  const read = readSmallFile(`${plan.directory}/manifest.json`, maxManifestBytes);
  if (!('data' in read)) return;
  const parsed = parseManifest(read.data);
  const verified = lastVerification(plan.directory);
  let kept: string | null = null;
  try {
    keep(session, read.data);
  } catch (error) {
    // Whoever is short of space for a manifest is told so by what follows; the restore does not depend on it.
    kept = describeError(error);
  }
  telling.note('manifest', {
    path: `${plan.directory}/manifest.json`,
    sha256: createHash('sha256').update(read.data).digest('hex'),
    digest: 'reason' in parsed ? null : manifestDigest(parsed.tree),
    notKept: kept,
    verified: verified && {at: verified.at, result: verified.result, failed: verified.failed},
  });
}

function keep(session: Directory, data: Buffer): void {
  // Whatever the umask: who reads the record reads this.
  writeWhole(`${session.path}/${manifestCopy}`, data, (fd) => fs.fchmodSync(fd, 0o644));
  syncDirectory(session.path);
}

/** The plan as a record tells it; null where it does not. */
export const planOf = (lines: RecordLine[]): RecordedPlan | null =>
  dataOf(lines.findLast(isLine('plan'))) ?? null;
