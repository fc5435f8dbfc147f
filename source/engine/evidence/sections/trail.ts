import {beware, code, fact, fence, notRecorded, paragraph} from '../markdown.ts';
import type {EvidenceRecord, EvidenceSession} from '../schema.ts';
import {toldPart} from './told.ts';
import {clockTime, tally} from './words.ts';

type Line = EvidenceSession['lines'][number];

/** Columns of a line; values that do not fit are left to the record, never cut. */
const width = 79;
/** Lines at the beginning and at the end that are shown of many. */
const edge = 150;

function lineText({sequence, at, operator, type, data}: Line): string {
  let line = `${clockTime(at) ?? at} ${String(sequence).padStart(3)} ${operator} ${type}`;
  let isWhole = true;
  // In the order in which the file's record has them: whoever reads it back has no other.
  for (const [key, value] of Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === null) continue;
    const pair =
      typeof value === 'object'
        ? null
        : ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
    if (pair === null || line.length + pair.length > width - 4) isWhole = false;
    else line += pair;
  }
  return isWhole ? line : `${line} ...`;
}

export function trailSection({session}: EvidenceRecord): string[] {
  if (!session) return paragraph(`Trail: ${notRecorded}.`);
  const {lines, broken, torn} = session;
  const isShort = lines.length <= 2 * edge;
  const between = lines.slice(edge, -edge);
  return [
    ...fact('SHA-256 of the session record', code(session.record_sha256)),
    ...fact(
      'Its chain',
      broken === null ? 'every line names the hash of the one before it' : `**broken**: ${code(broken)}`,
    ),
    ...(torn ? fact('Its last line', 'was cut short') : []),
    '',
    ...(broken === null ? [] : paragraph(beware('what follows cannot be relied on.'))),
    ...toldPart(session),
    ...paragraph(
      `Lines of the session's record: ${lines.length}. Time, number, operator, type, and what fits of the rest; \`...\` says that the record has more.`,
    ),
    ...(lines.length === 0
      ? []
      : isShort
        ? [...fence(lines.map(lineText)), '']
        : [
            ...fence(lines.slice(0, edge).map(lineText)),
            '',
            ...paragraph(
              `Then ${between.length} lines that are in the record: ${tally(between.map(({type}) => code(type)))}. Then:`,
            ),
            ...fence(lines.slice(-edge).map(lineText)),
            '',
          ]),
  ];
}
