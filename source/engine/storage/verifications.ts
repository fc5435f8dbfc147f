import {createHash} from 'node:crypto';
import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import {asciiJson} from '../base/escape.ts';
import {closing, notRegular, safeRead, seenAt} from '../base/files.ts';
import {isTorn} from '../base/lines.ts';
import {openOurs, owns} from '../base/owner.ts';
import {parseAs} from '../base/parse-as.ts';
import {writeAll} from '../base/write-all.ts';
import {type DatasetResult, datasetSchema} from './dataset.ts';

/** The record of a backup's verifications; PHP leaves it alone and deletes it with the backup. */
export const recordName = 'verifications.jsonl';

const recordSchema = z.object({
  version: z.literal(1),
  /** UTC, PHP's DATE_ATOM form. */
  at: z.string().check(z.refine((at) => !Number.isNaN(Date.parse(at)))),
  result: z.enum(['passed', 'failed']),
  reason: z.nullable(z.string()),
  /** Digest of the manifest that was verified (manifest/digest.ts). */
  manifest: z.string(),
  /** Digest of the copies' sizes and mtimes at that time (`copiesDigest`). */
  copies: z.string(),
  /** Names of the datasets that did not match. */
  failed: z.array(z.string()),
  datasets: z.catch(z.array(datasetSchema), []),
});

const told = z.catch(z.nullable(z.string()), null);
const whoSchema = z.object({
  host: told,
  user: told,
  program: told,
  seconds: z.catch(z.nullable(z.number()), null),
});

/** What is read back. */
export type VerificationRecord = z.infer<typeof recordSchema>;
export type ToldVerification = VerificationRecord & z.infer<typeof whoSchema>;
/** What is written. */
export type FullRecord = VerificationRecord & {
  datasets: DatasetResult[];
  seconds: number;
  host: string;
  user: string;
  program: string;
};

/** Says whether any copy's size (bytes) or mtime (ms) changed since; absent copies count with null. */
export function copiesDigest(
  copies: Iterable<{name: string; bytes: number | null; mtimeMs: number | null}>,
): string {
  const hash = createHash('sha256');
  for (const copy of copies) hash.update(JSON.stringify([copy.name, copy.bytes, copy.mtimeMs]));
  return hash.digest('hex');
}

const firstChunk = 64 * 1024;
const largestTail = 16 * 1024 * 1024;
/** Lines looked at from the end; a file with so many lines that are not ours is not ours. */
const mostLines = 50;

/** The last lines of a file, newest first, as far as they were finished; none where it cannot be read. */
function* lastLines(directory: string): Generator<string> {
  const path = `${directory}/${recordName}`;
  try {
    const before = seenAt(path);
    if (!before || notRegular(before)) return;
    const fd = fs.openSync(path, safeRead);
    using _ = closing(fd);
    const {size} = fs.fstatSync(fd);
    let tried = 0;
    for (let chunk = firstChunk; ; chunk *= 8) {
      const length = Math.min(size, chunk, largestTail);
      const data = Buffer.alloc(length);
      fs.readSync(fd, data, 0, length, size - length);
      const whole = length === size;
      // The first piece may be the tail of a longer line, the last one a line that was never finished.
      const lines = data
        .toString('utf8')
        .split('\n')
        .slice(whole ? 0 : 1, -1)
        .reverse();
      yield* lines.slice(tried, mostLines);
      tried = lines.length;
      if (whole || tried >= mostLines || length === largestTail) return;
    }
  } catch {
    // Not ours to report: the row then says "never" or "unknown", which is all that is known without the record.
  }
}

/** The last whole line that is a record of ours; what cannot be read or parsed is passed over. */
export function lastVerification(directory: string): VerificationRecord | null {
  for (const line of lastLines(directory)) {
    const parsed = parseRecord(line);
    if (parsed) return parsed;
  }
  return null;
}

/** The last records, newest first, with who made each and where. */
export function recentVerifications(directory: string, most: number): ToldVerification[] {
  const found: ToldVerification[] = [];
  for (const line of lastLines(directory)) {
    const parsed = parseRecord(line);
    if (parsed) found.push({...parsed, ...whoSchema.parse(JSON.parse(line))});
    if (found.length === most) break;
  }
  return found;
}

export const parseRecord = (line: string): VerificationRecord | null => parseAs(recordSchema, line);

/**
 * Appends one line, durable, in a file of the backup directory's own owner and mode.
 * @throws the system call's error where the operator may not write there
 */
export function appendRecord(directory: string, record: FullRecord): void {
  const path = `${directory}/${recordName}`;
  const flags = constants.O_RDWR | constants.O_APPEND;
  const existing = seenAt(path);
  const owner = fs.statSync(directory);
  const fd = openOurs(path, existing ? flags : flags | constants.O_CREAT | constants.O_EXCL, owner);
  using _ = closing(fd);
  const {size} = fs.fstatSync(fd);
  if (!existing) owns(fd, owner, owner.mode & 0o666);
  const line = Buffer.from(`${isTorn(fd, size) ? '\n' : ''}${asciiJson(record)}\n`);
  let written = 0;
  try {
    writeAll(fd, line, null, (count) => {
      written = count;
    });
  } catch (error) {
    blankOut(fd, written);
    throw error;
  }
  fs.fsyncSync(fd);
}

/**
 * Makes half a line that was just written an empty one. Cutting it off could cut off what another process has appended
 * behind it; writing over what is there needs no room on a full disk.
 */
function blankOut(fd: number, written: number): void {
  if (written === 0) return;
  const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`).toString('latin1');
  const end = Number(/^pos:\s*(\d+)$/m.exec(info)?.[1]);
  // What is open here only appends, wherever it is told to write.
  const over = fs.openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY);
  using _ = closing(over);
  fs.writeSync(over, Buffer.from('\n'.padStart(written)), 0, written, end - written);
}
