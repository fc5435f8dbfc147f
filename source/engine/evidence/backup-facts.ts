import {isUtf8} from 'node:buffer';
import fs from 'node:fs';
import {readSmallFile} from '../base/files.ts';
import {readRow} from '../catalog/row.ts';
import {isWeak} from '../hashing/algorithms.ts';
import {backupTime} from '../storage/backup-id.ts';
import {isBelow} from '../storage/dataset.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {maxManifestBytes, parseManifest} from '../storage/manifest/read.ts';
import type {ManifestContent} from '../storage/manifest/schema.ts';
import {recentVerifications, type ToldVerification} from '../storage/verifications.ts';
import {sha256Of} from './place.ts';
import type {EvidenceBackup, EvidenceDataset, EvidenceVerification} from './schema.ts';

type BackupFactsOptions = {
  /** Where the backup lies. */
  directory: string;
  id: string;
  /** Names of the datasets configured now; null where no configuration says. */
  configured: string[] | null;
  /** Whether the manifest's whole text is kept. */
  whole: boolean;
  /** The manifest's bytes as they were when they were gone by; else those that lie in the directory now. */
  kept?: Buffer | null;
};

/** UTC, ISO 8601; null of what is no id. */
export function timeOf(id: string): string | null {
  const time = backupTime(id);
  return time === null ? null : new Date(time * 1000).toISOString();
}

export function toldOf(verification: ToldVerification): EvidenceVerification {
  const {at, result, reason, failed, host, user, program, seconds} = verification;
  return {at, result, reason, failed, host, user, program, seconds};
}

/** Each dataset of a manifest, with what the verification found that is the last one of this very manifest. */
function datasetsOf(manifest: ManifestContent, id: string, last: ToldVerification | null): EvidenceDataset[] {
  const found = new Map(last?.datasets.map((each) => [each.name, each]) ?? []);
  const ids = namesOf(id, manifest.id);
  return manifest.datasets.map(({name, algorithm: recorded, hash, source, backup, flaw}) => {
    const located = backup === null ? null : locateCopy(backup, ids);
    const result = found.get(name);
    const algorithm = recorded ?? result?.algorithm ?? null;
    return {
      name,
      algorithm,
      weak: algorithm !== null && isWeak(algorithm),
      source,
      copy: located && 'segments' in located ? located.segments.join('/') : null,
      bytes: result?.bytes ?? null,
      expected: hash,
      actual: result?.actual ?? null,
      status: result?.status ?? null,
      reason: result?.reason ?? flaw,
    };
  });
}

/** Earlier verifications that are kept in a record; those before them are not counted. */
export const mostVerifications = 20;

/** What lies there now, against the manifest that was gone by. */
function manifestNow(file: string, kept: Buffer): Pick<EvidenceBackup['manifest'], 'later' | 'later_digest'> {
  const read = readSmallFile(file, maxManifestBytes);
  if (!('data' in read)) return {later: null};
  const later = sha256Of(read.data);
  if (read.data.equals(kept)) return {later};
  const parsed = parseManifest(read.data);
  return {later, later_digest: 'reason' in parsed ? null : manifestDigest(parsed.tree)};
}

/**
 * What is known of a backup without hashing it: its manifest, and the verifications that it tells of itself. Never
 * throws for what lies there.
 */
export function backupFacts(options: BackupFactsOptions): EvidenceBackup {
  const {directory, id, configured, whole} = options;
  const file = `${directory}/manifest.json`;
  const read = options.kept ? {data: options.kept} : readSmallFile(file, maxManifestBytes);
  const data = 'data' in read ? read.data : null;
  const parsed = data && parseManifest(data);
  const manifest = parsed && !('reason' in parsed) ? parsed : null;
  const row = readRow(directory.slice(0, directory.lastIndexOf('/')), id, Date.now());
  const verifications = recentVerifications(directory, mostVerifications);
  const digest = manifest ? manifestDigest(manifest.tree) : null;
  const last = verifications.find((each) => each.manifest === digest) ?? null;
  const text = data === null ? null : data.toString('utf8');
  const names = manifest?.datasets.map(({name}) => name) ?? [];
  const gone = !fs.existsSync(directory);
  return {
    id,
    label: manifest?.label ?? null,
    time: timeOf(id),
    created_at: manifest?.createdAt ?? null,
    state: gone ? 'gone' : row.state,
    reason: gone ? 'it is not there any more' : parsed && 'reason' in parsed ? parsed.reason : row.reason,
    manifest: {
      path: data === null ? null : file,
      sha256: data === null ? null : sha256Of(data),
      digest,
      text: whole ? text : null,
      replaced: text !== null && data !== null && !isUtf8(data),
      ...(options.kept && manifestNow(file, options.kept)),
    },
    verifications: verifications.map(toldOf),
    verified: last && toldOf(last),
    datasets: manifest ? datasetsOf(manifest, id, last) : [],
    partial: (manifest?.partial ?? []).map(({dataset, reason}) => ({dataset, reason})),
    ...(typeof manifest?.finishedAt === 'string' && {finished: manifest.finishedAt}),
    lacks: (configured ?? []).filter((wanted) => !names.some((name) => isBelow(name, wanted))),
  };
}
