import fs, {constants} from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import {Directory} from '../base/directory.ts';
import {closing, inodeOf} from '../base/files.ts';
import {openInside} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {type Finding, findingSchema, kindByName, notChecked} from '../storage/content.ts';
import {checkDump} from './check-dump.ts';
import {checkJson} from './check-json.ts';
import {checkSqlite} from './check-sqlite.ts';
import {headLength, sniff} from './sniff.ts';

/** A copy to look into. */
export const jobSchema = z.object({
  /** The backup, and the names below it that lead to the copy. */
  directory: z.string(),
  segments: z.array(z.string()),
  /** As it was verified: the answer is about those bytes, or there is none. */
  bytes: z.number(),
  mtimeMs: z.number(),
  /** A private directory for a copy, and its inode; null before it is known that one is needed. */
  into: z.nullable(z.object({path: z.string(), inode: z.string()})),
});
export type ContentJob = z.infer<typeof jobSchema>;

/** `neither`: nothing that is known to be checked. `needs a copy`: of so many bytes, in a directory that has to be named. */
export const answerSchema = z.union([
  z.object({is: z.literal('found'), finding: findingSchema}),
  z.object({is: z.literal('neither')}),
  z.object({is: z.literal('needs a copy'), bytes: z.number()}),
]);
export type ContentAnswer = z.infer<typeof answerSchema>;

const copyName = 'database';

/** Copies an open database, sharing its blocks where the file system can, and asks SQLite about the copy. */
async function checkCopy(
  fd: number,
  size: number,
  {path: into, inode}: NonNullable<ContentJob['into']>,
): Promise<Finding> {
  using directory = Directory.open(into);
  if (inodeOf(directory.stats) !== inode)
    return notChecked('sqlite', 'the directory for its private copy was swapped');
  const copy = `${directory.path}/${copyName}`;
  try {
    fs.copyFileSync(`/proc/self/fd/${fd}`, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    fs.chmodSync(copy, 0o600);
  } catch (error) {
    return notChecked('sqlite', `it cannot be copied for the check: ${describeError(error)}`);
  }
  if (fs.statSync(copy).size !== size) return notChecked('sqlite', 'it was written to while it was copied');
  const finding = await checkSqlite(path.join(into, copyName), size);
  fs.unlinkSync(copy);
  return finding;
}

/** Looks into one copy; never throws for what is on the disk. */
export async function answer({
  directory,
  segments,
  bytes,
  mtimeMs,
  into,
}: ContentJob): Promise<ContentAnswer> {
  const name = segments.at(-1) ?? '';
  const found = (finding: Finding): ContentAnswer => ({is: 'found', finding});
  const unknown = (reason: string): ContentAnswer => found(notChecked(kindByName(name), reason));
  const opened = openInside(directory, segments);
  if ('status' in opened) return unknown(opened.reason);
  const {fd, stats} = opened;
  const isSame = (size: number, time: number): boolean => size === bytes && time === mtimeMs;
  const changed = 'the copy was written to since it was verified';
  using _ = closing(fd);
  try {
    if (!isSame(stats.size, stats.mtimeMs)) return unknown(changed);
    const head = Buffer.alloc(headLength);
    const sniffed = sniff(name, head.subarray(0, fs.readSync(fd, head, 0, headLength, 0)));
    if (sniffed === null) return {is: 'neither'};
    if ('why' in sniffed) return found(notChecked('sqlite', sniffed.why));
    if (sniffed.kind === 'sqlite' && into === null) return {is: 'needs a copy', bytes: stats.size};
    const finding =
      sniffed.kind === 'sqlite' && into !== null
        ? await checkCopy(fd, stats.size, into)
        : sniffed.kind === 'dump'
          ? await checkDump(fd)
          : checkJson(fd, stats.size, sniffed.sure);
    const after = fs.fstatSync(fd);
    if (!isSame(after.size, after.mtimeMs)) return unknown(changed);
    return finding === null ? {is: 'neither'} : found(finding);
  } catch (error) {
    return unknown(`it cannot be read: ${describeError(error)}`);
  }
}
