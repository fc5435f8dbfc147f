import {createHash} from 'node:crypto';
import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import {notRegular, safeRead} from './files.ts';
import type {DatasetResult} from './verify.ts';

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
});

export type VerificationRecord = z.infer<typeof recordSchema>;
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
const largestLine = 16 * 1024 * 1024;

/** The last whole line that is a record of ours; what cannot be read or parsed is passed over. */
export function lastVerification(directory: string): VerificationRecord | null {
  const path = `${directory}/${recordName}`;
  const before = fs.lstatSync(path, {throwIfNoEntry: false});
  if (!before || notRegular(before)) return null;
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, safeRead);
    const {size} = fs.fstatSync(fd);
    for (let chunk = firstChunk; ; chunk *= 8) {
      const length = Math.min(size, chunk);
      const data = Buffer.alloc(length);
      fs.readSync(fd, data, 0, length, size - length);
      const found = parseLast(data.toString('utf8'), length === size);
      if (found || length === size || chunk > largestLine) return found;
    }
  } catch {
    // Not ours to report: the row then says "never" or "unknown", which is all that is known without the record.
    return null;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function parseLast(text: string, whole: boolean): VerificationRecord | null {
  const lines = text.split('\n');
  // The first piece may be the tail of a longer line, the last one a line that was never finished.
  for (const line of lines.slice(whole ? 0 : 1, -1).reverse()) {
    const parsed = parseRecord(line);
    if (parsed) return parsed;
  }
  return null;
}

export function parseRecord(line: string): VerificationRecord | null {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Appends one line, durable, in a file of the backup directory's own owner and mode.
 * @throws the system call's error where the operator may not write there
 */
export function appendRecord(directory: string, record: FullRecord): void {
  const path = `${directory}/${recordName}`;
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const existing = fs.lstatSync(path, {throwIfNoEntry: false});
  const kind = existing && notRegular(existing);
  if (kind) throw new Error(`it is ${kind}, not a file`);
  const owner = fs.statSync(directory);
  const fd = existing
    ? fs.openSync(path, flags)
    : fs.openSync(path, flags | constants.O_CREAT | constants.O_EXCL, owner.mode & 0o666);
  try {
    const {size} = fs.fstatSync(fd);
    if (!existing) takeOwner(fd, owner);
    const last = Buffer.alloc(1);
    const torn = size > 0 && fs.readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    const line = Buffer.from(`${torn ? '\n' : ''}${JSON.stringify(record)}\n`);
    for (let written = 0; written < line.length; ) written += fs.writeSync(fd, line, written);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** What we create belongs to whom the directory belongs to, where we may give it away. */
function takeOwner(fd: number, owner: fs.Stats): void {
  if (process.getuid?.() === 0) fs.fchownSync(fd, owner.uid, owner.gid);
  fs.fchmodSync(fd, owner.mode & 0o666);
}
