import {code, count, fence, paragraph, table} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord} from '../schema.ts';
import {moment, short, size, tally} from './words.ts';

const bytesOf = ({datasets}: EvidenceBackup): number | null =>
  datasets.length === 0 ? null : datasets.reduce((sum, {bytes}) => sum + (bytes ?? 0), 0);

const resultOf = ({verified}: EvidenceBackup): string => (verified ? verified.result : 'never');

/** What is wrong with a backup, in lines for a fence; none where nothing is. */
function findings(backup: EvidenceBackup): string[] {
  const {verified, datasets, lacks, reason} = backup;
  const bad = datasets.filter(({status}) => status !== null && status !== 'match');
  const lines = [
    ...(reason === null ? [] : [`  state      ${backup.state}: ${reason}`]),
    ...(verified?.result === 'failed'
      ? [`  verified   failed: ${verified.reason ?? 'no reason recorded'}`]
      : []),
    ...(verified?.failed.map((name) => `  failed     ${name}`) ?? []),
    ...lacks.map((name) => `  lacks      ${name}`),
    ...bad.flatMap(({name, status, expected, actual, ...each}) => [
      `  ${status}: ${name}${each.reason === null ? '' : `: ${each.reason}`}`,
      `  expected   ${expected ?? 'not recorded'}`,
      `  actual     ${actual ?? 'not recorded'}`,
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
    ...paragraph(
      `${count(backups.length, 'backup')}; by their last verification: ${tally(backups.map(resultOf))}.`,
    ),
    ...table(
      ['Backup', 'State', 'Data', 'Size', 'Result', 'Verified'],
      backups.map((backup) => [
        code(backup.id),
        short(backup.state),
        String(backup.datasets.length),
        bytesOf(backup) === null ? '-' : size(bytesOf(backup)),
        backup.verified?.result === 'failed' ? '**failed**' : resultOf(backup),
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
    ...paragraph("SHA-256 of the manifests' bytes, in the order of the table:"),
    ...fence(backups.map(({id, manifest}) => `${manifest.sha256 ?? 'not recorded'.padEnd(64)}  ${id}`)),
    '',
  ];
}
