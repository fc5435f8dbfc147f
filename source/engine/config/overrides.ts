import path from 'node:path';
import {readDataset} from '../datasets/all.ts';
import type {Configuration} from './configuration.ts';
import {type OwnFile, ownFileName, readOwnFile} from './own-file.ts';

/** Every command of it, with the name of its list. */
function hooksIn({on = {}, seconds: _, ...around}: NonNullable<OwnFile['hooks']>): Configuration['hooks'] {
  const lists: [string, string[][] | undefined][] = [
    ...Object.entries(around),
    ...Object.entries(on).map(([event, list]): [string, string[][] | undefined] => [`on.${event}`, list]),
  ];
  return lists.flatMap(([name, list = []]) => list.map((command) => ({name: `hooks.${name}`, command})));
}

/** Our own file: over the PHP configuration. */
export function fromOwnFile(configuration: Configuration, root: string): void {
  const file = readOwnFile(root, configuration.faults);
  const own = file?.backup;
  const from = ownFileName;
  configuration.hooks = hooksIn(file?.hooks ?? {});
  if (own?.enabled !== undefined) configuration.enabled = {value: own.enabled, from, problem: null};
  if (own?.path !== undefined)
    configuration.path = {value: path.resolve(root, own.path), from, problem: null};
  if (own?.algorithm !== undefined) configuration.algorithm = {value: own.algorithm, from, problem: null};
  if (own?.max_count !== undefined)
    configuration.maxCount = {
      value: own.max_count !== null && own.max_count > 0 ? own.max_count : null,
      from,
      problem: null,
    };
  if (own?.datasets !== undefined) {
    const value = own.datasets.map((entry) => readDataset(entry, root, from));
    const lastOfEach = new Map(value.map((each) => [each.name, each]));
    configuration.datasets = {value: [...lastOfEach.values()], from, problem: null};
  }
}

/** `MAGDS_BACKUP_…` of the process: over the files, below flags. */
export function fromProcess(configuration: Configuration, root: string, env: NodeJS.ProcessEnv): void {
  const apply = (name: string, set: (value: string, from: string) => void): void => {
    const value = env[name];
    if (value !== undefined && value !== '') set(value, name);
  };
  apply('MAGDS_BACKUP_ENABLED', (value, from) => {
    const known = /^(1|true|yes|0|false|no)$/i.test(value);
    configuration.enabled = known
      ? {value: /^(1|true|yes)$/i.test(value), from, problem: null}
      : {...configuration.enabled, problem: `${from}=${value} is neither true nor false`};
  });
  apply('MAGDS_BACKUP_PATH', (value, from) => {
    configuration.path = {value: path.resolve(root, value), from, problem: null};
  });
  apply('MAGDS_BACKUP_ALGORITHM', (value, from) => {
    configuration.algorithm = {value, from, problem: null};
  });
  apply('MAGDS_BACKUP_MAX_COUNT', (value, from) => {
    const number = Number(value);
    configuration.maxCount = /^-?\d{1,9}$/.test(value)
      ? {value: number > 0 ? number : null, from, problem: null}
      : {...configuration.maxCount, problem: `${from}=${value} is no number`};
  });
}
