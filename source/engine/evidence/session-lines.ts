import {createHash} from 'node:crypto';
import {asciiJson} from '../base/escape.ts';
import {splitLines} from '../base/lines.ts';
import {hashOf, parseLine, type RecordLine, recordLineOf, wholeLine} from '../session/record.ts';
import {canonicalJson, isSame} from './canonical.ts';
import {sha256Of} from './place.ts';
import type {EvidenceSession} from './schema.ts';

type EvidenceLine = EvidenceSession['lines'][number];

/** A line byte for byte as `session.jsonl` has it. */
export const lineText = (line: EvidenceLine): string =>
  line.verbatim ?? recordText({...line, data: JSON.parse(canonicalJson(line.data)) as RecordLine['data']});

/** Characters of a line from which on only its text is kept: a plan of 20,000 files has 20 MB, and as much again parsed. */
const longLine = 64 * 1024;
/** Lines whose data are parsed of their own text whenever they are asked for. */
const held = new WeakSet<EvidenceLine>();

function heldLine({sequence, at, operator, type, previous}: RecordLine, verbatim: string): EvidenceLine {
  const line = {
    sequence,
    at,
    operator,
    type,
    get data() {
      return parseLine(verbatim)?.data ?? {};
    },
    previous,
    verbatim,
  };
  held.add(line);
  return line;
}

/** As `session.jsonl` has a line (record.ts), the keys of its data in the order that they are given in. */
const recordText = ({sequence, at, operator, type, data, previous}: RecordLine): string =>
  asciiJson({sequence, at, operator, type, data, previous});

/**
 * A line for a record of evidence. There the keys are sorted, so that the line's own bytes, which the next line's hash is
 * over, are kept beside it where they are other ones.
 * @param verbatim the line as session.jsonl has it
 */
export function evidenceLine(line: RecordLine, verbatim = recordText(line)): EvidenceLine {
  if (verbatim.length >= longLine) return heldLine(line, verbatim);
  const data = JSON.parse(canonicalJson(line.data)) as RecordLine['data'];
  const told = {...line, data};
  return recordText(told) === verbatim ? told : {...told, verbatim};
}

/**
 * The lines of a session's record for a record of evidence, and the SHA-256 of all bytes up to their end.
 * @param data of session.jsonl
 * @param areOurs what a long one of these very bytes says was looked at, and is not parsed again
 */
export function evidenceLines(data: Buffer, areOurs = false): {lines: EvidenceLine[]; sha256: string} {
  const lines: EvidenceLine[] = [];
  let end = 0;
  for (const bytes of splitLines(data).lines) {
    end += bytes.length + 1;
    const verbatim = bytes.toString('utf8');
    const line = areOurs ? recordLineOf(bytes) : wholeLine(bytes);
    if (line) lines.push(evidenceLine(line, verbatim));
  }
  return {lines, sha256: sha256Of(data.subarray(0, end))};
}

/** Whether the bytes that are kept of a line say what the line says. */
function agrees({verbatim: _, ...line}: EvidenceLine, verbatim: string): boolean {
  const said = parseLine(verbatim);
  return said !== null && isSame(said, line);
}

/** Whether a value could have been written with its keys in another order. */
function hasOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (!Array.isArray(value) && Object.keys(value).length > 1) || Object.values(value).some(hasOrder);
}

type LinesResult =
  /** `whole`: the last line is covered too, by the digest of the whole of session.jsonl. */
  | {state: 'holds'; count: number; whole: boolean}
  | {state: 'broken'; reason: string}
  /** The bytes of a line cannot be had from the record. */
  | {state: 'unknown'; reason: string};

/**
 * Whether the lines of a session's record that an evidence file holds follow from each other: each has the number after the
 * one before it, and the hash of its bytes.
 */
export function checkLines(session: EvidenceSession): LinesResult {
  const {lines, record_sha256: whole, torn, broken} = session;
  const wrong = (reason: string): LinesResult => ({state: 'broken', reason});
  if (broken !== null) return wrong(`it was broken when this was exported: ${broken}`);
  if (lines.length === 0) return {state: 'unknown', reason: 'this file holds no line of it'};
  const all = createHash('sha256');
  let before = null as {sequence: number; hash: string; sure: boolean} | null;
  for (const [index, line] of lines.entries()) {
    const {verbatim} = line;
    const number = index + 1;
    if (verbatim !== undefined && !held.has(line) && !agrees(line, verbatim))
      return wrong(`line ${number} says something else than its own bytes do`);
    const due: number = (before?.sequence ?? 0) + 1;
    if (line.sequence !== due)
      return wrong(`line ${number} has the number ${line.sequence} instead of ${due}`);
    if (line.previous !== (before?.hash ?? '')) {
      if (!before) return wrong('its beginning is missing');
      if (before.sure) return wrong(`line ${number} does not follow from line ${index}`);
      return {
        state: 'unknown',
        reason: `the bytes of line ${index} are not in this file: the order of its keys is not known`,
      };
    }
    const bytes = Buffer.from(verbatim ?? recordText(line));
    all.update(bytes).update('\n');
    const sure = verbatim !== undefined || !hasOrder(line.data);
    before = {sequence: line.sequence, hash: hashOf(bytes), sure};
  }
  const digest = all.digest('hex');
  const covered = whole !== null && !torn && (before?.sure || digest === whole);
  if (covered && digest !== whole)
    return wrong('the last line, or their number, is not what session.jsonl had: its digest is another one');
  return {state: 'holds', count: lines.length, whole: covered === true};
}
