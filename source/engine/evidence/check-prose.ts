import {canonicalJson} from './canonical.ts';
import {type Check, failed, ok} from './checks.ts';
import {beginMark} from './markdown.ts';
import {renderEvidence} from './render.ts';
import type {EvidenceRecord} from './schema.ts';

const name = 'prose';

/** The heading that a line stands below. */
function sectionOf(lines: string[], at: number): string {
  const marker = lines.indexOf(beginMark);
  if (marker !== -1 && at >= marker) return 'the record';
  const heading = lines.slice(0, at + 1).findLast((line) => /^#{1,6} /.test(line));
  return heading === undefined ? 'the beginning' : `"${heading.replace(/^#+ /, '')}"`;
}

/** Whether a file is, byte for byte, what its record renders to: a table says nothing that the record does not. */
export function checkProse(record: EvidenceRecord, json: string, text: string): Check {
  if (canonicalJson(record) !== json)
    return failed(
      name,
      'the record is not written as this program writes it: its text was changed, not what it says',
    );
  const due = renderEvidence(record);
  if (due === text) return ok(name, 'every line is what the record says');
  const [has, should] = [text.split('\n'), due.split('\n')];
  const at = has.findIndex((line, index) => line !== should[index]);
  const line = at === -1 ? has.length - 1 : at;
  const where = `first in line ${line + 1}, in ${sectionOf(should, Math.min(line, should.length - 1))}`;
  return failed(name, `not what the record says, ${where}: ${whatHappened(has, should, line)}`);
}

/** What happened to a text that differs first in this line. */
function whatHappened(has: string[], should: string[], line: number): string {
  if (line >= should.length - 1) return 'something was added at the end';
  if (line >= has.length - 1) return 'its end is missing';
  if (has.length === should.length) return 'the line was changed';
  return has.length > should.length ? 'lines were put in' : 'lines were taken out';
}
