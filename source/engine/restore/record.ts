import {createHash} from 'node:crypto';
import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import {asciiJson} from '../escape.ts';
import {errorCode} from '../problem.ts';

/** One line of a session's record: what happened, when, by whom, and the hash of the line before it. */
const lineSchema = z.object({
  sequence: z.int(),
  /** UTC, ISO 8601 with milliseconds. */
  at: z.string(),
  operator: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  previous: z.string(),
});

export type RecordLine = z.infer<typeof lineSchema>;

export const recordFile = 'session.jsonl';

const hashOf = (line: string): string => createHash('sha256').update(line).digest('hex');

/** Appends to a session's record, each line durable before the next thing is done. */
export class SessionRecord {
  readonly #fd: number;
  readonly #operator: string;
  #sequence = 0;
  #previous = '';

  /** @param directory of the session, as a path that stays what it is */
  constructor(directory: string, operator: string) {
    this.#operator = operator;
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    this.#fd = fs.openSync(`${directory}/${recordFile}`, flags, 0o644);
    const lines = fs.readFileSync(this.#fd).toString('utf8').split('\n');
    const torn = lines.pop() ?? '';
    const last = lines.at(-1);
    if (last !== undefined) {
      this.#sequence = lines.length;
      this.#previous = hashOf(last);
    }
    if (torn !== '') {
      // A line that a kill cut short: what is left of it is taken out, and that is noted.
      fs.ftruncateSync(this.#fd, Buffer.byteLength(lines.map((line) => `${line}\n`).join('')));
      this.write('repaired', {removed: torn.slice(0, 200)});
    }
  }

  write(type: string, data: Record<string, unknown> = {}): void {
    const line: RecordLine = {
      sequence: this.#sequence + 1,
      at: new Date().toISOString(),
      operator: this.#operator,
      type,
      data,
      previous: this.#previous,
    };
    const text = asciiJson(line);
    const bytes = Buffer.from(`${text}\n`);
    for (let written = 0; written < bytes.length; ) written += fs.writeSync(this.#fd, bytes, written);
    fs.fsyncSync(this.#fd);
    this.#sequence++;
    this.#previous = hashOf(text);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }
}

/** The whole lines of a record from an offset on, in bytes, and where they end. What is no line of ours is passed over. */
export function readRecord(directory: string, from = 0): {lines: RecordLine[]; next: number} {
  let data: Buffer;
  try {
    const fd = fs.openSync(`${directory}/${recordFile}`, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const {size} = fs.fstatSync(fd);
      data = Buffer.alloc(Math.max(0, size - from));
      data = data.subarray(0, fs.readSync(fd, data, 0, data.length, from));
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {lines: [], next: from};
    throw error;
  }
  const end = data.lastIndexOf(0x0a) + 1;
  const lines = data
    .subarray(0, end)
    .toString('utf8')
    .split('\n')
    .flatMap((text): RecordLine[] => {
      if (text === '') return [];
      try {
        const parsed = lineSchema.safeParse(JSON.parse(text));
        return parsed.success ? [parsed.data] : [];
      } catch {
        return [];
      }
    });
  return {lines, next: from + end};
}
