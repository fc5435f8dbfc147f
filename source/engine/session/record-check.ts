import {readSmallFile} from '../base/files.ts';
import {splitLines} from '../base/lines.ts';
import {hashOf, largestRecord, type RecordLine, recordFile, recordLineOf, wholeLine} from './record.ts';

export type CheckedRecord = {
  lines: RecordLine[];
  /** Why it cannot be relied on, for the operator; null where each line follows from the one before it. */
  broken: string | null;
  /** Its last line was cut short, as a kill leaves it: the next line that is written repairs it and says so. */
  torn: boolean;
  /** The bytes that were looked at; null where they could not be read. */
  data: Buffer | null;
};

/** Why a line does not follow from the one before it; null where it does. */
function whyBroken(
  line: RecordLine | null,
  number: number,
  before: {line: RecordLine | null; hash: string} | null,
): string | null {
  if (!line) return `line ${number} is not a line of a record`;
  if (line.previous !== (before?.hash ?? ''))
    return before
      ? `line ${number} does not follow from line ${number - 1}: one was changed, put in or taken out`
      : 'its beginning is missing';
  const due = before ? (before.line?.sequence ?? number - 1) + 1 : 1;
  return line.sequence === due ? null : `line ${number} has the number ${line.sequence} instead of ${due}`;
}

/**
 * A whole record, and whether its chain holds: each line has the number after the one before it, and its hash. That finds
 * what was changed, put in or taken out by accident or by hand; not who writes all of it anew, and nothing at its end:
 * no line follows from the last one (EVIDENCE.md: tamper-evident only when signed).
 * @param directory of the session, as a path that stays what it is
 * @param told for lists: what a long line says is not looked at where the line after it holds it
 */
export function checkRecord(directory: string, told = false): CheckedRecord {
  const read = readSmallFile(`${directory}/${recordFile}`, largestRecord);
  if ('missing' in read) return {lines: [], broken: null, torn: false, data: null};
  if ('reason' in read) return {lines: [], broken: `${recordFile} ${read.reason}`, torn: false, data: null};
  const {lines, torn} = splitLines(read.data);
  const good: RecordLine[] = [];
  let broken: string | null = null;
  let before: {line: RecordLine | null; hash: string} | null = null;
  for (const [index, bytes] of lines.entries()) {
    const hash = hashOf(bytes);
    const isHeld = told && lines[index + 1]?.subarray(-100).includes(`"previous":"${hash}"`);
    const line = isHeld ? recordLineOf(bytes) : wholeLine(bytes);
    broken ??= whyBroken(line, index + 1, before);
    if (line) good.push(line);
    before = {line, hash};
  }
  return {lines: good, broken, torn: torn.length > 0, data: read.data};
}
