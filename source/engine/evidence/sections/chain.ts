import {code, count, fact, list, paragraph} from '../markdown.ts';
import type {EvidenceRecord} from '../schema.ts';
import {moment} from './words.ts';

/** `1-4, 6`. */
function ranges(numbers: number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const parts: [number, number][] = [];
  for (const number of sorted) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from} to ${to}`)).join(', ');
}

/** What this file stands among. */
export function chainSection(record: EvidenceRecord): string[] {
  const {previous, runbook, sessions, attempts} = record;
  const missing = sessions.never_exported;
  return [
    ...fact(
      'Evidence file before this one',
      previous ? code(previous.file) : 'none: this is the first of this root',
    ),
    ...(previous ? fact('SHA-256 of that file', code(previous.sha256)) : []),
    ...fact('Sessions of this root', sessions.all.length === 0 ? 'none' : ranges(sessions.all)),
    ...fact(
      'Sessions that no evidence file is about',
      missing.length === 0 ? 'none' : `**${ranges(missing)}** (${count(missing.length, 'session')})`,
    ),
    ...fact('Runbook', code(runbook?.path ?? null)),
    ...fact('SHA-256 of the runbook', code(runbook?.sha256 ?? null)),
    '',
    ...paragraph('Earlier sessions for the same ticket:'),
    ...list(
      attempts.map(
        ({number, state, opened_at}) => `session ${number}: ${code(state)}, opened ${moment(opened_at)}`,
      ),
      'None.',
    ),
  ];
}
