import fs from 'node:fs';
import type {ConfiguredDataset} from './config/effective.ts';

/** A live file that was written to just now: its dataset, and seconds since. */
export type Write = {name: string; seconds: number};

/** Seconds within which a write counts as going on. */
const recently = 30;

/** A clock of a file server may be this much ahead. Seconds. */
const ahead = 2;

/** Datasets that are looked at: each costs a few system calls. */
const most = 100;

/** SQLite writes beside the database first. An empty one is made by whoever only reads. */
const besides = ['-wal', '-journal'];

async function lastWrite({source, type}: ConfiguredDataset): Promise<number> {
  const files = type === 'file' ? [source, ...besides.map((suffix) => source + suffix)] : [source];
  const times = await Promise.all(
    files.map(async (file) => {
      try {
        const {mtimeMs, size} = await fs.promises.stat(file);
        return file === source || size > 0 ? mtimeMs : Number.NEGATIVE_INFINITY;
      } catch {
        // Whether it is there, and may be looked at, the details and the plan say.
        return Number.NEGATIVE_INFINITY;
      }
    }),
  );
  return Math.max(...times);
}

/**
 * Which configured datasets were written to within the last half minute, by their files' times alone; the latest first.
 * Of a directory only what came and went in it is seen.
 * @param now milliseconds since the epoch
 */
export async function recentWrites(datasets: ConfiguredDataset[], now: number): Promise<Write[]> {
  const writes: Write[] = [];
  for (const dataset of datasets.slice(0, most)) {
    const seconds = (now - (await lastWrite(dataset))) / 1000;
    if (seconds >= -ahead && seconds < recently)
      writes.push({name: dataset.name, seconds: Math.max(0, Math.floor(seconds))});
  }
  return writes.sort((a, b) => a.seconds - b.seconds);
}
