import fs from 'node:fs';
import type {ConfiguredDataset} from './type.ts';

/** A live file that was written to just now: its dataset, and seconds since. */
export type Write = {name: string; seconds: number};

/** Seconds within which a write counts as going on. */
const recently = 30;

/** A clock of a file server may be this much ahead. Seconds. */
export const ahead = 2;

/** Datasets that are looked at: each costs a few system calls. */
const most = 100;

const nothing = {mark: '', mtimeMs: Number.NEGATIVE_INFINITY};

/** What a live file looks like from outside. */
export type LiveLook = {
  /** Inode, size and time of it, and of what is written beside it: the same for as long as nobody writes. */
  mark: string;
  /** Milliseconds since the epoch; `-Infinity` where nothing is there. */
  lastWrite: number;
};

/**
 * Looks at live files, or at a directory's own entry, and reads nothing of them. Never throws.
 * @param files what lies beside the first counts only where it holds something: an empty journal is made by a reader
 */
export async function lookAtLive(files: string[]): Promise<LiveLook> {
  const [source] = files;
  const seen = await Promise.all(
    files.map(async (file) => {
      try {
        const {ino, mtimeMs, size} = await fs.promises.stat(file);
        return file === source || size > 0 ? {mark: `${ino} ${size} ${mtimeMs}`, mtimeMs} : nothing;
      } catch {
        // Whether it is there, and may be looked at, the details and the plan say.
        return nothing;
      }
    }),
  );
  return {
    mark: seen.map(({mark}) => mark).join('/'),
    lastWrite: Math.max(...seen.map(({mtimeMs}) => mtimeMs)),
  };
}

/**
 * Which configured datasets were written to within the last half minute, by their files' times alone; the latest first.
 * Of a directory only what came and went in it is seen.
 * @param now milliseconds since the epoch
 * @param restored until when a dataset was written to by a restore, in milliseconds since the epoch: that is no service
 */
export async function recentWrites(
  datasets: ConfiguredDataset[],
  now: number,
  restored: ReadonlyMap<string, number> = new Map(),
): Promise<Write[]> {
  const writes: Write[] = [];
  for (const dataset of datasets.slice(0, most)) {
    const {lastWrite} = await lookAtLive(dataset.type.live(dataset));
    if (lastWrite <= (restored.get(dataset.name) ?? Number.NEGATIVE_INFINITY)) continue;
    const seconds = (now - lastWrite) / 1000;
    if (seconds >= -ahead && seconds < recently)
      writes.push({name: dataset.name, seconds: Math.max(0, Math.floor(seconds))});
  }
  return writes.sort((a, b) => a.seconds - b.seconds);
}
