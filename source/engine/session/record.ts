import {isAscii, isUtf8} from 'node:buffer';
import {createHash} from 'node:crypto';
import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import {asciiJson} from '../base/escape.ts';
import {closing, safeRead} from '../base/files.ts';
import {splitLines} from '../base/lines.ts';
import {openTold} from '../base/owner.ts';
import {parseAs} from '../base/parse-as.ts';
import {errorCode} from '../base/problem.ts';
import {writeAll} from '../base/write-all.ts';
import type {LineData, LineType} from './lines.ts';

/** One line of a session's record: what happened, when, by whom, and the hash of the line before it. */
const lineSchema = z.object({
  sequence: z.int(),
  /** UTC, ISO 8601 with milliseconds. */
  at: z.string().check(z.maxLength(64)),
  operator: z.string().check(z.maxLength(256)),
  type: z.string().check(z.maxLength(64)),
  data: z.record(z.string(), z.unknown()),
  previous: z.string().check(z.maxLength(64)),
});

export type RecordLine = z.infer<typeof lineSchema>;

export const recordFile = 'session.jsonl';
/** Bytes of a record that are read; a restore of 100,000 files makes one of about 20 MB. */
export const largestRecord = 256 * 1024 * 1024;

/** What the line after this one has to name: the SHA-256 of its bytes, without the line break. */
export const hashOf = (line: Uint8Array): string => createHash('sha256').update(line).digest('hex');

/** Levels of what a line says that are ours; what is deeper would exhaust the stack where it is written out. */
const deepest = 16;

export const isShallow = (value: unknown, levels = deepest): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)));

/** A line of a record; null where it is none of ours. */
export function parseLine(text: string): RecordLine | null {
  const line = parseAs(lineSchema, text);
  return line && isShallow(line.data) ? line : null;
}

/** A line as it is on the disk, all of it; null where it is none of ours. */
export const wholeLine = (bytes: Buffer): RecordLine | null =>
  // Lines are written in ASCII; where bytes were replaced in reading, nothing says what they were.
  isUtf8(bytes) ? parseLine(bytes.toString('utf8')) : null;

/** Bytes of a line from which on what it says is parsed only when it is asked for: a plan of 20,000 files has 11 MB. */
const longLine = 64 * 1024;
/** As `#append` writes it: ASCII, in this order. */
const lineBegins =
  /^\{"sequence":([1-9]\d{0,14}),"at":"([ !#-[\]-~]{0,64})","operator":("(?:[ !#-[\]-~]|\\["\\bfnrt]|\\u[0-9a-f]{4}){0,256}"),"type":"([ !#-[\]-~]{0,64})","data":\{/;
const lineEnds = /\},"previous":"([0-9a-f]{0,64})"\}$/;

/**
 * A line of a record as it is on the disk; null where it is none of ours. Of a long one only the beginning and the end
 * are looked at until its data are asked for, which are empty then where they are none.
 */
export function recordLineOf(bytes: Buffer): RecordLine | null {
  const begin =
    bytes.length < longLine || !isAscii(bytes) ? null : lineBegins.exec(bytes.toString('latin1', 0, 4096));
  const end = begin && lineEnds.exec(bytes.toString('latin1', bytes.length - 100));
  if (!begin || !end) return wholeLine(bytes);
  let left: Buffer | null = bytes;
  let data: RecordLine['data'] = {};
  return {
    sequence: Number(begin[1]),
    at: begin[2] ?? '',
    operator: JSON.parse(begin[3] ?? '') as string,
    type: begin[4] ?? '',
    get data() {
      if (left) data = parseLine(left.toString('utf8'))?.data ?? {};
      left = null;
      return data;
    },
    previous: end[1] ?? '',
  };
}

/** Appends to a session's record, each line durable before the next thing is done. */
export class SessionRecord {
  readonly #fd: number;
  readonly #operator: string;
  #sequence = 0;
  #previous = '';
  /** Where what is known of it ends, in bytes. */
  #end = 0;

  /** @param directory of the session, as a path that stays what it is */
  constructor(directory: string, operator: string) {
    this.#operator = operator;
    this.#fd = openTold(
      `${directory}/${recordFile}`,
      constants.O_RDWR | constants.O_APPEND,
      fs.statSync(directory),
    );
    this.#readOn();
  }

  /** Learns what has to be gone on from; what a kill left of a line is taken out, and that is noted. */
  #readOn(): void {
    const {size} = fs.fstatSync(this.#fd);
    if (size > largestRecord)
      throw new Error(`${recordFile} is ${size} bytes long; more than ${largestRecord} is not gone on with`);
    const data = Buffer.alloc(size);
    const {lines, torn} = splitLines(data.subarray(0, fs.readSync(this.#fd, data, 0, size, 0)));
    const last = lines.at(-1);
    if (last) {
      // Where a line is missing before it, the ones after it are not to look wrong too.
      const {sequence = 0} = parseLine(last.toString('utf8')) ?? {};
      this.#sequence = Number.isSafeInteger(sequence + 1) && sequence > 0 ? sequence : lines.length;
      this.#previous = hashOf(last);
    }
    this.#end = size - torn.length;
    if (torn.length === 0) return;
    fs.ftruncateSync(this.#fd, this.#end);
    this.#append('repaired', {removed: torn.toString('utf8').slice(0, 200)});
  }

  write<T extends LineType>(type: T, data: LineData<T>): void {
    // A step can be answered while the restore that it is about writes its last lines.
    if (fs.fstatSync(this.#fd).size !== this.#end) this.#readOn();
    this.#append(type, data);
  }

  #append<T extends LineType>(type: T, data: LineData<T>): void {
    const line: RecordLine = {
      sequence: this.#sequence + 1,
      at: new Date().toISOString(),
      operator: this.#operator,
      type,
      data,
      previous: this.#previous,
    };
    const bytes = Buffer.from(`${asciiJson(line)}\n`);
    writeAll(this.#fd, bytes);
    fs.fsyncSync(this.#fd);
    this.#sequence++;
    this.#previous = hashOf(bytes.subarray(0, -1));
    this.#end += bytes.length;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/**
 * The whole lines of a record from an offset on, in bytes, and where they end. What is no line of ours is passed over.
 */
export function readRecord(directory: string, from = 0): {lines: RecordLine[]; next: number} {
  let data: Buffer;
  try {
    const fd = fs.openSync(`${directory}/${recordFile}`, safeRead);
    using _ = closing(fd);
    const {size} = fs.fstatSync(fd);
    data = Buffer.alloc(Math.max(0, size - from));
    data = data.subarray(0, fs.readSync(fd, data, 0, data.length, from));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {lines: [], next: from};
    throw error;
  }
  const {lines, torn} = splitLines(data);
  return {
    lines: lines.flatMap((line) => parseLine(line.toString('utf8')) ?? []),
    next: from + data.length - torn.length,
  };
}
