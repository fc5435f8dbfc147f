import {type EvidenceCheck, failed, holds} from './checks.ts';
import {beginMark} from './markdown.ts';
import {recordBegins, recordText} from './record-text.ts';
import {evidenceParts, renderEvidence} from './render.ts';
import {type EvidenceRecord, schemaName} from './schema.ts';

const name = 'prose';

/** The heading that a line stands below. */
function sectionOf(lines: string[], at: number): string {
  const marker = lines.indexOf(beginMark);
  if (marker !== -1 && at >= marker) return 'the record';
  const heading = lines.slice(0, at + 1).findLast((line) => /^#{1,6} /.test(line));
  return heading === undefined ? 'the beginning' : `"${heading.replace(/^#+ /, '')}"`;
}

/** Whether a file is, byte for byte, what its record renders to: a table says nothing that the record does not. */
export function checkProse(record: EvidenceRecord, json: string, text: string): EvidenceCheck {
  if (record.schema === schemaName && !json.startsWith(recordBegins))
    return failed(
      name,
      'its record stands in one line, as it did before magds-evidence/2 was released: nothing writes the file anew to compare, and what stands above the record proves nothing',
    );
  if (isRendered(record, text)) return holds(name, 'every line is what the record says');
  if (recordText(record) !== json)
    return failed(
      name,
      'the record is not written as this program writes it: its text was changed, not what it says',
    );
  const due = renderEvidence(record);
  const should = due.split('\n');
  const line = countLines(text.slice(0, firstDifference(text, due)));
  const where = `first in line ${line + 1}, in ${sectionOf(should, Math.min(line, should.length - 1))}`;
  const happened = whatHappened(countLines(text), should.length - 1, line);
  return failed(name, `not what the record says, ${where}: ${happened}`);
}

/** Part by part: neither is held twice. */
function isRendered(record: EvidenceRecord, text: string): boolean {
  let at = 0;
  for (const part of evidenceParts(record)) {
    if (!text.startsWith(part, at)) return false;
    at += part.length;
  }
  return at === text.length;
}

/** Index of the first character that differs, or where the shorter one ends. */
function firstDifference(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a.charCodeAt(at) !== b.charCodeAt(at)) return at;
  return length;
}

/** Line breaks; a file that is all of them is not split. */
function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** What happened to a text that differs first in this line, from 0, and has so many line breaks. */
function whatHappened(has: number, should: number, line: number): string {
  if (line >= should) return 'something was added at the end';
  if (line >= has) return 'its end is missing';
  if (has === should) return 'the line was changed';
  return has > should ? 'lines were put in' : 'lines were taken out';
}
