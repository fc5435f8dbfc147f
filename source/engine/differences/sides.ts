import fs from 'node:fs';
import path from 'node:path';
import {isThere} from '../base/files.ts';
import {exitCode, Problem, withAdvice} from '../base/problem.ts';
import {datasetOf} from '../catalog/copies.ts';
import {livePath} from '../catalog/live.ts';
import {type Configuration, configuredAlgorithm} from '../config/configuration.ts';
import {configuredNames} from '../config/effective.ts';
import type {ConfiguredDataset, DatasetType} from '../datasets/type.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {lyingIn, lyingName, sourceNames} from '../storage/manifest/lying.ts';
import {readManifest} from '../storage/manifest/read.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import type {Place} from '../storage/root.ts';
import type {DatabaseSide} from './database-rows.ts';

/** A file by the directory that it must lie in and the names below it: it is opened without following a link. */
export type FileAt = {directory: string; segments: string[]};

/** One dataset on one side of a comparison. */
export type Part = {
  /** Where its file lies; null with the reason where that is not known. */
  file: FileAt | null;
  reason: string | null;
  /** True where this side knows that it has no such dataset. */
  absent: boolean;
  /** What the manifest records; null on the live side. */
  recorded: {algorithm: string | null; hash: string | null} | null;
  /** When the backup was made, as its manifest has it; null on the live side, whose files say it themselves. */
  madeAt: string | null;
  /** Of a database: what tells how many rows it has. No two dumps have the same bytes. */
  database?: DatabaseSide;
};

/** What is compared: a backup with the live files, or with another backup. */
export type Comparison = {
  place: Place;
  configuration: Configuration | null;
  id: string;
  /** Id of the other backup; null for the live files. */
  other: string | null;
  /** It is what a restore has saved of the live files: they are where it says, and no other one belongs to it. */
  safety?: boolean;
};

export type Pair = {name: string; one: Part; other: Part};

const absent = (reason: string): Part => ({
  file: null,
  reason,
  absent: true,
  recorded: null,
  madeAt: null,
});

const unknown = (reason: string): Part => ({...absent(reason), absent: false});

type Backup = {id: string; directory: string; ids: string[]; madeAt: string | null; datasets: Dataset[]};

type Lying = {directory: string; id: string} & Pick<Comparison, 'configuration'>;

/** What lies in a backup without a manifest: nothing says what it should be. */
function lyingDatasets({directory, id, configuration}: Lying): Dataset[] {
  const sources = sourceNames(configuration?.datasets.value ?? []);
  try {
    return lyingIn(directory).map((file) => ({
      name: lyingName(file, sources),
      algorithm: null,
      hash: null,
      source: null,
      backup: `/${[id, ...file.segments].join('/')}`,
      flaw: null,
    }));
  } catch (error) {
    throw new Problem(exitCode.failed, `${directory}/datasets cannot be listed: ${withAdvice(error)}.`);
  }
}

/** @throws Problem where the manifest cannot be read: then it is not known what the backup holds */
function readBackup({place: {root, backups}, configuration}: Comparison, id: string): Backup {
  const directory = directoryOf(backups, heldDirectory(root), id);
  const read = readManifest(directory);
  if (read.state === 'missing') {
    const datasets = lyingDatasets({directory, id, configuration});
    if (datasets.length > 0) return {id, directory, ids: [id], madeAt: null, datasets};
    if (!isThere(directory)) throw new Problem(exitCode.failed, `${id} is gone: it was deleted or moved.`);
    throw new Problem(exitCode.failed, `${id} was cut off before its end, and it is empty.`);
  }
  if (read.state === 'unreadable')
    throw new Problem(exitCode.failed, `${id} cannot be compared: ${read.reason}.`);
  const {manifest} = read;
  const ids = namesOf(id, manifest.id);
  const configured = configuredAlgorithm(configuration);
  const datasets = manifest.datasets.map((each) => ({...each, algorithm: each.algorithm ?? configured}));
  return {id, directory, ids, madeAt: manifest.createdAt, datasets};
}

function copyOf({directory, ids, madeAt}: Backup, dataset: Dataset): Part {
  const {algorithm, hash} = dataset;
  const isDump = dataset.facts?.database !== undefined;
  const known = {
    absent: false,
    recorded: {algorithm, hash},
    madeAt: (isDump ? dataset.facts?.snapshot_at : null) ?? madeAt,
    ...(dataset.facts && isDump && {database: {facts: dataset.facts}}),
  };
  if (dataset.flaw !== null) return {...known, file: null, reason: dataset.flaw};
  const located = locateCopy(dataset.backup ?? '', ids);
  if ('unsafe' in located) return {...known, file: null, reason: located.unsafe};
  return {...known, file: {directory, segments: located.segments}, reason: null};
}

/**
 * `storage/` is often a link in deploy layouts: the way to a live file may be one, the file itself may not.
 * @param known directories that were resolved before: thousands of files may share one
 */
function liveAt(file: string, known: Map<string, string>): Part {
  const directory = path.dirname(file);
  let real = known.get(directory);
  if (real === undefined) {
    try {
      real = fs.realpathSync(directory);
    } catch {
      // Opening it says what is wrong.
      real = directory;
    }
    known.set(directory, real);
  }
  const at = {directory: real, segments: [path.basename(file)]};
  return {file: at, reason: null, absent: false, recorded: null, madeAt: null};
}

const liveDatabase = (
  live: ConfiguredDataset,
  tables: NonNullable<DatasetType['tables']>,
  {connections}: Configuration,
): Part => ({
  ...unknown(''),
  reason: null,
  database: {
    count: (counting) => tables.count(live, connections(), counting),
    rows: (reading) => tables.rows(live, connections(), reading),
  },
});

function liveOf(
  {place, configuration, safety = false}: Comparison,
  backup: Backup,
  dataset: Dataset,
  known: Map<string, string>,
): Part {
  const all = configuration?.datasets.value ?? [];
  const names = all.map(({name}) => name);
  const of = datasetOf(dataset.name, names);
  const owner = all.find(({name}) => name === of);
  // A server is the same one, whatever was saved of it.
  if (configuration && owner?.type.tables)
    return owner.name === dataset.name
      ? liveDatabase(owner, owner.type.tables, configuration)
      : unknown('it belongs to a database: only tables are compared');
  if (dataset.facts?.database !== undefined) return unknown('no dataset of that name is a database now');
  const configured = safety ? undefined : all.find(({name}) => name === dataset.name);
  const why = configured?.type.whyNotComparable ?? null;
  if (why !== null) return unknown(why);
  const file = configured?.source ?? livePath(place, dataset, backup.ids);
  return file === null
    ? unknown(place.root === null ? 'no project, no live file' : 'the live file is not known')
    : liveAt(file, known);
}

/** The live side of what is configured now and not in the backup. */
function configuredBeside({configuration}: Comparison, {datasets}: Backup): Pair[] {
  const names = (configuration && configuredNames(configuration)) ?? [];
  const has = new Set(datasets.map(({name}) => name));
  return (configuration?.datasets.value ?? [])
    .filter(({name}) => names.includes(name) && !has.has(name))
    .flatMap((dataset) => {
      const {name, type} = dataset;
      if (configuration && type.tables)
        return [
          {name, one: absent('not in the backup'), other: liveDatabase(dataset, type.tables, configuration)},
        ];
      const file = type.targetOf(dataset, name);
      return file === null ? [] : [{name, one: absent('not in the backup'), other: liveAt(file, new Map())}];
    });
}

/**
 * The datasets of both sides, those of the backup first and in its order. Opens nothing but manifests.
 * @throws Problem (exit 1) where a manifest cannot be read
 */
export function pairs(comparison: Comparison): Pair[] {
  const {id, other} = comparison;
  const one = readBackup(comparison, id);
  if (other === null) {
    const known = new Map<string, string>();
    const both = one.datasets.map((dataset) => ({
      name: dataset.name,
      one: copyOf(one, dataset),
      other: liveOf(comparison, one, dataset, known),
    }));
    return comparison.safety ? both : [...both, ...configuredBeside(comparison, one)];
  }
  const second = readBackup(comparison, other);
  const left = new Map(second.datasets.map((dataset) => [dataset.name, dataset]));
  const both = one.datasets.map((dataset) => {
    const match = left.get(dataset.name);
    left.delete(dataset.name);
    const part = match ? copyOf(second, match) : absent('not in that backup');
    return {name: dataset.name, one: copyOf(one, dataset), other: part};
  });
  const beside = [...left.values()].map((dataset) => ({
    name: dataset.name,
    one: absent('not in the backup'),
    other: copyOf(second, dataset),
  }));
  return [...both, ...beside];
}
