import {code, fact, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {moment, subjectOf, undoneIn} from './words.ts';

/** Where the files are that were live before, and how they come back. */
export function safetySection(record: EvidenceRecord): string[] {
  const {session} = record;
  if (!session) return paragraph(`Safety backup: ${notRecorded}.`);
  if (subjectOf(record) === 'drill')
    return paragraph('A drill writes no live file: there is nothing to go back to, and no safety backup.');
  const {safety, state, closed, number} = session;
  if (!safety)
    return paragraph(
      'There is no safety backup. What the live files were before is not kept anywhere that this record knows of.',
    );
  return [
    ...fact('Safety backup', code(safety.id)),
    ...fact('Path', code(safety.path)),
    ...fact(
      'Kept',
      safety.kept ? 'yes, it was there when this was exported' : '**no**: it is not there any more',
    ),
    ...fact('Kept until', safety.until === null ? 'nothing removes it' : moment(safety.until)),
    '',
    ...(state === 'done' && safety.kept
      ? paragraph(
          `The way back is \`magds restore --undo=${number}\`: it restores the safety backup, after another one.${closed ? ` The session is ${undoneIn(session) === null ? 'signed off' : 'undone'}: the old files beside the live ones are released.` : ''}`,
        )
      : []),
  ];
}
