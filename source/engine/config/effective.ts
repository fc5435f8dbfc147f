import {usualType} from '../datasets/all.ts';
import type {ConfiguredDataset} from '../datasets/type.ts';
import type {Configuration, Fault, Layered, Setting} from './configuration.ts';
import {findConnections} from './connections.ts';
import {describeConflict} from './environment.ts';
import {check, findBlocking} from './judge.ts';
import {loadLayers} from './layers.ts';
import {metricsFile} from './metrics-file.ts';
import {fromOwnFile, fromProcess} from './overrides.ts';
import {ownFileName} from './own-file.ts';
import {describeOrder} from './php-ini.ts';
import {countIn, defaults, readDatasets, Settings, textIn} from './php-settings.ts';
import {isTruthy} from './php-value.ts';

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
    metrics: {...metrics, value: metricsFile(root, kernelMetrics)},
    kernelMetrics,
    hooks: [],
    connection: read<string | null>(['magds', 'primary', 'connection'], null, textIn).value,
    connections: () => findConnections(root, env, given),
    php: {path: backupsPath, maxCount: component.value ? maxCount.value : null},
    phpOff: component.value ? null : component.from,
    blocking: [],
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

/** Names of the datasets configured now; null where no configuration says. */
export const configuredNames = ({datasets, found}: Configuration): string[] | null =>
  (found || datasets.from !== 'default') && !datasets.problem?.startsWith('cannot be told')
    ? datasets.value.map(({name}) => name)
    : null;

export const describeRefusal = ({file, line, message}: Fault): string =>
  `PHP refuses to boot with this: ${line > 0 ? `${file}:${line}` : file} ${message}`;

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
  const {datasets, kernelEnvironment} = configuration;
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
