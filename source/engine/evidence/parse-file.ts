import {escapeText} from '../base/escape.ts';
import {beginMark, digestMark, endMark, recordFence, recordFenceEnd} from './markdown.ts';
import {sha256Of} from './place.ts';
import {type EvidenceLink, parseEvidence, parseLink, recordBegins} from './record-text.ts';
import type {EvidenceRecord} from './schema.ts';

/** Bytes of an evidence file that are read: a restore of 100,000 files makes one of about 100 MB. */
export const largestFile = 256 * 1024 * 1024;

/** Lines that a record of the first schema may have been broken into by mail; it is written as one. */
const mostLines = 1000;

/** What can be wrong with a file, in the order in which it is looked for. */
export type FilePart = 'text' | 'markers' | 'record digest' | 'record';
export const fileParts: FilePart[] = ['text', 'markers', 'record digest', 'record'];

/** `part` is the first thing that is wrong; those before it are right. */
type Wrong = {part: FilePart; reason: string};

export type ParsedFile =
  /** `json` is the record as the file has it. */
  {record: EvidenceRecord; json: Buffer} | Wrong;

const lineBreak = 0x0a;

const lineAt = (bytes: Buffer, at: number): number => {
  let line = 1;
  for (
    let index = bytes.indexOf(lineBreak);
    index !== -1 && index < at;
    index = bytes.indexOf(lineBreak, index + 1)
  )
    line++;
  return line;
};

/** Bytes that are looked at as one text. */
const piece = 1024 * 1024;

/** The first byte that no evidence file has; -1 where there is none. */
function oddByte(bytes: Buffer): number {
  for (let from = 0; from < bytes.length; from += piece) {
    const at = bytes.toString('latin1', from, from + piece).search(/[^\n\x20-\x7e]/);
    if (at !== -1) return from + at;
  }
  return -1;
}

/** Why the bytes are not the text that was written; null where they may be. */
function whyNoText(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'the file is empty';
  const crlf = bytes.indexOf('\r\n');
  if (crlf !== -1)
    return `its line ends were converted (CRLF, first in line ${lineAt(bytes, crlf)}): take the file as it was written`;
  const odd = oddByte(bytes);
  if (odd !== -1)
    return `line ${lineAt(bytes, odd)} holds a byte that no evidence file has (0x${(bytes[odd] as number).toString(16).padStart(2, '0')}): it is plain ASCII`;
  return null;
}

/** Where lines begin that begin so. A file may be all line breaks, so that it is not split into lines. */
function* linesWith(bytes: Buffer, beginning: string): Iterable<number> {
  for (let at = bytes.indexOf(beginning); at !== -1; at = bytes.indexOf(beginning, at + 1))
    if (at === 0 || bytes[at - 1] === lineBreak) yield at;
}

/** The first two places of a line that is this one. */
function placesOf(bytes: Buffer, line: string): number[] {
  const found: number[] = [];
  for (const at of linesWith(bytes, line)) {
    const end = at + line.length;
    if (end === bytes.length || bytes[end] === lineBreak) found.push(at);
    if (found.length === 2) break;
  }
  return found;
}

/**
 * The one place of a marker; or what is wrong with it.
 * @returns where its line begins
 */
function findMarker(bytes: Buffer, marker: string): {at: number} | {reason: string} {
  const [first, second] = placesOf(bytes, marker);
  if (first === undefined) return {reason: `there is no line "${marker}"`};
  return second === undefined
    ? {at: first}
    : {
        reason: `there is a second line "${marker}" (line ${lineAt(bytes, second)}): a record was put in, or pasted twice`,
      };
}

/** The digests that lines name as the record's. */
function* digestsIn(bytes: Buffer): Iterable<string> {
  for (const at of linesWith(bytes, digestMark)) {
    const [, digest] =
      /^([0-9a-f]{64})(?:\n|$)/.exec(
        bytes.toString('latin1', at + digestMark.length, at + digestMark.length + 65),
      ) ?? [];
    if (digest !== undefined) yield digest;
  }
}

/** `digested`: what its digest is over. */
type RecordPart = {json: Buffer; digested: Buffer};

/**
 * The record of a file. Of the second schema it is all that stands between the marks, the fence included: nothing is
 * passed over, so that nothing can be put in. Of the first, lines that begin as marks do are passed over.
 */
function recordBetween(between: Buffer): RecordPart | {reason: string} {
  const begins = recordFence + recordBegins;
  if (
    between.toString('latin1', 0, begins.length) === begins &&
    between.subarray(-recordFenceEnd.length).toString('latin1') === recordFenceEnd
  )
    return {json: between.subarray(recordFence.length, -recordFenceEnd.length), digested: between};
  const lines = between.toString('latin1').split('\n', mostLines + 1);
  if (lines.length > mostLines)
    return {reason: 'the record is broken into more lines than anybody would write'};
  const json = Buffer.from(lines.filter((line) => !/^[<`]/.test(line)).join(''), 'latin1');
  return {json, digested: json};
}

/** The record of a file, where that is as it was written. */
function recordIn(bytes: Buffer): {json: Buffer} | Wrong {
  if (bytes.length > largestFile)
    return {part: 'text', reason: `it is ${bytes.length} bytes long; more than ${largestFile} are not read`};
  const odd = whyNoText(bytes);
  if (odd !== null) return {part: 'text', reason: odd};
  const isCut = bytes.at(-1) !== lineBreak;
  const begin = findMarker(bytes, beginMark);
  const end = findMarker(bytes, endMark);
  const hasEnd = placesOf(bytes, endMark).length > 0;
  const wrong = (reason: string): Wrong => ({part: 'markers', reason});
  const said = [...digestsIn(bytes)];
  if ('reason' in begin)
    return wrong(said.length === 0 && !hasEnd ? `its end is cut off: ${begin.reason}` : begin.reason);
  if ('reason' in end)
    return wrong(hasEnd ? end.reason : `its end is cut off, or was taken out: ${end.reason}`);
  if (end.at < begin.at) return wrong(`the line "${endMark}" stands before "${beginMark}"`);
  const found = recordBetween(bytes.subarray(begin.at + beginMark.length + 1, end.at));
  if ('reason' in found) return wrong(found.reason);
  const {json, digested} = found;
  if (said.length !== 1)
    return wrong(
      said.length === 0
        ? 'its end is cut off, or was changed: there is no line "Record SHA-256: ..." with a digest'
        : `there are ${said.length} lines "Record SHA-256: ..." and only one may be there`,
    );
  if (isCut) return wrong('its end is cut off: the last line has no end');
  if (sha256Of(digested) !== said[0])
    return {
      part: 'record digest',
      reason: 'the record or the line "Record SHA-256: ..." was changed: they do not fit each other',
    };
  return {json};
}

const wrongRecord = ({reason}: {reason: string}): Wrong => ({part: 'record', reason: escapeText(reason)});

/**
 * What an evidence file says, read as EVIDENCE.md's shell lines read it, and more strictly.
 * @param bytes the whole file
 */
export function parseEvidenceFile(bytes: Buffer): ParsedFile {
  const found = recordIn(bytes);
  if ('part' in found) return found;
  const record = parseEvidence(found.json);
  return 'reason' in record ? wrongRecord(record) : {record, ...found};
}

/** What such a file says of its place among the others, where it is one: as strictly, and without keeping the record. */
export function parseFileLink(bytes: Buffer): EvidenceLink | Wrong {
  const found = recordIn(bytes);
  if ('part' in found) return found;
  const link = parseLink(found.json);
  return 'reason' in link ? wrongRecord(link) : link;
}
