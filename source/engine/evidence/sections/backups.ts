import {counted} from '../../base/format.ts';
import {
  code,
  facts,
  fence,
  firstFew,
  list,
  notRecorded,
  paragraph,
  table,
  textLines,
  wideWidth,
} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord} from '../schema.ts';
import {measured} from './loss.ts';
import {moment, size, tally, verificationList, verificationText} from './words.ts';

/** Lines and characters of a manifest that are shown; a longer one is complete in the record. */
const mostLines = 200;
const mostCharacters = 40_000;
/** Shortfalls that are shown; all of them are in the record. */
const mostPartial = 50;

function* manifest({manifest: {text, replaced}}: EvidenceBackup): Iterable<string> {
  if (text === null) return yield* paragraph(`**Manifest**: ${notRecorded}.`);
  const lines = textLines(text);
  if (lines.length > mostLines || text.length > mostCharacters)
    return yield* paragraph(
      `**Manifest**: ${lines.length} lines, ${text.length} characters; it is complete in the record below.`,
    );
  const why = replaced ? ' Bytes that are no UTF-8 were replaced: this is not it byte for byte.' : '';
  yield* paragraph(`**Manifest**, verbatim:${why}`);
  yield* fence(lines);
}

/** A verification writes into a manifest: `sha256sum` of the path then says another digest, and its content is the same. */
function laterText({
  manifest: {sha256, digest, later, later_digest: content},
}: EvidenceBackup): string | null {
  if (later === undefined) return null;
  if (later === null) return 'it could not be read';
  if (later === sha256) return 'the same';
  const why =
    content === undefined || digest === null
      ? 'another one now; why was not looked at'
      : content === null
        ? 'another one now, which is no manifest that can be read'
        : content === digest
          ? 'another one now, whose content is the same without what verifying writes'
          : `another one now, **whose content is another one**: without what verifying writes its SHA-256 is ${code(content)}`;
  return `${code(later)}: ${why}`;
}

function* oneBackup(backup: EvidenceBackup, isAnnex = false): Iterable<string> {
  const {partial = [], verifications, lacks} = backup;
  yield* facts(
    {
      Id: code(backup.id),
      Label: code(backup.label),
      Time: `${moment(backup.time)} (of its id, when the copying began)`,
      'Created at': `${code(backup.created_at)} (as the manifest says: ${backup.finished === undefined ? 'the end of the copying' : 'when the last copy in it was written, as it was cut off'})`,
      State: `${code(backup.state)}${backup.reason === null ? '' : `: ${code(backup.reason)}`}`,
      Manifest: code(backup.manifest.path),
      "SHA-256 of the manifest's bytes": isAnnex ? null : code(backup.manifest.sha256),
      "SHA-256 of the manifest's bytes, as it was gone by": isAnnex ? code(backup.manifest.sha256) : null,
      'The same when this was exported': isAnnex ? laterText(backup) : null,
      'SHA-256 of its content, without what verifying writes': code(backup.manifest.digest),
      'Last verification': isAnnex ? null : verificationText(backup.verified),
      'Configured datasets that it lacks': lacks.length === 0 ? 'none' : lacks.map(code).join(', '),
      'Partial, by its own manifest': partial.length === 0 ? null : counted(partial.length, 'shortfall'),
    },
    isAnnex ? wideWidth : undefined,
  );
  const shortfalls = partial.map(({dataset, reason}) => `${code(dataset)}: ${code(reason)}`);
  if (partial.length > 0) yield* [...list(firstFew(shortfalls, mostPartial), ''), ''];
  if (!isAnnex) {
    yield* paragraph('Verifications recorded before, newest first:');
    yield* verificationList(verifications);
  }
  yield* manifest(backup);
}

/** Of a session's evidence: there each fact is said to be known in some way. */
export const backupAnnex = (record: EvidenceRecord): string[] => [
  ...paragraph(`All of this is ${measured}. Its verifications stand below "Proof".`),
  ...backupSection(record, true),
];

export const backupSection = ({backups}: EvidenceRecord, isAnnex = false): string[] =>
  backups.length === 0
    ? paragraph(`The backup: ${notRecorded}.`)
    : backups.flatMap((backup) => [...oneBackup(backup, isAnnex)]);

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

/** How many hashes of these backups find accidents only. */
export const weakHashes = (backups: EvidenceBackup[]): number =>
  backups.flatMap(({datasets}) => datasets).filter(({weak}) => weak).length;

/** What is wrong with a backup, in lines for a fence; none where nothing is. */
function* findings({verified, datasets, lacks, reason, state, partial}: EvidenceBackup): Iterable<string> {
  if (reason !== null) yield `  ${state === 'complete' ? 'beware     ' : `state      ${state}: `}${reason}`;
  if (verified?.result === 'failed') yield `  verified   failed: ${verified.reason ?? 'no reason recorded'}`;
  for (const name of verified?.failed ?? []) yield `  failed     ${name}`;
  for (const name of lacks) yield `  lacks      ${name}`;
  for (const each of partial ?? []) yield `  partial    ${each.dataset}: ${each.reason}`;
  for (const {name, status, expected, actual, ...each} of datasets) {
    if (status === null || status === 'match') continue;
    yield `  ${status.padEnd(10)} ${name}${each.reason === null ? '' : `: ${each.reason}`}`;
    yield `  expected   ${expected ?? notRecorded}`;
    yield `  actual     ${actual ?? notRecorded}`;
  }
}

/** Every backup of a catalog, and what its last verification said. */
export function* catalogSection({backups}: EvidenceRecord): Iterable<string> {
  if (backups.length === 0) return yield* paragraph('There is no backup.');
  yield* paragraph(
    `${counted(backups.length, 'backup')}; by their last verification: ${resultsText(backups)}.`,
  );
  yield* table(
    ['Backup', 'Result', 'Verified'],
    backups.map((each) => [code(each.id), resultOf(each), each.verified ? moment(each.verified.at) : '-']),
  );
  const weak = weakHashes(backups);
  if (weak > 0)
    yield* paragraph(
      `${counted(weak, 'hash', 'hashes')} of a weak algorithm: such a one finds accidents, not tampering.`,
    );
  const found = backups.flatMap((backup) => {
    const lines = [...findings(backup)];
    return lines.length === 0 ? [] : [backup.id, ...lines];
  });
  if (found.length === 0) yield* paragraph('Nothing is wrong with any of them, as far as it was checked.');
  else yield* [...paragraph('What is wrong, or missing:'), ...fence(found)];
  yield* paragraph("What they hold, and the SHA-256 of their manifests' bytes:");
  yield* fence(
    backups.flatMap((backup) => [
      backup.id,
      `  holds      ${counted(backup.datasets.length, 'dataset')}; size ${size(bytesOf(backup))}; ${backup.state}`,
      `  manifest   ${backup.manifest.sha256 ?? notRecorded}`,
    ]),
  );
}
