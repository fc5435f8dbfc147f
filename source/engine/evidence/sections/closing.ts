import {counted} from '../../base/format.ts';
import {code, facts, list, paragraph, table} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {attemptText, ranges, subjectOf} from './words.ts';

export function* deviationsSection({session, corrective}: EvidenceRecord): Iterable<string> {
  if (session) {
    yield* paragraph('**Deviations**:');
    yield* list(session.deviations.map(code), 'None is recorded.');
    yield* paragraph('**What the operator had to know although it was done**:');
    yield* list(session.beware.map(code), 'Nothing is recorded.');
  }
  yield* paragraph('**Corrective actions** (what, who, until when):');
  yield* list(corrective.map(code), 'Not recorded.');
}

const always = [
  'That the data were right when the backup was taken: equal hashes prove equal bytes, not good ones.',
  'That nobody changed a copy together with its manifest: a manifest is not signed.',
  'Who sat at the keyboard: this tells logins, as the machine knows them.',
  'The time itself: it is the clock of this machine. A time stamp of a third party is a file of its own.',
];

/** What evidence of a kind cannot show, beside what the record says was left unchecked. */
function limits(record: EvidenceRecord): string[] {
  const {session} = record;
  const subject = subjectOf(record);
  if (subject === 'verification')
    return ['That it can be restored: no file was restored.', 'Live files: only copies were hashed.'];
  if (subject === 'catalog')
    return [
      'That any of it can be restored: no file was restored.',
      'Backups that are not in this catalog any more, or that nobody verified.',
    ];
  return [
    'What became of the live files after the switch.',
    ...(subject === 'drill'
      ? ['That the service runs on what was restored: no live file was written, no service was stopped.']
      : []),
    session && session.commands.length > 0
      ? 'What the commands above check is what they say; nobody checked the commands.'
      : 'That the application works on what was restored: no command of its own was run.',
  ];
}

export const notCheckedSection = (record: EvidenceRecord): string[] => [
  ...paragraph('Recorded as not checked:'),
  ...list(record.not_checked.map(code), 'Nothing.'),
  ...paragraph('What evidence like this cannot show:'),
  ...list([...limits(record), ...always], ''),
];

/** What this file stands among. */
export function* chainSection({previous, runbook, sessions, attempts}: EvidenceRecord): Iterable<string> {
  const {all, never_exported: missing} = sessions;
  yield* facts({
    'Evidence file before this one': previous ? code(previous.file) : 'none: this is the first of this root',
    'SHA-256 of that file': previous && code(previous.sha256),
    'Sessions of this root': all.length === 0 ? 'none' : ranges(all),
    'Sessions that no evidence file is about':
      missing.length === 0 ? 'none' : `**${ranges(missing)}** (${counted(missing.length, 'session')})`,
    Runbook: code(runbook?.path ?? null),
    'SHA-256 of the runbook': code(runbook?.sha256 ?? null),
  });
  yield* paragraph('Earlier sessions for the same ticket:');
  yield* list(attempts.map(attemptText), 'None.');
}

/** EVIDENCE.md, "Why these fields". */
const frameworks = [
  ['SOC 2 A1.2, A1.3', 'Datasets; Plan and times; Checklist'],
  ['SOC 2 CC7.5', 'Summary; Deviations; Safety backup'],
  ['ISO 27001 A.8.13', 'Backup; Datasets; Plan and times'],
  ['NIST 800-53 CP-4', 'Summary; Checklist; Deviations'],
  ['NIST 800-53 CP-9(1)', 'Backup; Datasets'],
  ['NIST 800-53 CP-10', 'Configured against restored; Plan and times'],
  ['NIST 800-53 AU-3', 'Who, where and with what; Trail'],
  ['NIST 800-53 AU-8', 'Plan and times; Trail (UTC; clock)'],
  ['HIPAA 164.308(a)(7)', 'Summary; Checklist; approval file'],
  ['PCI DSS 10.2.2', 'Who, where and with what; Trail'],
  ['DORA 12(7)', 'Datasets; Hooks and checks; Not checked'],
  ['RFC 3227 4.1', 'Who; Chain; How to check this file'],
];

/** The same, of a session's evidence of the second schema. */
const sessionFrameworks: [framework: string, sections: string][] = [
  ['SOC 2 A1.2, A1.3', 'What changed; Times; Steps'],
  ['SOC 2 CC7.5', 'Summary; Deviations; The overwritten data'],
  ['ISO 27001 A.8.13', 'Proof; What changed; Times'],
  ['NIST 800-53 CP-4', 'Summary; Steps; Deviations'],
  ['NIST 800-53 CP-9(1)', 'Proof; Annex: copies'],
  ['NIST 800-53 CP-10', 'What changed; Times'],
  ['NIST 800-53 AU-3', 'Who; Annex: trail'],
  ['NIST 800-53 AU-8', 'Times (UTC); Annex: machine (clock)'],
  ['HIPAA 164.308(a)(7)', 'Summary; Steps; approval file'],
  ['PCI DSS 10.2.2', 'Who; Annex: trail'],
  ['DORA 12(7)', 'Proof; Content; Not checked'],
  ['RFC 3227 4.1', 'Who; Independent records; How to check'],
];

export const mappingSection = (): string[] => [
  ...paragraph(
    'Where an auditor finds what a framework asks for. It is help in reading, not a claim to comply. What a file of this kind does not have is in no section.',
  ),
  ...table(['Framework', 'Sections of this file'], frameworks),
];

/** Of a session's evidence. */
export const sessionMapping = (): string[] => [
  ...paragraph(
    `Help in reading, not a claim to comply. ${sessionFrameworks.map(([name, sections]) => `**${name}**: ${sections}.`).join(' ')}`,
  ),
];
