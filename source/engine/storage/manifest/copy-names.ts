import path from 'node:path';

/** A directory's name made of a dataset's: what could lead elsewhere or cannot be typed becomes `-`. */
function plainName(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9._-]/g, '-').slice(0, 100);
  return /^\.*$/.test(plain) ? `dataset${plain.replaceAll('.', '-')}` : plain;
}

/**
 * Where the copy of each dataset goes, below `datasets/` of the backup: that of one file to its basename, as PHP does;
 * those whose basenames clash, of which PHP loses all but the last, and those of many files to a directory named after
 * the dataset.
 * @param datasets `basename`: of the only copy, null where there are many; those of one `group`, whose basenames differ,
 * share such a directory
 * @returns segments for each dataset, all different, none inside another; a directory's own is where its files go
 */
export function copyNames(datasets: {name: string; basename: string | null; group?: string}[]): string[][] {
  const count = new Map<string, number>();
  for (const {basename} of datasets)
    if (basename !== null) count.set(basename, (count.get(basename) ?? 0) + 1);
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
  return datasets.map(({name, basename, group}) => {
    if (basename && count.get(basename) === 1) return [basename];
    const known = group === undefined ? undefined : groups.get(group);
    const directory =
      known ?? ownDirectory(group !== undefined && name.includes('/') ? path.dirname(name) : name);
    if (group !== undefined) groups.set(group, directory);
    return basename ? [directory, basename] : [directory];
  });
}
