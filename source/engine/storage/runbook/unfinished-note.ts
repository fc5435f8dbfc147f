import type {Stats} from 'node:fs';
import * as z from 'zod/mini';
import {readSmallFile} from '../../base/files.ts';
import {parseAs} from '../../base/parse-as.ts';
import {looksLikeBackupId} from '../backup-id.ts';

export const noteName = 'unfinished.json';

/**
 * A directory in the backups directory that is ours to remove while it has no manifest. Needed only where the backups
 * lie on another file system, so that a rename cannot make a backup appear or go at once.
 */
const entrySchema = z.object({
  /** Absolute path of the backups directory, and which directory that was: the disk may be away when it is read. */
  backups: z.string(),
  place: z.string(),
  id: z.string(),
  /**
   * Which directory it is, so that nothing put in its place is taken for it. Null until it has been made: one that is
   * there nevertheless may be another user's, and is ours to remove only while it is empty.
   */
  directory: z.nullable(z.string()),
});

export type Unfinished = z.infer<typeof entrySchema>;

const noteSchema = z.object({version: z.literal(1), directories: z.array(entrySchema)});

/** Tells a directory from any other of its file system. Numbers of devices are given anew at each mount: left out. */
export const directoryIdentity = ({ino, birthtimeMs}: Stats): string => `${ino}:${birthtimeMs}`;

export const noteText = (directories: Unfinished[]): z.infer<typeof noteSchema> => ({
  version: 1,
  directories,
});

/** What is noted in a state directory; nothing where there is no note, or it was torn: then nothing had been begun. */
export function readNote(state: string): Unfinished[] {
  const read = readSmallFile(`${state}/${noteName}`, 64 * 1024);
  const directories = 'data' in read ? (parseAs(noteSchema, read.data)?.directories ?? []) : [];
  // A user who may write our state may have forged it: it names a backup, nothing else, nor a way out of the directory.
  return directories.filter(({id}) => looksLikeBackupId(id) && !/[/\0]/.test(id));
}
