import {code, count, fact, fence, linesOf, list, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceBackup, EvidenceRecord} from '../schema.ts';
import {moment, verificationText} from './words.ts';

/** Lines and characters of a manifest that are shown; a longer one is complete in the record. */
const mostLines = 200;
const mostCharacters = 40_000;

function manifest({manifest: {text, replaced}}: EvidenceBackup): string[] {
  if (text === null) return paragraph(`**Manifest**: ${notRecorded}.`);
  const lines = linesOf(text);
  if (lines.length > mostLines || text.length > mostCharacters)
    return paragraph(
      `**Manifest**: ${lines.length} lines, ${text.length} characters; it is complete in the record below.`,
    );
  const why = replaced ? ' Bytes that are no UTF-8 were replaced: this is not it byte for byte.' : '';
  return [...paragraph(`**Manifest**, verbatim:${why}`), ...fence(lines), ''];
}

/** Shortfalls that are shown; all of them are in the record. */
const mostPartial = 50;

const partial = ({partial: all = []}: EvidenceBackup): string[] =>
  all.length === 0
    ? []
    : [
        ...fact('Partial, by its own manifest', count(all.length, 'shortfall')),
        '',
        ...list(
          [
            ...all.slice(0, mostPartial).map(({dataset, reason}) => `${code(dataset)}: ${code(reason)}`),
            ...(all.length > mostPartial ? [`${all.length - mostPartial} more are in the record.`] : []),
          ],
          'None.',
        ),
      ];

function one(backup: EvidenceBackup): string[] {
  const {verifications} = backup;
  const shown = verifications.slice(0, 10);
  return [
    ...fact('Id', code(backup.id)),
    ...fact('Label', code(backup.label)),
    ...fact('Time', `${moment(backup.time)} (of its id, when the copying began)`),
    ...fact('Created at', `${code(backup.created_at)} (as the manifest says: the end of the copying)`),
    ...fact('State', `${code(backup.state)}${backup.reason === null ? '' : `: ${code(backup.reason)}`}`),
    ...fact('Manifest', code(backup.manifest.path)),
    ...fact("SHA-256 of the manifest's bytes", code(backup.manifest.sha256)),
    ...fact('SHA-256 of its content, without what verifying writes', code(backup.manifest.digest)),
    ...fact('Last verification', verificationText(backup.verified)),
    ...fact(
      'Configured datasets that it lacks',
      backup.lacks.length === 0 ? 'none' : backup.lacks.map(code).join(', '),
    ),
    ...partial(backup),
    '',
    ...paragraph('Verifications recorded before, newest first:'),
    ...list(
      [
        ...shown.map(verificationText),
        ...(verifications.length > shown.length
          ? [`${verifications.length - shown.length} more are in the record.`]
          : []),
      ],
      'None.',
    ),
    ...manifest(backup),
  ];
}

export const backupSection = ({backups}: EvidenceRecord): string[] =>
  backups.length === 0 ? paragraph(`The backup: ${notRecorded}.`) : backups.flatMap(one);
