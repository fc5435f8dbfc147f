import type {ConfiguredDataset, FindConnection} from '../datasets/type.ts';
import type {Chosen} from './environment.ts';
import type {Origin, Value} from './php-value.ts';

/** One effective value and where it came from. */
export type Setting<T> = {
  value: T;
  /** `config/base/magds.php:12`, `storage/runbook/config.json`, `MAGDS_BACKUP_PATH`, or `default`. */
  from: string;
  /** What is wrong with it, and what to do; null when nothing is. */
  problem: string | null;
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
  /** Names of datasets that change all the time. */
  volatile: Setting<string[]>;
  /** Our own metrics, beside the kernel's. */
  metrics: Setting<string>;
  kernelMetrics: string;
  /** Name of the data store's connection: manifests record it. Null where none is configured. */
  connection: string | null;
  /** What finds a connection by its name: nothing is read before it is asked, and each one reads anew. */
  connections: () => FindConnection;
  /** The site's own commands, by the name of their list in our own file. */
  hooks: {name: string; command: string[]; mayFail: boolean}[];
  /** What PHP itself goes by, whatever we were told beside: where its backups lie, and how many it keeps (null: all). */
  php: {path: string; maxCount: number | null};
  /** Where PHP's backups are switched off as a component, so that it makes and deletes none; null where they are not. */
  phpOff: string | null;
  /** What has to be settled before anything is written; empty when all is known. */
  blocking: string[];
  /** Files and directories that it was read from, also those that are not there: what changes it changes one of them. */
  files: string[];
  /** False for a tree without configuration files, copied without them perhaps: the defaults are then only a guess. */
  found: boolean;
  faults: Fault[];
  /** Why PHP does not boot with this; what is meant can be told all the same. */
  refused: Fault[];
  /** What the kernel validates and acts by; null where it is not told. */
  kernelEnvironment: Setting<string> | null;
};

/** What is wrong with a configuration file, and where. */
export type Fault = Origin & {message: string};

/** What is wrong with a file, and in which line where that is known. */
export const describeFault = ({file, line, message}: Fault): string =>
  `${line > 0 ? `${file}:${line}` : file} ${message}`;

export type Layered = Omit<Chosen, 'variables'> & {
  /** The parts that matter to us, all layers merged. */
  merged: Value;
  /** The file that `.env` is a link to; null where it is none. */
  envLeadsTo: string | null;
  faults: Fault[];
  /** Why PHP does not boot with this. */
  refused: Fault[];
  files: string[];
};

/** What hashes the copies of which the manifest names no algorithm, here as in PHP; null where that is not known. */
export const configuredAlgorithm = (configuration: Pick<Configuration, 'algorithm'> | null): string | null =>
  configuration?.algorithm.problem === null ? configuration.algorithm.value : null;
