import fs from 'node:fs';
import {errorCode, withAdvice} from '../../base/problem.ts';
import {LinesOn} from './lines-on.ts';
import {isSameFile, type LogFile, openToRead, Shared} from './log-files.ts';
import {type RawLine, readAt, wholeLinesEnd} from './log-lines.ts';

/** Bytes that are taken at once of what was appended. */
const atOnce = 1024 * 1024;

/** Whether there is a log; `reason` says why it cannot be read. */
export type LogState = {state: 'there' | 'missing' | 'unreadable'; reason: string | null};

/** Lines, or a note where the log is another one; `more`: there may be more at once. */
export type Appended = {lines: (RawLine | string)[]; more: boolean};
const nothing: Appended = {lines: [], more: false};

/** Reads what is appended to a log, whatever file has its name meanwhile. */
export class LogAhead {
  readonly #root: string;
  readonly #file: string;
  /** Every file that was read, by whomever. */
  readonly #known: LogFile[];
  #current: {shared: Shared; at: number} | null = null;
  #on = new LinesOn();
  /** Of the line that has not ended: its length when it was told, and how often it was looked at in vain. */
  #torn = {told: 0, looks: 0};
  state: LogState = {state: 'missing', reason: null};

  constructor(root: string, file: string, known: LogFile[]) {
    this.#root = root;
    this.#file = file;
    this.#known = known;
  }

  /**
   * @param whole begins after the last line that has ended, else at the end
   * @returns the file, and where this begins to read it; null where there is none
   */
  async open(whole: boolean): Promise<{shared: Shared; at: number} | null> {
    this.#find();
    if (!this.#current) return null;
    const {shared} = this.#current;
    const {fd} = shared.file;
    const {size} = fs.fstatSync(fd);
    this.#current.at = whole ? await wholeLinesEnd(fd, size) : size;
    return {shared, at: this.#current.at};
  }

  close(): void {
    this.#current?.shared.release();
    this.#current = null;
  }

  /** Opens what has the log's name now. */
  #find(): void {
    try {
      const found = openToRead(this.#root, this.#file);
      this.state = {state: found ? 'there' : 'missing', reason: null};
      if (!found) return;
      this.#current = {shared: new Shared(found).take(), at: 0};
      this.#known.push(found);
    } catch (error) {
      this.state = {state: 'unreadable', reason: withAdvice(error)};
    }
  }

  /** What was appended since it was asked for last. */
  async appended(): Promise<Appended> {
    if (!this.#current) this.#find();
    if (!this.#current) return nothing;
    const {shared, at} = this.#current;
    const {size} = fs.fstatSync(shared.file.fd);
    if (size < at) {
      this.#current.at = 0;
      return {lines: [...this.#giveUp(), 'the log was cut off here: what was in it is gone'], more: true};
    }
    if (size > at) {
      const bytes = await readAt(shared.file.fd, at, Math.min(atOnce, size - at));
      this.#current.at = at + bytes.length;
      return {lines: this.#add(bytes), more: true};
    }
    if (!this.#isReplaced(shared)) return {lines: this.#unfinished(), more: false};
    // Whoever opened it before it was renamed may have written to it since it was looked at.
    if (fs.fstatSync(shared.file.fd).size > at) return {lines: [], more: true};
    this.#current = null;
    this.#find();
    shared.release();
    return {lines: this.#giveUp(), more: this.#current !== null};
  }

  #add(bytes: Buffer): RawLine[] {
    const lines = this.#on.add(bytes);
    // What was told already when it had not ended yet has only been given its line break.
    const [first] = lines;
    const known = first !== undefined && first.length === this.#torn.told;
    if (lines.length > 0) this.#torn.told = 0;
    this.#torn.looks = 0;
    return known ? lines.slice(1) : lines;
  }

  /** What has not ended for a while, once. */
  #unfinished(): RawLine[] {
    const {unfinished} = this.#on;
    if (unfinished === 0 || unfinished === this.#torn.told) return [];
    this.#torn.looks++;
    const line = this.#torn.looks < 2 ? null : this.#on.peek();
    if (line) this.#torn.told = unfinished;
    return line ? [line] : [];
  }

  /** What has not ended, and will not any more. */
  #giveUp(): RawLine[] {
    const line = this.#on.take();
    const known = line?.length === this.#torn.told;
    this.#torn = {told: 0, looks: 0};
    return line && !known ? [line] : [];
  }

  /** Another file has its name now. One that has none any more is still the log: whoever has it open writes to it. */
  #isReplaced({file}: Shared): boolean {
    try {
      const {dev, ino} = fs.statSync(this.#file);
      return !isSameFile(file, {device: dev, inode: ino});
    } catch (error) {
      // Nobody has put another one there, or nobody here can see it.
      if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errorCode(error))) return false;
      throw error;
    }
  }
}
