import fs, {constants} from 'node:fs';
import * as z from 'zod/mini';
import {asciiJson} from '../escape.ts';
import {readSmallFile} from '../files.ts';
import {userNameOf} from '../owner.ts';
import {describeError} from '../problem.ts';
import {syncDirectory} from '../replace-file.ts';

const stamp = z.object({dev: z.string(), ino: z.string(), size: z.number(), mtimeNs: z.string()});
const name = z.string().check(z.regex(/^[^/\0]+$/));
const before = z.discriminatedUnion('kind', [
  z.object({kind: z.literal('absent'), missing: z.array(name)}),
  z.object({
    kind: z.literal('file'),
    stamp,
    hash: z.string(),
    mode: z.int(),
    uid: z.int(),
    gid: z.int(),
  }),
]);

const itemSchema = z.object({
  dataset: z.string(),
  /** What lies beside a database goes with it. */
  role: z.enum(['dataset', 'sidecar']),
  action: z.enum(['put', 'remove']),
  place: z.object({path: z.string(), base: z.string(), segments: z.array(name).check(z.minLength(1))}),
  algorithm: z.string(),
  /** As it was when the transaction began. */
  old: before,
  /** What it becomes; null where it is removed. `stamp` once the file is staged. */
  new: z.nullable(z.object({hash: z.string(), bytes: z.number(), stamp: z.nullable(stamp)})),
  /** Names beside the target: what is staged, and the second name of the old file. */
  temporary: name,
  aside: name,
  /** Name in the safety backup's manifest; null where it is not in it. */
  safety: z.nullable(z.string()),
});

const journalSchema = z.object({
  version: z.literal(1),
  session: z.int(),
  root: z.string(),
  /** The backup's id, or for an undo the safety backup's. */
  id: z.string(),
  phase: z.enum(['prepare', 'commit', 'done', 'rolled-back']),
  drill: z.boolean(),
  /** Session that this one takes back; null for an ordinary restore. */
  undoes: z.nullable(z.int()),
  /** Id of the safety backup; null where there is none. */
  safety: z.nullable(z.string()),
  /** What was kept for the way back has been released. */
  closed: z.boolean(),
  process: z.object({pid: z.int(), started: z.string(), host: z.string()}),
  items: z.array(itemSchema),
});

export type JournalItem = z.infer<typeof itemSchema>;
export type Journal = z.infer<typeof journalSchema>;

export const journalName = 'journal.json';
const largest = 64 * 1024 * 1024;

/** Writes the journal whole, durable before this returns. Whoever runs owns it: only he and root may say what is done. */
export function writeJournal(directory: string, journal: Journal): void {
  const temporary = `${directory}/.${journalName}.new`;
  fs.rmSync(temporary, {force: true});
  const fd = fs.openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const data = Buffer.from(`${asciiJson(journal)}\n`);
    for (let written = 0; written < data.length; ) written += fs.writeSync(fd, data, written);
    fs.fchmodSync(fd, 0o644);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(temporary, `${directory}/${journalName}`);
  syncDirectory(directory);
}

export type JournalRead =
  | {
      state: 'read';
      journal: Journal /** Why it may not be acted on; null where it may. */;
      untrusted: string | null;
    }
  | {state: 'none'}
  | {state: 'unreadable'; reason: string};

/**
 * Who may say what is written where: root, or whoever runs this, and nobody else (RESTORE.md, "whom it obeys").
 * @param directory as a path that stays what it is
 */
function whyUntrusted(directory: string): string | null {
  const me = process.getuid?.() ?? 0;
  for (const file of [`${directory}/.`, `${directory}/${journalName}`]) {
    const stats = fs.lstatSync(file);
    if (stats.uid !== 0 && stats.uid !== me) {
      const owner = userNameOf(stats.uid);
      return `it belongs to ${owner}, not to you or root: run as ${owner} (sudo -u ${owner} magds …)`;
    }
    if ((stats.mode & 0o022) !== 0) return 'others may write it';
  }
  return null;
}

export function readJournal(directory: string): JournalRead {
  const read = readSmallFile(`${directory}/${journalName}`, largest);
  if ('missing' in read) return {state: 'none'};
  if ('reason' in read) return {state: 'unreadable', reason: `${journalName} ${read.reason}`};
  try {
    const parsed = journalSchema.safeParse(JSON.parse(read.data.toString('utf8')));
    if (!parsed.success)
      return {state: 'unreadable', reason: `${journalName} is not a journal of this program`};
    return {state: 'read', journal: parsed.data, untrusted: whyUntrusted(directory)};
  } catch (error) {
    return {state: 'unreadable', reason: `${journalName}: ${describeError(error)}`};
  }
}
