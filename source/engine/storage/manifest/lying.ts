import fs from 'node:fs';
import path from 'node:path';
import {seenAt} from '../../base/files.ts';

/** A file below `datasets/` of a backup. */
export type LyingFile = {segments: string[]; bytes: number; mtimeMs: number};

/** Files that are looked at: of more it is said that there are more. */
export const mostLying = 500;

/**
 * What lies in a backup that has no manifest, up to one file more than are looked at. No link is followed.
 * @param directory of the backup
 * @throws the system call's error where its copies cannot be listed; none where there is no place for them
 */
export function lyingIn(directory: string): LyingFile[] {
  const found: LyingFile[] = [];
  const waiting = [['datasets']];
  for (let way = waiting.shift(); way && found.length <= mostLying; way = waiting.shift()) {
    const at = [directory, ...way].join('/');
    const stats = seenAt(at);
    if (stats?.isDirectory()) for (const name of fs.readdirSync(at).toSorted()) waiting.push([...way, name]);
    else if (stats?.isFile()) found.push({segments: way, bytes: stats.size, mtimeMs: stats.mtimeMs});
  }
  return found;
}

/** Which dataset a copy is of, by the name of its live file: where no manifest says it, the configuration may. */
export type SourceNames = ReadonlyMap<string, string>;

export const sourceNames = (datasets: {name: string; source: string}[]): SourceNames =>
  new Map(datasets.map(({name, source}) => [path.basename(source), name]));

/** What a manifest would call it: the configured dataset, else its own name without its ending. */
export function lyingName({segments}: LyingFile, sources: SourceNames): string {
  const [, top = '', ...below] = segments;
  const known = sources.get(top);
  if (below.length > 0) return [known ?? top, ...below].join('/');
  return known ?? path.parse(top).name;
}
