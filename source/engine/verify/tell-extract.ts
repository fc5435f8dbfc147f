import type {RunPlace} from '../config/project.ts';
import {tellOf} from '../events/announcer.ts';
import {type Happening, mostListed} from '../storage/events.ts';
import {type Extracted, type ExtractOptions, extract} from './extract.ts';

type Told = Awaited<ReturnType<typeof extract>> & {
  /** What of it could not be told to others. */
  untold: string[];
};

/**
 * Copies out of a backup, and tells of it: data leave the tree.
 * @param place where to tell it; null tells no one
 * @throws as `extract` does; then nothing was copied, and nothing is told
 */
export async function extractAndTell(
  options: ExtractOptions,
  place: RunPlace | null,
  onProgress: (bytesDone: number, totalBytes: number) => void,
): Promise<Told> {
  const extracted = await extract(options, onProgress);
  if (place === null) return {...extracted, untold: []};
  const untold = await tellOf(place, [ofExtract(options, extracted.files)], options.signal);
  return {...extracted, untold};
}

const ofExtract = (
  {id, dataset, to}: Pick<ExtractOptions, 'id' | 'dataset' | 'to'>,
  files: Extracted[],
): Happening => ({
  action: 'magdb.backup.extracted',
  payload: {
    id,
    datasets:
      dataset === null
        ? [...new Set(files.map(({name}) => name.split('/', 1)[0] as string))].slice(0, mostListed)
        : [dataset],
    target: to,
    files: files.length,
    bytes: files.reduce((sum, {bytes}) => sum + bytes, 0),
  },
});
