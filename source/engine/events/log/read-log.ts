import fs from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {describeError} from '../../base/problem.ts';
import {LinesBack} from './lines-back.ts';
import {type Appended, LogAhead, type LogState} from './log-ahead.ts';
import {isSameFile, type LogFile, openToRead, rotatedLogs, Shared} from './log-files.ts';
import type {RawLine} from './log-lines.ts';
import {isOurs, type LoggedLine, mayBeOurs, noteLine, readLine} from './logged-line.ts';

/** Milliseconds between two looks at a log that is followed. */
const pause = 1000;
/** At once back, too: characters of text that are kept, and bytes that are looked at. */
const mostKept = 8_000_000;
const mostLookedAt = 256 * 1024 ** 2;

export type LogEvent =
  | ({type: 'log'} & LogState)
  /** What was appended, oldest first. */
  | {type: 'appended'; lines: LoggedLine[]};

/** Lines further back, newest first, and why there are none before them; null where there may be. */
export type OlderLines = {lines: LoggedLine[]; end: string | null};

export type LogOptions = {
  root: string;
  /** Absolute, as the configuration names it. */
  file: string;
  /** Leaves out what is not about backups and restores. */
  onlyOurs: boolean;
};

/**
 * The audit log of a root, read from its end: `older` goes back, into what it was rotated to as well, and `follow` tells
 * what is appended after it was opened. What is read may be anything, and of any size.
 */
export class AuditLog {
  readonly #options: LogOptions;
  /** Every file that was read, or is. */
  readonly #known: LogFile[] = [];
  readonly #ahead: LogAhead;
  /** What is read by `older`; null between two files. */
  #back: {shared: Shared; lines: LinesBack} | null = null;
  #end: string | null = null;
  /** Numbers of the next newer and the next older line. */
  #newer = 1;
  #older = 0;

  private constructor(options: LogOptions) {
    this.#options = options;
    this.#ahead = new LogAhead(options.root, options.file, this.#known);
  }

  /**
   * @param options `following`: what has not ended at the end of the log is left to `follow`
   * @returns a log to be closed; one that is not there, or cannot be read, says so in `state`
   */
  static async open({following, ...options}: LogOptions & {following: boolean}): Promise<AuditLog> {
    const log = new AuditLog(options);
    const begin = await log.#ahead.open(following);
    if (begin) log.#goBack(begin.shared, begin.at);
    return log;
  }

  get state(): LogState {
    return this.#ahead.state;
  }

  /** Nothing may be read any more by then. */
  close(): void {
    this.#ahead.close();
    this.#back?.shared.release();
    this.#back = null;
  }

  #goBack(shared: Shared, end: number): void {
    this.#back = {shared: shared.take(), lines: new LinesBack(shared.file.fd, end)};
  }

  /**
   * Goes further back.
   * @param most lines that are given; fewer where they are long, or the wanted ones far apart
   */
  async older(most: number, signal: AbortSignal): Promise<OlderLines> {
    const lines: LoggedLine[] = [];
    let kept = 0;
    const isFull = (): boolean => lines.length >= most || kept >= mostKept;
    const take = (raw: RawLine): boolean => {
      const line = this.#read(raw, this.#older);
      if (!line) return true;
      this.#older--;
      lines.push(line);
      kept += line.text.length;
      return !isFull();
    };
    while (!isFull() && this.#end === null && !signal.aborted) {
      if (!this.#back) this.#findRotated();
      if (!this.#back) break;
      const {lines: back, shared} = this.#back;
      await back.read(take, mostLookedAt, signal);
      if (back.cut) this.#end = 'the log was cut off while it was read: open it again';
      if (!back.over) break;
      shared.release();
      this.#back = null;
    }
    return {lines, end: this.#end};
  }

  /** The newest of the rotated files that has not been read; else says why there is none. */
  #findRotated(): void {
    const {root, file} = this.#options;
    try {
      const {plain, packed} = rotatedLogs(root, file);
      for (const name of plain) {
        const found = openToRead(root, file, name);
        if (!found) continue;
        if (this.#known.some((each) => isSameFile(each, found))) {
          fs.closeSync(found.fd);
          continue;
        }
        this.#known.push(found);
        this.#goBack(new Shared(found), fs.fstatSync(found.fd).size);
        return;
      }
      const [first] = packed;
      this.#end =
        first === undefined
          ? 'the log begins there'
          : `what is older is compressed: zcat ${path.join(path.dirname(file), first)}`;
    } catch (error) {
      this.#end = `what is older cannot be read: ${describeError(error)}`;
    }
  }

  #read(raw: RawLine, number: number): LoggedLine | null {
    const {onlyOurs} = this.#options;
    if (onlyOurs && !mayBeOurs(raw)) return null;
    const line = readLine(raw, number);
    return !onlyOurs || isOurs(line) ? line : null;
  }

  /**
   * Tells what is appended, once a second, until the signal is aborted; through rotations, and where the log appears
   * only later. The state of the log comes first, and whenever it is another one.
   */
  async *follow(signal: AbortSignal): AsyncGenerator<LogEvent, void, undefined> {
    let told = '';
    while (!signal.aborted) {
      const state = JSON.stringify(this.state);
      if (state !== told) yield {type: 'log', ...this.state};
      told = state;
      const {lines, more} = await this.#ahead.appended();
      const read = this.#number(lines);
      if (read.length > 0) yield {type: 'appended', lines: read};
      if (!more) await wait(pause, undefined, {signal}).catch(() => {});
    }
  }

  #number(lines: Appended['lines']): LoggedLine[] {
    return lines.flatMap((each) => {
      const line = typeof each === 'string' ? noteLine(this.#newer, each) : this.#read(each, this.#newer);
      if (!line) return [];
      this.#newer++;
      return [line];
    });
  }
}
