import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import type {Directory} from '../base/directory.ts';
import {asciiJson} from '../base/escape.ts';
import {isThere, readSmallFile} from '../base/files.ts';
import {openOurs, openTold, operatorName, userNameOf} from '../base/owner.ts';
import {parseAs} from '../base/parse-as.ts';
import {describeError, exitCode, Problem} from '../base/problem.ts';
import {type LineData, type LineType, lineTypes, type Note} from './lines.ts';
import {personName} from './owner.ts';
import {SessionRecord} from './record.ts';
import {openSession, sessionGone} from './sessions.ts';

export const progressName = 'progress';
const cancelName = 'cancel';
/** Milliseconds between two looks at whether an operator wants to know, or wants it to stop. */
const interval = 50;
/** Bytes that the progress takes, whatever it says, so that it is always written over whole. */
const progressLength = 256;
/** Characters of a name that there is room for in it. */
const longestName = 140;

const stageNames = ['saving', 'staging', 'switching', 'checking'] as const;
export type StageName = (typeof stageNames)[number];

const progressSchema = z.object({
  stage: z.enum(stageNames),
  /** Bytes. */
  done: z.number().check(z.nonnegative()),
  total: z.number().check(z.nonnegative()),
  /** What was done last, where it has a name: a table. */
  last: z.optional(z.string()),
});
export type RestoreProgress = z.infer<typeof progressSchema>;

/**
 * How a restore says what it does: to its record, line by line, and how far it is, to a small file beside it. Neither
 * can keep it from going on: a disk that is full must not leave files half old, half new.
 */
export class Telling {
  readonly #session: Directory;
  readonly #record: SessionRecord | null;
  readonly #progress: number | null;
  readonly #person: string | null;
  #last = 0;
  /** What could not be recorded, and why. */
  readonly unrecorded: string[] = [];

  constructor(session: Directory, env: NodeJS.ProcessEnv) {
    this.#session = session;
    this.#person = personName(env);
    this.#record = this.#attempt('the record', () => new SessionRecord(session.path, operatorName(env)));
    this.#progress = this.#attempt('the progress', () =>
      openTold(`${session.path}/${progressName}`, constants.O_WRONLY, session.stats),
    );
  }

  #attempt<T>(what: string, action: () => T): T | null {
    try {
      return action();
    } catch (error) {
      this.unrecorded.push(`${what}: ${describeError(error)}`);
      return null;
    }
  }

  note<T extends LineType>(type: T, data: LineData<T>): void {
    // What another one has said before is not this one's.
    const isNamed = this.#person !== null && 'person' in lineTypes[type].shape && !('by' in data);
    this.#attempt(type, () => this.#record?.write(type, isNamed ? {person: this.#person, ...data} : data));
  }

  /** @returns false where an operator wants it to stop; asked from time to time only */
  progress(stage: StageName, done: number, total: number, last = ''): boolean {
    const now = performance.now();
    if (now - this.#last < interval && done < total) return true;
    this.#last = now;
    try {
      const named = last !== '' && asciiJson(last).length <= longestName && {last};
      const said: RestoreProgress = {stage, done, total, ...named};
      const text = asciiJson(said).padEnd(progressLength - 1);
      if (this.#progress !== null) fs.writeSync(this.#progress, `${text}\n`, 0);
    } catch {
      // It is not seen how far it is; that is all.
    }
    return !this.cancelled;
  }

  get cancelled(): boolean {
    return isThere(`${this.#session.path}/${cancelName}`);
  }

  close(): void {
    this.#record?.close();
    if (this.#progress !== null) fs.closeSync(this.#progress);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** How far a restore is; null where it does not say. */
export function readProgress(session: Directory): RestoreProgress | null {
  const read = readSmallFile(`${session.path}/${progressName}`, 4096);
  // It may just be written.
  return 'data' in read ? parseAs(progressSchema, read.data) : null;
}

/** Asks a restore to stop while nothing is changed yet; it is too late once it switches. */
export function requestCancel(session: Directory): void {
  const flags = constants.O_WRONLY | constants.O_CREAT;
  fs.closeSync(openOurs(`${session.path}/${cancelName}`, flags, session.stats));
}

/**
 * Writes lines to a session's record; to be called with the lock held.
 * @param what is recorded, for the operator: `the answer`
 * @throws Problem where the session is gone, or one of them cannot be written
 */
export function writeNotes(state: Directory, number: number, what: string, notes: Note[]): void {
  using session = openSession(state, number);
  if (!session) throw sessionGone(number);
  using telling = new Telling(session, process.env);
  for (const [type, data] of notes) telling.note(type, data);
  const [lost] = telling.unrecorded;
  if (!lost) return;
  const {uid} = session.stats;
  const owner = userNameOf(uid);
  const me = process.geteuid?.() ?? 0;
  const advice = me === 0 || me === uid ? '' : ` Session ${number} was begun by ${owner}: run as ${owner}.`;
  throw new Problem(exitCode.failed, `${what} could not be recorded: ${lost}.${advice}`);
}
