import {escapeText} from '../base/escape.ts';
import {beginMark, endMark, recordFence, recordFenceEnd} from './markdown.ts';
import {sha256Of} from './place.ts';
import {parseEvidence, recordBegins} from './record-text.ts';
import type {EvidenceRecord} from './schema.ts';

/** Bytes of an evidence file that are read: a restore of 100,000 files makes one of about 100 MB. */
export const largestFile = 256 * 1024 * 1024;

/** Lines that a record of the first schema may have been broken into by mail; it is written as one. */
const mostLines = 1000;

const digestLine = /^Record SHA-256: ([0-9a-f]{64})$/gm;

/** What can be wrong with a file, in the order in which it is looked for. */
export type FilePart = 'text' | 'markers' | 'record digest' | 'record';
export const fileParts: FilePart[] = ['text', 'markers', 'record digest', 'record'];

export type ParsedFile =
  | {record: EvidenceRecord; json: string; text: string}
  /** `part` is the first thing that is wrong; those before it are right. */
  | {part: FilePart; reason: string};

const lineAt = (bytes: Uint8Array, at: number): number => {
  let line = 1;
  for (let index = bytes.indexOf(0x0a); index !== -1 && index < at; index = bytes.indexOf(0x0a, index + 1))
    line++;
  return line;
};

/** Why the bytes are not the text that was written; null where they may be. */
function whyNoText(bytes: Buffer, text: string): string | null {
  if (bytes.length === 0) return 'the file is empty';
  const crlf = bytes.indexOf('\r\n');
  if (crlf !== -1)
    return `its line ends were converted (CRLF, first in line ${lineAt(bytes, crlf)}): take the file as it was written`;
  const odd = text.search(/[^\n\x20-\x7e]/);
  if (odd !== -1)
    return `line ${lineAt(bytes, odd)} holds a byte that no evidence file has (0x${(bytes[odd] as number).toString(16).padStart(2, '0')}): it is plain ASCII`;
  return null;
}

/**
 * The one place of a marker; or what is wrong with it. A file may be all line breaks, so that it is not split into lines.
 * @returns where its line begins, in characters
 */
function findMarker(text: string, marker: string): {at: number} | {reason: string} {
  const [first, second] = placesOf(text, marker);
  if (first === undefined) return {reason: `there is no line "${marker}"`};
  return second === undefined
    ? {at: first}
    : {
        reason: `there is a second line "${marker}" (line ${lineAt(Buffer.from(text, 'latin1'), second)}): a record was put in, or pasted twice`,
      };
}

/** Where a line begins that is this one: the first two places. */
function placesOf(text: string, line: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(line); at !== -1 && found.length < 2; at = text.indexOf(line, at + 1)) {
    const end = text[at + line.length];
    if ((at === 0 || text[at - 1] === '\n') && (end === '\n' || end === undefined)) found.push(at);
  }
  return found;
}

/** `digested`: what its digest is over; null where that is all that stands between the marks. */
type RecordPart = {json: string; digested: string | null};

/**
 * The record of a file. Of the second schema it is all that stands between the marks, the fence included: nothing is
 * passed over, so that nothing can be put in. Of the first, lines that begin as marks do are passed over.
 */
function recordBetween(between: string): RecordPart | {reason: string} {
  if (between.startsWith(recordFence + recordBegins) && between.endsWith(recordFenceEnd))
    return {json: between.slice(recordFence.length, -recordFenceEnd.length), digested: null};
  const lines = between.split('\n', mostLines + 1);
  if (lines.length > mostLines)
    return {reason: 'the record is broken into more lines than anybody would write'};
  const json = lines.filter((line) => !/^[<`]/.test(line)).join('');
  return {json, digested: json};
}

/**
 * What an evidence file says, read as EVIDENCE.md's shell lines read it, and more strictly.
 * @param bytes the whole file
 */
export function parseEvidenceFile(bytes: Buffer): ParsedFile {
  if (bytes.length > largestFile)
    return {part: 'text', reason: `it is ${bytes.length} bytes long; more than ${largestFile} are not read`};
  const text = bytes.toString('latin1');
  const odd = whyNoText(bytes, text);
  if (odd !== null) return {part: 'text', reason: odd};
  const isCut = !text.endsWith('\n');
  const begin = findMarker(text, beginMark);
  const end = findMarker(text, endMark);
  const hasEnd = placesOf(text, endMark).length > 0;
  const wrong = (reason: string): ParsedFile => ({part: 'markers', reason});
  const said = [...text.matchAll(digestLine)].map(([, digest]) => digest);
  if ('reason' in begin)
    return wrong(said.length === 0 && !hasEnd ? `its end is cut off: ${begin.reason}` : begin.reason);
  if ('reason' in end)
    return wrong(hasEnd ? end.reason : `its end is cut off, or was taken out: ${end.reason}`);
  if (end.at < begin.at) return wrong(`the line "${endMark}" stands before "${beginMark}"`);
  const from = begin.at + beginMark.length + 1;
  const found = recordBetween(text.slice(from, end.at));
  if ('reason' in found) return wrong(found.reason);
  const {json, digested} = found;
  if (said.length !== 1)
    return wrong(
      said.length === 0
        ? 'its end is cut off, or was changed: there is no line "Record SHA-256: ..." with a digest'
        : `there are ${said.length} lines "Record SHA-256: ..." and only one may be there`,
    );
  if (isCut) return wrong('its end is cut off: the last line has no end');
  if (sha256Of(digested ?? bytes.subarray(from, end.at)) !== said[0])
    return {
      part: 'record digest',
      reason: 'the record or the line "Record SHA-256: ..." was changed: they do not fit each other',
    };
  const record = parseEvidence(json);
  if ('reason' in record) return {part: 'record', reason: escapeText(record.reason)};
  return {record, json, text};
}
