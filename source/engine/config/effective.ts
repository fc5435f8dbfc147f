import {check, findBlocking} from './judge.ts';
import {type Fault, type Layered, loadLayers} from './layers.ts';
import {fromOwnFile, fromProcess} from './overrides.ts';
import {ownFileName} from './own-file.ts';
import {describeOrder} from './php-ini.ts';
import {count, defaults, readDatasets, Settings, text} from './php-settings.ts';
import {isTruthy} from './php-value.ts';

/** One effective value and where it came from. */
export type Setting<T> = {
  value: T;
  /** `config/base/magds.php:12`, `storage/runbook/config.json`, `MAGDS_BACKUP_PATH`, or `default`. */
  from: string;
  /** What is wrong with it, and what to do; null when nothing is. */
  problem: string | null;
};

export type ConfiguredDataset = {
  name: string;
  /** Absolute path. */
  source: string;
  type: 'file' | 'directory';
  from: string;
};

export type Configuration = {
  environment: Setting<string>;
  /** `.env` and the process disagree: nothing is written before `--env` decides. */
  conflict: Layered['conflict'];
  /** The same of other variables, which may stand in any value. */
  doubt: Layered['doubt'];
  enabled: Setting<boolean>;
  /** Absolute path of the backups directory. */
  path: Setting<string>;
  datasets: Setting<ConfiguredDataset[]>;
  algorithm: Setting<string>;
  /** Null keeps all. */
  maxCount: Setting<number | null>;
  auditLog: Setting<string>;
  /** Name of the data store's connection: manifests record it. Null where none is configured. */
  connection: string | null;
  /** The site's own commands, by the name of their list in our own file. */
  hooks: {name: string; command: string[]}[];
  /** What PHP itself goes by, whatever we were told beside: where its backups lie, and how many it keeps (null: all). */
  php: {path: string; maxCount: number | null};
  /** What has to be settled before anything is written; empty when all is known. */
  blocking: string[];
  /** False for a tree without configuration files, copied without them perhaps: the defaults are then only a guess. */
  found: boolean;
  faults: Fault[];
};

const environmentFrom = ({environmentFrom: from, envLeadsTo}: Layered): string =>
  from === '.env' && envLeadsTo !== null ? `${from}, a link to ${envLeadsTo}` : from;

/**
 * Every value that matters to us, and where it came from: the PHP configuration, over it our own file, over it the
 * process's `MAGDS_BACKUP_…`.
 * @param given the environment named by `--env`
 */
export async function loadConfiguration(
  root: string,
  env: NodeJS.ProcessEnv,
  given?: string,
): Promise<Configuration> {
  const layered = await loadLayers(root, env, given);
  const settings = new Settings(root, layered.merged);
  const read = settings.read.bind(settings);
  const pathSetting = read(['magds', 'backup', 'path'], defaults.path, text);
  const auditLog = read(['security', 'audit_log', 'path'], defaults.auditLog, text);
  const {datasets, notes} = readDatasets(settings);
  const maxCount = read<number | null>(['magds', 'backup', 'retention', 'max_count'], null, count);
  const backupsPath = settings.absolute(pathSetting.value);
  const configuration: Configuration = {
    environment: {value: layered.environment, from: environmentFrom(layered), problem: null},
    conflict: layered.conflict,
    doubt: layered.doubt,
    enabled: read(['magds', 'backup', 'enabled'], true, isTruthy),
    path: {...pathSetting, value: backupsPath},
    datasets,
    algorithm: read(['magds', 'backup', 'verification', 'algorithm'], defaults.algorithm, text),
    maxCount,
    auditLog: {...auditLog, value: settings.absolute(auditLog.value)},
    hooks: [],
    connection: read<string | null>(['magds', 'primary', 'connection'], null, text).value,
    php: {path: backupsPath, maxCount: maxCount.value},
    blocking: [],
    found: layered.files.length > 0,
    faults: layered.faults,
  };
  fromOwnFile(configuration, root);
  fromProcess(configuration, root, env);
  configuration.blocking = findBlocking(configuration);
  if (configuration.datasets === datasets && notes.length > 0) {
    const problem = [datasets.problem, ...notes].filter(Boolean).join('; ');
    configuration.datasets = {...datasets, problem};
  }
  check(configuration, root);
  return configuration;
}

/** Names of the datasets configured now; null where no configuration says. */
export const configuredNames = ({datasets, found}: Configuration): string[] | null =>
  (found || datasets.from !== 'default') && !datasets.problem?.startsWith('cannot be told')
    ? datasets.value.map(({name}) => name)
    : null;

/** What has to be known of it beside the values, a line each: the same for the command and the screen. */
export function remarksOn({conflict, doubt}: Configuration): string[] {
  const remarks: string[] = [];
  if (conflict) {
    const counts = describeOrder(conflict.order);
    remarks.push(
      `.env says ${conflict.file}, the process says ${conflict.process}: ${counts}. Settle it with --env.`,
    );
  }
  // What a php.ini says is a fact, and no news.
  if (doubt && doubt.order.from === null)
    remarks.push(
      `.env and the process differ on ${doubt.names.slice(0, 6).join(', ')}: ${describeOrder(doubt.order)}`,
    );
  return remarks;
}

export type DescribedSetting = {name: string; value: string; from: string; problem: string | null};

/** Every value as a line: the same for the command, the screen and the documentation. */
export function describeConfiguration(configuration: Configuration): DescribedSetting[] {
  const line = <T>(
    name: string,
    setting: Setting<T>,
    show: (value: T) => string = String,
  ): DescribedSetting => ({
    name,
    value: show(setting.value),
    from: setting.from,
    problem: setting.problem,
  });
  const {datasets} = configuration;
  return [
    line('environment', configuration.environment),
    line('backup.enabled', configuration.enabled),
    line('backup.path', configuration.path),
    line('backup.verification.algorithm', configuration.algorithm),
    line('backup.retention.max_count', configuration.maxCount, (value) =>
      value === null ? 'keep all' : String(value),
    ),
    line('backup.datasets', datasets, (value) => String(value.length)),
    ...datasets.value.map(({name, source, type, from}) => ({
      name: `dataset ${name}`,
      value: type === 'file' ? source : `${source} (${type})`,
      from,
      problem: null,
    })),
    line('audit log', configuration.auditLog),
    ...configuration.hooks.map(({name, command}) => ({
      name,
      value: command.join(' '),
      from: ownFileName,
      problem: null,
    })),
  ];
}
