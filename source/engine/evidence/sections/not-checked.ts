import {code, list, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {subjectOf} from './words.ts';

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
    ...(session && session.commands.length > 0
      ? ['What the commands above check is what they say; nobody checked the commands.']
      : ['That the application works on what was restored: no command of its own was run.']),
  ];
}

export const notCheckedSection = (record: EvidenceRecord): string[] => [
  ...paragraph('Recorded as not checked:'),
  ...list(record.not_checked.map(code), 'Nothing.'),
  ...paragraph('What evidence like this cannot show:'),
  ...list([...limits(record), ...always], ''),
];
