import path from 'node:path';
import {readDataset} from '../datasets/all.ts';
import type {Configuration, Setting} from './configuration.ts';
import {hookOf, type OwnFile, ownFileName, readOwnFile} from './own-file.ts';

/** Every command of it, with the name of its list. */
function hooksIn({on = {}, seconds: _, ...around}: NonNullable<OwnFile['hooks']>): Configuration['hooks'] {
  const lists = [
    ...Object.entries(around),
    ...Object.entries(on).map(([event, list]) => [`on.${event}`, list] as const),
  ];
  return lists.flatMap(([name, list = []]) => list.map((each) => ({name: `hooks.${name}`, ...hookOf(each)})));
}

/** A value that stands over what was configured below it. */
const settingFrom =
  (from: string) =>
  <T>(value: T): Setting<T> => ({value, from, problem: null});

/** Null keeps all. */
const countOf = (given: number | null): number | null => (given !== null && given > 0 ? given : null);

/** Our own file: over the PHP configuration. */
export function fromOwnFile(configuration: Configuration, root: string): void {
  const file = readOwnFile(root, configuration.faults);
  const {enabled, path: directory, algorithm, max_count, datasets} = file?.backup ?? {};
  const own = settingFrom(ownFileName);
  configuration.hooks = hooksIn(file?.hooks ?? {});
  if (enabled !== undefined) configuration.enabled = own(enabled);
  if (directory !== undefined) configuration.path = own(path.resolve(root, directory));
  if (algorithm !== undefined) configuration.algorithm = own(algorithm);
  if (max_count !== undefined) configuration.maxCount = own(countOf(max_count));
  if (datasets === undefined) return;
  const read = datasets.map((entry) => readDataset(entry, root, ownFileName));
  configuration.datasets = own([...new Map(read.map((each) => [each.name, each])).values()]);
}

/** `MAGDS_BACKUP_…` of the process: over the files, below flags. */
export function fromProcess(configuration: Configuration, root: string, env: NodeJS.ProcessEnv): void {
  const apply = (name: string, set: (value: string, from: string) => void): void => {
    const value = env[name];
    if (value !== undefined && value !== '') set(value, name);
  };
  apply('MAGDS_BACKUP_ENABLED', (value, from) => {
    configuration.enabled = /^(1|true|yes|0|false|no)$/i.test(value)
      ? settingFrom(from)(/^(1|true|yes)$/i.test(value))
      : {...configuration.enabled, problem: `${from}=${value} is neither true nor false`};
  });
  apply('MAGDS_BACKUP_PATH', (value, from) => {
    configuration.path = settingFrom(from)(path.resolve(root, value));
  });
  apply('MAGDS_BACKUP_ALGORITHM', (value, from) => {
    configuration.algorithm = settingFrom(from)(value);
  });
  apply('MAGDS_BACKUP_MAX_COUNT', (value, from) => {
    configuration.maxCount = /^-?\d{1,9}$/.test(value)
      ? settingFrom(from)(countOf(Number(value)))
      : {...configuration.maxCount, problem: `${from}=${value} is not a number`};
  });
}
