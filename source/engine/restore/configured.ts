import type {ConfiguredDataset} from '../storage/dataset.ts';

/**
 * Finds which of some paths lie above another one, for each of many: only beginnings as long as one of them are looked up.
 */
export function aboveOf(paths: string[]): (path: string) => string[] {
  const known = new Set(paths);
  const lengths = [...new Set(paths.map(({length}) => length))];
  return (path) =>
    lengths.flatMap((length) => {
      const above = path[length] === '/' ? path.slice(0, length) : '';
      return known.has(above) ? [above] : [];
    });
}

/** Where what is configured lies, to be asked for each of many files. */
export type Configured = {
  names: Set<string>;
  /** The live file of a dataset, or of a file of a directory (`dataset/relative/path`). */
  sourceOf(name: string): string | undefined;
  /** Whether a path is one that is configured, and so may be written over. */
  covers(file: string): boolean;
};

export function configuredOf(datasets: ConfiguredDataset[]): Configured {
  const sources = new Set(datasets.map(({source}) => source));
  const directories = datasets.filter(({type}) => type === 'directory');
  const namesAbove = aboveOf(directories.map(({name}) => name));
  const sourcesAbove = aboveOf(directories.map(({source}) => source));
  const at = new Map<string, number>();
  // Of two that fit, the first one counts.
  for (const [index, {type, name}] of [...datasets.entries()].reverse()) at.set(`${type} ${name}`, index);
  return {
    names: new Set(datasets.map(({name}) => name)),
    sourceOf(name) {
      const fitting = [`file ${name}`, ...namesAbove(name).map((above) => `directory ${above}`)];
      const dataset = datasets[Math.min(...fitting.map((key) => at.get(key) ?? Number.POSITIVE_INFINITY))];
      if (!dataset) return undefined;
      return dataset.type === 'file' ? dataset.source : `${dataset.source}${name.slice(dataset.name.length)}`;
    },
    covers: (file) => sources.has(file) || sourcesAbove(file).length > 0,
  };
}
