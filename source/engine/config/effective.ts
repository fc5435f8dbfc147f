import path from 'node:path';
import {isSupported} from '../hashing/algorithms.ts';
import {environments, type Fault, type Layered, loadLayers} from './layers.ts';
import {ownFileName, readOwnFile} from './own-file.ts';
import {isTruthy, type Origin, toNumber, type Value, valueAt} from './php-value.ts';

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
  /** What PHP itself goes by, whatever we were told beside: where its backups lie, and how many it keeps (null: all). */
  php: {path: string; maxCount: number | null};
  /** What has to be settled before anything is written; empty when all is known. */
  blocking: string[];
  /** False for a tree without configuration files, copied without them perhaps: the defaults are then only a guess. */
  found: boolean;
  faults: Fault[];
};

const defaults = {
  path: 'storage/backups',
  algorithm: 'sha256',
  auditLog: 'storage/logs/audit.log',
  dataset: {name: 'kernel_state', source: 'storage/state/system.json'},
};

class Settings {
  readonly #root: string;
  readonly #merged: Value;

  constructor(root: string, merged: Value) {
    this.#root = root;
    this.#merged = merged;
  }

  readonly origin = ({file, line}: Origin): string => `${path.relative(this.#root, file) || file}:${line}`;

  absolute = (file: string): string => path.resolve(this.#root, file);

  /** A setting at a path of keys; `fallback` where there is none, or where it cannot be used. */
  read<T>(keys: string[], fallback: T, accept: (value: Value) => T | undefined): Setting<T> {
    const found = valueAt(this.#merged, keys);
    if (!found || (found.kind === 'scalar' && found.value === null))
      return {value: fallback, from: 'default', problem: null};
    const from = this.origin(found);
    if (found.kind === 'unknown') {
      const advice = keys[1] === 'backup' ? `. Set it in ${ownFileName}` : '';
      const problem = `cannot be told without running PHP: ${found.expression.slice(0, 80)}${advice}`;
      return {value: fallback, from, problem};
    }
    const value = accept(found);
    return value === undefined
      ? {value: fallback, from, problem: `${keys.join('.')} is not what it should be; the default is used`}
      : {value, from, problem: null};
  }
}

const text = (value: Value): string | undefined =>
  value.kind === 'scalar' && typeof value.value === 'string' && value.value !== '' ? value.value : undefined;

/** PHP has one array type, and keys and names may be numbers in it. */
const wholeNumber = (value: Value): string | undefined =>
  value.kind === 'scalar' && Number.isSafeInteger(value.value) ? String(value.value) : undefined;

/** PHP's count: unset or not positive keeps all (FORMAT.md, "Retention"). */
function count(value: Value): number | null | undefined {
  if (value.kind !== 'scalar') return undefined;
  if (typeof value.value === 'string' && !/^\s*[+-]?\d|^$/.test(value.value)) return undefined;
  const number = Math.trunc(toNumber(value.value));
  return number > 0 ? number : null;
}

/** Of two datasets with one name the last wins; an entry without a name or a source cannot be backed up. */
function readDatasets(settings: Settings): {datasets: Setting<ConfiguredDataset[]>; notes: string[]} {
  const problems: string[] = [];
  const notes: string[] = [];
  const found = settings.read<ConfiguredDataset[]>(['magds', 'backup', 'datasets'], [], (value) => {
    if (value.kind !== 'array') return undefined;
    const byName = new Map<string, ConfiguredDataset>();
    for (const [key, entry] of value.items) {
      const field = (name: string) => valueAt(entry, [name]);
      const [name, source, type] = [field('name'), field('source'), field('type')];
      const plain = {name: name && (text(name) ?? wholeNumber(name)), source: source && text(source)};
      if (!plain.name || !plain.source) {
        const hidden = [name, source, entry].find((each) => each?.kind === 'unknown');
        const why =
          hidden?.kind === 'unknown'
            ? `cannot be told without running PHP: ${hidden.expression.slice(0, 80)}`
            : 'has no name or no source';
        problems.push(`dataset ${key} (${settings.origin(entry)}) ${why}`);
        continue;
      }
      if (type && text(type) !== 'file')
        notes.push(`dataset ${plain.name} is of type "${text(type) ?? '?'}": PHP's run aborts on it`);
      byName.set(plain.name, {
        name: plain.name,
        source: settings.absolute(plain.source),
        type: 'file',
        from: settings.origin(entry),
      });
    }
    return [...byName.values()];
  });
  const fallback = {
    ...defaults.dataset,
    source: settings.absolute(defaults.dataset.source),
    type: 'file' as const,
    from: 'default',
  };
  const told = problems.length === 0 && !found.problem?.startsWith('cannot be told');
  const value = found.value.length === 0 && told ? [fallback] : found.value;
  return {datasets: {...found, value, problem: problems.join('; ') || found.problem}, notes};
}

/** `MAGDS_BACKUP_…` of the process: over the files, below flags. */
function fromProcess(configuration: Configuration, root: string, env: NodeJS.ProcessEnv): void {
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

function fromOwnFile(configuration: Configuration, root: string): void {
  const own = readOwnFile(root, configuration.faults)?.backup;
  const from = ownFileName;
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
    const value = own.datasets.map(({name, source, type}) => ({
      name,
      source: path.resolve(root, source),
      type: type ?? ('file' as const),
      from,
    }));
    const lastOfEach = new Map(value.map((each) => [each.name, each]));
    configuration.datasets = {value: [...lastOfEach.values()], from, problem: null};
  }
}

/** Where nobody knows what is meant, nothing is written. */
function findBlocking({
  environment,
  enabled,
  path: where,
  datasets,
  algorithm,
  maxCount,
  faults,
}: Configuration): string[] {
  const named = {
    'backup.enabled': enabled,
    'backup.path': where,
    'backup.datasets': datasets,
    'backup.verification.algorithm': algorithm,
    'backup.retention.max_count': maxCount,
  };
  const values = Object.entries(named).flatMap(([name, {problem, from}]) =>
    problem === null ? [] : [`${name} (${from}): ${problem}`],
  );
  if (!isSupported(algorithm.value)) values.push(unsupported(algorithm.value));
  if (!environments.includes(environment.value)) values.push(`${environment.value}: ${unknownEnvironment}`);
  return [...faults.map(({file, line, message}) => `${file}:${line} ${message}`), ...values];
}

const unsupported = (algorithm: string) => `the algorithm "${algorithm}" is not supported here`;
const unknownEnvironment = `the kernel knows no such environment; it knows ${environments.join(', ')}`;

const environmentFrom = ({environmentFrom: from, envLeadsTo}: Layered): string =>
  from === '.env' && envLeadsTo !== null ? `${from}, a link to ${envLeadsTo}` : from;

/** What is wrong with a value whatever it came from. */
function check(configuration: Configuration, root: string): void {
  const {algorithm, environment, datasets, maxCount} = configuration;
  if (!algorithm.problem && !isSupported(algorithm.value)) algorithm.problem = unsupported(algorithm.value);
  if (!environment.problem && !environments.includes(environment.value))
    environment.problem = unknownEnvironment;
  if (maxCount.value === null && !maxCount.problem)
    maxCount.problem = 'keeps every backup: the disk fills up';
  const outside = datasets.value.filter(({source}) => !source.startsWith(`${root}/`)).map(({name}) => name);
  if (outside.length > 0 && !datasets.problem)
    datasets.problem = `outside the project: ${outside.join(', ')}`;
}

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
    enabled: read(['magds', 'backup', 'enabled'], true, isTruthy),
    path: {...pathSetting, value: backupsPath},
    datasets,
    algorithm: read(['magds', 'backup', 'verification', 'algorithm'], defaults.algorithm, text),
    maxCount,
    auditLog: {...auditLog, value: settings.absolute(auditLog.value)},
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
  ];
}
