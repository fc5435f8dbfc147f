import fs from 'node:fs';
import path from 'node:path';
import {describeError} from '../base/problem.ts';
import {readDataset, usualType} from '../datasets/all.ts';
import type {ConfiguredDataset} from '../datasets/type.ts';
import {whyUnsupported} from '../hashing/algorithms.ts';
import {type Configuration, describeFault, type Fault, type Layered, type Setting} from './configuration.ts';
import {findConnections} from './connections.ts';
import {datasetNotes} from './dataset-notes.ts';
import {describeConflict, environments, isPlainName} from './environment.ts';
import {loadLayers} from './layers.ts';
import {metricsFile} from './metrics-file.ts';
import {hookOf, type OwnFile, ownFileName, readOwnFile} from './own-file.ts';
import {usualVolatile, wrongWithVolatile} from './own-settings.ts';
import {describeOrder} from './php-ini.ts';
import {countIn, defaults, readDatasets, Settings, textIn} from './php-settings.ts';
import {isTruthy} from './php-value.ts';

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
function fromOwnFile(configuration: Configuration, root: string): void {
  const file = readOwnFile(root, configuration.faults);
  const {enabled, path: directory, algorithm, max_count, datasets} = file?.backup ?? {};
  const own = settingFrom(ownFileName);
  if (file?.volatile !== undefined) configuration.volatile = own(file.volatile);
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
function fromProcess(configuration: Configuration, root: string, env: NodeJS.ProcessEnv): void {
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

/** The kernel looks at what all layers come to, not at the name that chose them; where that is not told, at the name. */
function wrongWithEnvironment({environment, kernelEnvironment}: Configuration): string | null {
  if (!environments.includes((kernelEnvironment ?? environment).value))
    return `the kernel knows no such environment${kernelEnvironment ? ` as ${kernelEnvironment.value}` : ''}; it knows ${environments.join(', ')}`;
  return isPlainName(environment.value) ? null : 'is not a plain name: what PHP reads for it is not known';
}

/** Where it is not known what is meant, nothing is written. */
function findBlocking(configuration: Configuration): string[] {
  const {environment, enabled, path: where, datasets, algorithm, maxCount, faults} = configuration;
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
  const unsupported = whyUnsupported(algorithm.value);
  if (unsupported !== null) values.push(unsupported);
  const wrong = wrongWithEnvironment(configuration);
  if (wrong !== null) values.push(`${environment.value}: ${wrong}`);
  return [...faults.map(describeFault), ...values];
}

/** Notes that are told of what may be thousands. */
const mostNotes = 20;

const firstOf = (notes: string[]): string[] =>
  notes.length <= mostNotes
    ? notes
    : [...notes.slice(0, mostNotes), `and ${notes.length - mostNotes} more of that kind`];

export const noDatasets = 'none is configured: there is nothing to back up';

/** What is wrong with a value whatever it came from. */
export function check(configuration: Configuration, root: string): void {
  const {algorithm, environment, datasets, maxCount, volatile} = configuration;
  algorithm.problem ??= whyUnsupported(algorithm.value);
  environment.problem ??= wrongWithEnvironment(configuration);
  if (maxCount.value === null && !maxCount.problem)
    maxCount.problem = 'keeps every backup: the disk fills up';
  if (datasets.value.length === 0) datasets.problem ??= noDatasets;
  volatile.problem ??= wrongWithVolatile(configuration);
  const outside = datasets.value.filter(({source}) => !source.startsWith(`${root}/`)).map(({name}) => name);
  const said = [
    ...(outside.length > 0 && !datasets.problem ? [`outside the project: ${outside.join(', ')}`] : []),
    ...firstOf(datasetNotes(root, configuration).map(({text}) => text)),
  ];
  if (said.length > 0) datasets.problem = [datasets.problem, ...said].filter(Boolean).join('; ');
}

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
  const pathSetting = read(['magds', 'backup', 'path'], defaults.path, textIn);
  const metrics = read(['observability', 'metrics', 'file'], defaults.metrics, textIn);
  const kernelMetrics = settings.absolute(metrics.value);
  const auditLog = read(['security', 'audit_log', 'path'], defaults.auditLog, textIn);
  const {datasets, notes} = readDatasets(settings);
  const maxCount = read<number | null>(['magds', 'backup', 'retention', 'max_count'], null, countIn);
  const component = read(['components', 'MagDB', 'enabled'], true, isTruthy);
  const kernel = read<string | null>(['kernel', 'environment'], null, textIn);
  const backupsPath = settings.absolute(pathSetting.value);
  const configuration: Configuration = {
    environment: {value: layered.environment, from: environmentFrom(layered), problem: null},
    conflict: layered.conflict,
    doubt: layered.doubt,
    enabled: read(['magds', 'backup', 'enabled'], true, isTruthy),
    path: {...pathSetting, value: backupsPath},
    datasets,
    algorithm: read(['magds', 'backup', 'verification', 'algorithm'], defaults.algorithm, textIn),
    maxCount,
    auditLog: {...auditLog, value: settings.absolute(auditLog.value)},
    volatile: settingFrom('default')(usualVolatile),
    metrics: {...metrics, value: metricsFile(root, kernelMetrics)},
    kernelMetrics,
    hooks: [],
    connection: read<string | null>(['magds', 'primary', 'connection'], null, textIn).value,
    connections: () => findConnections(root, env, given),
    php: {path: backupsPath, maxCount: component.value ? maxCount.value : null},
    phpOff: component.value ? null : component.from,
    blocking: [],
    files: [
      ...['.env', ownFileName, 'config'].map((name) => path.join(root, name)),
      ...['base', 'environments', 'secrets'].map((name) => path.join(root, 'config', name)),
      ...['environments', 'secrets'].map((name) => path.join(root, 'config', name, layered.environment)),
      ...layered.files,
    ],
    found: layered.files.length > 0,
    faults: layered.faults,
    refused: layered.refused,
    kernelEnvironment: kernel.value === null ? null : {...kernel, value: kernel.value},
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

/** Is another text once one of the files has changed, has come or has gone. */
export const stampOf = ({files}: Pick<Configuration, 'files'>): string =>
  files
    .map((file) => {
      try {
        const stats = fs.statSync(file, {bigint: true, throwIfNoEntry: false});
        return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : '';
      } catch (error) {
        return describeError(error);
      }
    })
    .join('\n');

const valuesOf = (configuration: Configuration): string => {
  const {datasets, blocking, php, phpOff, found, faults, refused} = configuration;
  const settings = describeConfiguration(configuration).map(({name, value, from}) => [name, value, from]);
  const plain = (key: string, value: unknown): unknown =>
    key === 'type' && typeof value === 'object' ? (value as ConfiguredDataset['type']).name : value;
  return JSON.stringify([settings, datasets.value, blocking, php, phpOff, found, faults, refused], plain);
};

/** Whether two mean the same; what is noted about their values may differ. */
export const isSameConfiguration = (one: Configuration, other: Configuration): boolean =>
  valuesOf(one) === valuesOf(other);

/** Names of the datasets configured now; null where no configuration says. */
export const configuredNames = ({datasets, found}: Configuration): string[] | null =>
  (found || datasets.from !== 'default') && !datasets.problem?.startsWith('cannot be told')
    ? datasets.value.map(({name}) => name)
    : null;

export const describeRefusal = (fault: Fault): string =>
  `PHP refuses to boot with this: ${describeFault(fault)}`;

export const whyPhpMakesNone = (from: string): string =>
  `PHP makes no backups: components.MagDB.enabled is false (${from}). Here they are made all the same`;

export const describeDoubt = ({names, order}: NonNullable<Layered['doubt']>): string =>
  `.env and the process differ on ${names.slice(0, 6).join(', ')}: ${describeOrder(order)}`;

/** What has to be known of it beside the values, a line each: the same for the command and the screen. */
export function remarksOn({conflict, doubt, refused, phpOff}: Configuration): string[] {
  return [
    ...refused.map(describeRefusal),
    ...(phpOff === null ? [] : [whyPhpMakesNone(phpOff)]),
    ...(conflict
      ? [`${describeConflict(conflict)}: ${describeOrder(conflict.order)}. Settle it with --env.`]
      : []),
    // What a php.ini says is a fact, and no news.
    ...(doubt && doubt.order.from === null ? [describeDoubt(doubt)] : []),
  ];
}

export type DescribedSetting = {name: string; value: string; from: string; problem: string | null};

function describeDataset(dataset: ConfiguredDataset): string {
  const {type} = dataset;
  return type === usualType ? type.describe(dataset) : `${type.describe(dataset)} (${type.name})`;
}

/** Every value as a line: the same for the command, the screen and the documentation. */
export function describeConfiguration(configuration: Configuration): DescribedSetting[] {
  const line = <T>(name: string, {value, ...rest}: Setting<T>, show: (value: T) => string = String) => ({
    name,
    value: show(value),
    ...rest,
  });
  const {datasets, kernelEnvironment, volatile} = configuration;
  return [
    line('environment', configuration.environment),
    ...(kernelEnvironment && kernelEnvironment.value !== configuration.environment.value
      ? [line('kernel.environment', kernelEnvironment)]
      : []),
    line('backup.enabled', configuration.enabled),
    line('backup.path', configuration.path),
    line('backup.verification.algorithm', configuration.algorithm),
    line('backup.retention.max_count', configuration.maxCount, (value) =>
      value === null ? 'keep all' : String(value),
    ),
    line('backup.datasets', datasets, (value) => String(value.length)),
    ...datasets.value.map((dataset) => ({
      name: `dataset ${dataset.name}`,
      value: describeDataset(dataset),
      from: dataset.from,
      problem: null,
    })),
    ...(volatile.from === 'default'
      ? []
      : [line('volatile', volatile, (value) => value.join(', ') || 'none')]),
    line('audit log', configuration.auditLog),
    ...(configuration.metrics.from === 'default' ? [] : [line('metrics', configuration.metrics)]),
    ...configuration.hooks.map(({name, command, mayFail}) => ({
      name,
      value: command.join(' ') + (mayFail ? ' (may fail)' : ''),
      from: ownFileName,
      problem: null,
    })),
  ];
}
