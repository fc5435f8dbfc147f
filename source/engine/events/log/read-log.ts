import fs from 'node:fs';
import path from 'node:path';
import {splitLines} from '../../base/lines.ts';
import {pauseFor} from '../../base/pause.ts';
import {describeError, withAdvice} from '../../base/problem.ts';
import {isStill, type LogFile, openToRead, rotatedLogs} from './log-files.ts';
import {
  blockSize,
  bytesAt,
  linesBack,
  longestRead,
  type RawLine,
  rawLine,
  wholeLinesEnd,
} from './log-lines.ts';
import {broken, isOurEvent, type LoggedLine, mayBeOurs, readLine} from './logged-line.ts';

/** Milliseconds between two looks at a log that is followed. */
const pause = 1000;
/** At once: characters of text that are kept, and bytes that are looked at. */
const mostKept = 8_000_000;
const mostLookedAt = 256 * 1024 ** 2;

/** Whether there is a log; `reason` says why it cannot be read. */
export type LogState = {state: 'there' | 'missing' | 'unreadable'; reason: string | null};

export type LogEvent =
  | ({type: 'log'} & LogState)
  /** What was appended, oldest first. */
  | {type: 'appended'; lines: LoggedLine[]};

/** Lines further back, newest first, and why there are none before them; null where there may be. */
export type OlderLines = {lines: LoggedLine[]; end: string | null};

type LogOptions = {
  root: string;
  /** Absolute, as the configuration names it. */
  file: string;
  /** Leaves out what is not about backups and restores. */
  onlyOurs: boolean;
};

type Back = {file: LogFile; lines: ReturnType<typeof linesBack>};

/** Where the first line begins that has not ended. */
type Ahead = {file: LogFile; at: number};

/**
 * The audit log of a root, read from its end: `older` goes back, into what it was rotated to as well, and `follow` tells
 * what is appended after it was opened. What is read may be anything, and of any size.
 */
export class AuditLog {
  readonly #options: LogOptions;
  /** What `older` has begun to read. */
  readonly #read = new Set<string>();
  #ahead: Ahead | null = null;
  #back: Back | null = null;
  #end: string | null = null;
  /** Numbers of the next newer and the next older line. */
  #newer = 1;
  #older = 0;
  state: LogState = {state: 'missing', reason: null};

  private constructor(options: LogOptions) {
    this.#options = options;
  }

  /** @returns a log to be closed; one that is not there, or cannot be read, says so in `state` */
  static async open(options: LogOptions): Promise<AuditLog> {
    const log = new AuditLog(options);
    const ahead = log.#find();
    if (!ahead) return log;
    const {size} = fs.fstatSync(ahead.file.fd);
    // The beginning of a line that is being written is read again, to be told whole.
    ahead.at = await wholeLinesEnd(ahead.file.fd, size);
    log.#back = {file: ahead.file, lines: linesBack(ahead.file.fd, size)};
    return log;
  }

  /** Nothing may be read any more by then. */
  close(): void {
    const files = new Set([this.#ahead?.file.fd, this.#back?.file.fd]);
    for (const fd of files) if (fd !== undefined) fs.closeSync(fd);
    this.#ahead = null;
    this.#back = null;
  }

  /** Opens what has the log's name now. */
  #find(): Ahead | null {
    try {
      const file = openToRead(this.#options.root, this.#options.file);
      this.state = {state: file ? 'there' : 'missing', reason: null};
      this.#ahead = file && {file, at: 0};
      // What is followed is not to be read again by its next name.
      if (file) this.#read.add(file.id);
    } catch (error) {
      this.state = {state: 'unreadable', reason: withAdvice(error)};
    }
    return this.#ahead;
  }

  /**
   * Goes further back.
   * @param most lines that are given; fewer where they are long, or the wanted ones far apart
   */
  async older(most: number, signal: AbortSignal): Promise<OlderLines> {
    const lines: LoggedLine[] = [];
    let [kept, looked] = [0, 0];
    while (
      this.#end === null &&
      !signal.aborted &&
      lines.length < most &&
      kept < mostKept &&
      looked < mostLookedAt
    ) {
      const back = this.#back ?? this.#findRotated();
      if (!back) break;
      const {done, value} = await back.lines.next();
      if (done) {
        if (value) this.#end = 'the log was cut off while it was read: open it again';
        this.#back = null;
        if (back.file !== this.#ahead?.file) fs.closeSync(back.file.fd);
      } else if (value === null) looked += blockSize;
      else {
        const line = this.#wanted(value, this.#older);
        if (!line) continue;
        this.#older--;
        lines.push(line);
        kept += line.text.length;
      }
    }
    return {lines, end: this.#end};
  }

  /** The newest of the rotated files that has not been read; else says why there is none. */
  #findRotated(): Back | null {
    const {root, file} = this.#options;
    try {
      const {plain, packed} = rotatedLogs(root, file);
      for (const name of plain) {
        const found = openToRead(root, file, name);
        if (!found) continue;
        if (!this.#read.has(found.id)) {
          this.#read.add(found.id);
          this.#back = {file: found, lines: linesBack(found.fd, fs.fstatSync(found.fd).size)};
          return this.#back;
        }
        fs.closeSync(found.fd);
      }
      const [first] = packed;
      this.#end =
        first === undefined
          ? 'the log begins there'
          : `what is older is compressed: zcat ${path.join(path.dirname(file), first)}`;
    } catch (error) {
      this.#end = `what is older cannot be read: ${describeError(error)}`;
    }
    return null;
  }

  #wanted(raw: RawLine, number: number): LoggedLine | null {
    const {onlyOurs} = this.#options;
    if (onlyOurs && !mayBeOurs(raw)) return null;
    const line = readLine(raw, number);
    return !onlyOurs || isOurEvent(line) ? line : null;
  }

  /**
   * Tells what is appended, once a second, until the signal is aborted; through rotations, and where the log appears
   * only later. The state of the log comes first, and whenever it is another one.
   */
  async *follow(signal: AbortSignal): AsyncGenerator<LogEvent, void, undefined> {
    for (let told = ''; !signal.aborted; ) {
      const ahead = this.#ahead ?? this.#find();
      const state = JSON.stringify(this.state);
      if (state !== told) yield {type: 'log', ...this.state};
      told = state;
      const found = ahead && (await this.#appended(ahead));
      const lines = (found ?? []).flatMap((each) => {
        const line = typeof each === 'string' ? broken(this.#newer, each) : this.#wanted(each, this.#newer);
        if (line) this.#newer++;
        return line ? [line] : [];
      });
      if (lines.length > 0) yield {type: 'appended', lines};
      if (!found) await pauseFor(pause, signal);
    }
  }

  /** Lines, or a note where the log is another one; null where there is nothing new. */
  async #appended(ahead: Ahead): Promise<(RawLine | string)[] | null> {
    const {file, at} = ahead;
    const isReplaced = !isStill(this.#options.file, file);
    // After that: what was appended before it was renamed is read first.
    const {size} = fs.fstatSync(file.fd);
    if (size < at) {
      ahead.at = 0;
      return ['the log was cut off here: what was in it is gone'];
    }
    const {lines, torn} = splitLines(await bytesAt(file.fd, at, Math.min(longestRead + 1, size - at)));
    // What has not ended is read again, but where it is too long.
    const isTooLong = torn.length > longestRead;
    const found = isTooLong ? [rawLine(torn, true)] : lines.map((line) => rawLine(line, false));
    ahead.at += found.reduce((sum, {length}) => sum + length, lines.length);
    if (found.length > 0) return found.filter(({length}) => length > 0);
    if (!isReplaced) return null;
    this.#ahead = null;
    if (this.#back?.file !== file) fs.closeSync(file.fd);
    // Nothing follows in it, and by its next name it is not read.
    return torn.length === 0 ? null : [rawLine(torn, true)];
  }
}
