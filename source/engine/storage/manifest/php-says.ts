import type {Json} from './json.ts';
import {asMap, type Dataset} from './schema.ts';

/** What PHP takes for a place elsewhere, or for none. */
const isNoPath = (source: string): boolean => source === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(source);

/** Why PHP's own verdict on a dataset, or its restore, is another than is found here; null where it is not. */
function onDataset({name, hash, source}: Dataset, entry: Json | undefined): string | null {
  const recorded = asMap(entry);
  if (recorded === null) return null;
  if ((recorded.get('algorithm') ?? null) === null)
    return `PHP verifies ${name}, which names no algorithm, by the configured one, and so does magds.`;
  if (hash !== null && hash !== hash.toLowerCase())
    return `PHP's verify fails ${name} whatever the copy holds: its hash is in capitals.`;
  if (recorded.has('source') && recorded.get('source') === null)
    return `PHP verifies ${name}, and skips it at a restore: its source is null.`;
  return source !== null && isNoPath(source)
    ? `PHP's restore dies at ${name}, with what stands before it restored: its source is not a path.`
    : null;
}

/** What PHP says of a backup where that is not what is found here (FORMAT.md, "What the PHP CLI does"); a sentence each. */
export function phpSays(tree: Json, datasets: Dataset[]): string[] {
  const top = asMap(tree);
  const metadata = top?.get('metadata') ?? null;
  const entries = asMap(top?.get('datasets'));
  const dies = metadata !== null && asMap(metadata) === null;
  return [
    ...(dies
      ? ["PHP's verify dies of this manifest, whatever the copies hold: its metadata is not a map."]
      : []),
    ...datasets.flatMap((dataset) => onDataset(dataset, entries?.get(dataset.name)) ?? []),
  ];
}
