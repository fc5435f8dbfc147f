import {code, count, fact, list, notRecorded, paragraph, table} from '../markdown.ts';
import type {EvidenceRecord, EvidenceStep} from '../schema.ts';
import {duration, moment, short, signOffText} from './words.ts';

const details = ({id, title, command, note, state, replaced}: EvidenceStep): string => {
  const said =
    note === null ? (state === 'skipped' ? '; reason: not recorded' : '') : `; note: ${code(note)}`;
  const ran = command === null ? '' : `; command: ${code(command.join(' '))}`;
  const before = replaced === 0 ? '' : `; it took the place of ${count(replaced, 'earlier answer')}`;
  return `${code(id)}: ${code(title)}${said}${ran}${before}`;
};

export function checklistSection({session}: EvidenceRecord): string[] {
  if (!session) return paragraph(`Checklist: ${notRecorded}.`);
  const {checklist} = session;
  return [
    ...fact('Signed off', signOffText(session)),
    ...fact("SHA-256 of the checklist's definition", code(session.checklist_sha256)),
    '',
    ...(checklist.length === 0
      ? paragraph('It has no steps.')
      : [
          ...table(
            ['Step', 'Result', 'By', 'Who', 'When', 'Took'],
            checklist.map(({id, state, machine, by, at, seconds}) => [
              code(id),
              state,
              state === 'open' ? '-' : machine ? 'machine' : 'hand',
              short(by),
              at === null ? '-' : moment(at),
              seconds === null ? '-' : duration(seconds),
            ]),
          ),
          ...list(checklist.map(details), ''),
        ]),
  ];
}
