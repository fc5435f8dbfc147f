import type {ConfiguredDataset} from '../datasets/type.ts';

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
  const trees = datasets.filter(({type}) => type.isTree);
  const namesAbove = aboveOf(trees.map(({name}) => name));
  const sourcesAbove = aboveOf(trees.map(({source}) => source));
  const byName = Map.groupBy(datasets.entries(), ([, {name}]) => name);
  return {
    names: new Set(datasets.map(({name}) => name)),
    sourceOf(name) {
      const fitting = [name, ...namesAbove(name)].flatMap((each) => byName.get(each) ?? []);
      // Of two that fit, the first one counts.
      for (const [, dataset] of fitting.toSorted(([a], [b]) => a - b)) {
        const target = dataset.type.targetOf(dataset, name);
        if (target !== null) return target;
      }
      return undefined;
    },
    covers: (file) => sources.has(file) || sourcesAbove(file).length > 0,
  };
}
