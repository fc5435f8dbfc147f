import * as z from 'zod/mini';
import {readSmallFile} from '../files.ts';

export const noteName = 'unfinished.json';

/**
 * A directory in the backups directory that is ours to remove while it has no manifest. Needed only where the backups
 * lie on another file system, so that a rename cannot make a backup appear or go at once.
 */
const noteSchema = z.object({
  version: z.literal(1),
  /** Absolute path of the backups directory. */
  backups: z.string(),
  id: z.string(),
  /** Of the directory, so that nothing put in its place is taken for it. */
  inode: z.string(),
});

export type UnfinishedNote = z.infer<typeof noteSchema>;

/** The note in a state directory; null where there is none, or it was torn: then nothing had been begun. */
export function readNote(state: string): UnfinishedNote | null {
  const read = readSmallFile(`${state}/${noteName}`, 64 * 1024);
  if (!('data' in read)) return null;
  try {
    const parsed = noteSchema.safeParse(JSON.parse(read.data.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
