import {code, count, fence, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord} from '../schema.ts';
import {moment, size, tally} from './words.ts';

/** Null where a size is not known: a sum of some would be taken for all. */
function bytesOf({datasets}: EvidenceBackup): number | null {
  const sizes = datasets.flatMap(({bytes}) => bytes ?? []);
  return sizes.length < datasets.length ? null : sizes.reduce((sum, bytes) => sum + bytes, 0);
}

const resultOf = ({verified}: EvidenceBackup): string => {
  if (!verified) return 'never verified';
  return verified.result === 'failed' ? '**failed**' : verified.result;
};

/** `1 passed, 1 **failed**`: what the last verification of each said. */
export const resultsText = (backups: EvidenceBackup[]): string => tally(backups.map(resultOf));

/** What is wrong with a backup, in lines for a fence; none where nothing is. */
function findings(backup: EvidenceBackup): string[] {
  const {verified, datasets, lacks, reason} = backup;
  const bad = datasets.filter(({status}) => status !== null && status !== 'match');
  const lines = [
    ...(reason === null
      ? []
      : [`  ${backup.state === 'complete' ? 'beware     ' : `state      ${backup.state}: `}${reason}`]),
    ...(verified?.result === 'failed'
      ? [`  verified   failed: ${verified.reason ?? 'no reason recorded'}`]
      : []),
    ...(verified?.failed.map((name) => `  failed     ${name}`) ?? []),
    ...lacks.map((name) => `  lacks      ${name}`),
    ...(backup.partial ?? []).map(({dataset, reason: why}) => `  partial    ${dataset}: ${why}`),
    ...bad.flatMap(({name, status, expected, actual, ...each}) => [
      `  ${String(status).padEnd(10)} ${name}${each.reason === null ? '' : `: ${each.reason}`}`,
      `  expected   ${expected ?? notRecorded}`,
      `  actual     ${actual ?? notRecorded}`,
    ]),
  ];
  return lines.length === 0 ? [] : [backup.id, ...lines];
}

/** Every backup of a catalog, and what its last verification said. */
export function catalogSection({backups}: EvidenceRecord): string[] {
  if (backups.length === 0) return paragraph('There is no backup.');
  const found = backups.flatMap(findings);
  const weak = backups.flatMap(({datasets}) => datasets).filter((each) => each.weak).length;
  return [
    ...paragraph(`${count(backups.length, 'backup')}; by their last verification: ${resultsText(backups)}.`),
    ...table(
      ['Backup', 'Result', 'Verified'],
      backups.map((backup) => [
        code(backup.id),
        resultOf(backup),
        backup.verified ? moment(backup.verified.at) : '-',
      ]),
    ),
    ...(weak === 0
      ? []
      : paragraph(
          `${count(weak, 'hash', 'hashes')} of a weak algorithm: such a one finds accidents, not tampering.`,
        )),
    ...paragraph(
      found.length === 0
        ? 'Nothing is wrong with any of them, as far as it was checked.'
        : 'What is wrong, or missing:',
    ),
    ...(found.length === 0 ? [] : [...fence(found), '']),
    ...paragraph("What they hold, and the SHA-256 of their manifests' bytes:"),
    ...fence(
      backups.flatMap((backup) => [
        backup.id,
        `  holds      ${count(backup.datasets.length, 'dataset')}; size ${size(bytesOf(backup))}; ${backup.state}`,
        `  manifest   ${backup.manifest.sha256 ?? notRecorded}`,
      ]),
    ),
    '',
  ];
}
