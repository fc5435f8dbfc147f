import {type EvidenceCheck, failed, holds} from './checks.ts';
import {beginsAsRecord, recordParts} from './record-text.ts';
import {evidenceParts} from './render.ts';
import {type EvidenceRecord, schemaName} from './schema.ts';

const name = 'prose';

/** Whether a file is, byte for byte, what its record renders to: a table says nothing that the record does not. */
export function checkProse(record: EvidenceRecord, json: Buffer, bytes: Buffer): EvidenceCheck {
  if (record.schema === schemaName && !beginsAsRecord(json))
    return failed(
      name,
      'its record stands in one line, as it did before magds-evidence/2 was released: nothing writes the file anew to compare, and what stands above the record proves nothing',
    );
  const at = firstDifference(evidenceParts(record), bytes);
  if (at === null) return holds(name, 'every line is what the record says');
  if (firstDifference(recordParts(record), json) !== null)
    return failed(
      name,
      'the record is not written as this program writes it: its text was changed, not what it says',
    );
  const line = breaksIn(bytes.subarray(0, at));
  let should = 0;
  for (const part of evidenceParts(record)) should += breaksIn(part);
  const happened = whatHappened(breaksIn(bytes), should, line);
  return failed(
    name,
    `not what the record says, first in line ${line + 1}, in ${sectionAt(record, line)}: ${happened}`,
  );
}

/** Index of the first character that differs, or where the shorter one ends; null where none does. */
function firstDifference(parts: Iterable<string>, bytes: Buffer): number | null {
  let from = 0;
  for (const part of parts) {
    const has = bytes.toString('latin1', from, from + part.length);
    if (has !== part) {
      let at = 0;
      while (at < has.length && has[at] === part[at]) at++;
      return from + at;
    }
    from += part.length;
  }
  return from === bytes.length ? null : from;
}

/** Line breaks; a file that is all of them is not split. */
function breaksIn(text: string | Buffer): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The heading that a line stands below. */
function sectionAt(record: EvidenceRecord, line: number): string {
  const [prose = ''] = evidenceParts(record);
  // The mark that the record begins with is its last line.
  if (line >= breaksIn(prose) - 1) return 'the record';
  const heading = prose
    .split('\n')
    .slice(0, line + 1)
    .findLast((each) => /^#{1,6} /.test(each));
  return heading === undefined ? 'the beginning' : `"${heading.replace(/^#+ /, '')}"`;
}

/** What happened to a text that differs first in this line, from 0, and has so many line breaks. */
function whatHappened(has: number, should: number, line: number): string {
  if (line >= should) return 'something was added at the end';
  if (line >= has) return 'its end is missing';
  if (has === should) return 'the line was changed';
  return has > should ? 'lines were put in' : 'lines were taken out';
}
