import path from 'node:path';
import {usualType} from '../datasets/all.ts';
import type {Configuration} from './configuration.ts';
import {type Databases, whyUncovered} from './databases.ts';
import {readOwnFile} from './own-file.ts';

type Entry = {name: string; [field: string]: unknown};

/**
 * The datasets for `config.json` with which every database that the PHP configuration connects to is in a backup. All
 * that are configured now are among them: the list there stands in the place of PHP's own.
 * @returns the ones that are new are the last `added`
 */
export function suggestDatasets(
  root: string,
  {datasets}: Configuration,
  {databases}: Databases,
): {entries: Entry[]; added: number} {
  const own = readOwnFile(root, [])?.backup?.datasets;
  const entries: Entry[] = own
    ? own.map((entry) => ({...entry}))
    : datasets.value.map(({name, source, type}) => ({
        name,
        source: source.startsWith(`${root}/`) ? path.relative(root, source) : source,
        ...(type !== usualType && {type: type.name}),
      }));
  const names = new Set(entries.map(({name}) => name));
  const free = (wanted: string): string => {
    let name = wanted;
    for (let number = 2; names.has(name); number++) name = `${wanted}-${number}`;
    names.add(name);
    return name;
  };
  const missing = databases.filter((each) => each.what !== null && whyUncovered(each) !== null);
  const added = missing.map(({connections: [connection = '']}) => ({
    name: free(connection),
    type: 'postgres',
    connection,
  }));
  return {entries: [...entries, ...added], added: added.length};
}
