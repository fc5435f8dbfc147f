import {type Line, paragraph, theme} from '../../kit/line.ts';
import type {AppState} from '../../state.ts';
import {isFiltered} from './state.ts';

/** Why nothing is listed, and what to do. */
export function activityEmpty({activity, size, configuration}: AppState): Line[] {
  const {columns} = size;
  const {log, lines, wanted, onlyOurs, end, backup} = activity;
  const ways = [
    isFiltered(activity) ? 'Esc ends the filter' : '',
    backup === null ? '' : 'b shows all backups',
    end === null ? 'PgDn reads further back' : '',
  ].filter(Boolean);
  const file = configuration?.auditLog.value ?? 'the audit log';
  const told = (...sentences: string[]): Line[] => [
    [],
    ...sentences.flatMap((text) => paragraph(text, columns)),
  ];
  if (wanted || log === null) return told('Reading the audit log ...');
  if (log.state === 'unreadable')
    return [
      [],
      ...paragraph(`x ${file} cannot be read: ${log.reason}.`, columns, theme.bad),
      ...paragraph(
        'What others did cannot be seen here until then. It appears as soon as it can be read.',
        columns,
      ),
    ];
  if (lines.length > 0) return told('Nothing that was read is about that.', `${ways.join(', ')}.`);
  if (log.state === 'missing')
    return told(
      `There is no audit log: ${file}`,
      'The first backup, verification or restore begins it, and shows here at once.',
      'Does the site keep it elsewhere? security.audit_log.path names it: c on Backups shows where that is set.',
    );
  return told(
    onlyOurs ? 'The audit log says nothing of backups and restores.' : 'The audit log is empty.',
    ...(onlyOurs ? ['a shows all actions of the site.'] : []),
    ...(end === null ? ['PgDn reads further back.'] : []),
  );
}
