import path from 'node:path';
import type {ConfiguredDataset} from '../dataset.ts';

/** A directory's name made of a dataset's: what could lead elsewhere or cannot be typed becomes `-`. */
function plainName(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9._-]/g, '-').slice(0, 100);
  return /^\.*$/.test(plain) ? `dataset${plain.replaceAll('.', '-')}` : plain;
}

/**
 * Where the copy of each dataset goes, below `datasets/` of the backup: a file to its basename, as PHP does; those whose
 * basenames clash, of which PHP loses all but the last, and directories to a directory named after the dataset.
 * @param datasets of which those of one `group`, whose basenames differ, share such a directory
 * @returns segments for each dataset, all different, none inside another; a directory's own is where its files go
 */
export function copyNames(
  datasets: (Pick<ConfiguredDataset, 'name' | 'source' | 'type'> & {group?: string})[],
): string[][] {
  const basenames = datasets.map(({source, type}) => (type === 'file' ? path.basename(source) : null));
  const count = new Map<string, number>();
  for (const name of basenames) if (name !== null) count.set(name, (count.get(name) ?? 0) + 1);
  const taken = new Set(count.keys());
  const lastNumber = new Map<string, number>();
  const ownDirectory = (name: string): string => {
    const plain = plainName(name);
    for (let number = (lastNumber.get(plain) ?? 0) + 1; ; number++) {
      const candidate = number === 1 ? plain : `${plain}-${number}`;
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      lastNumber.set(plain, number);
      return candidate;
    }
  };
  const groups = new Map<string, string>();
  return datasets.map(({name, group}, index) => {
    const basename = basenames[index];
    if (basename && count.get(basename) === 1) return [basename];
    const known = group === undefined ? undefined : groups.get(group);
    const directory =
      known ?? ownDirectory(group !== undefined && name.includes('/') ? path.dirname(name) : name);
    if (group !== undefined) groups.set(group, directory);
    return basename ? [directory, basename] : [directory];
  });
}
