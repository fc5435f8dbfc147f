import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import {Walk} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {removeEmpty} from '../base/remove-tree.ts';
import {started} from '../base/start.ts';
import {type Batch, batchesOf} from '../datasets/batches.ts';
import {noFiles} from '../datasets/resolve-source.ts';
import {stepsOf} from '../datasets/sqlite-place.ts';
import type {PlannedDataset, Produce, SourceFile} from '../datasets/type.ts';
import type {CopyResult} from '../hashing/copy-files.ts';
import type {Pool} from '../hashing/pool.ts';
import type {LeftOut} from '../storage/dataset.ts';
import type {CopyFacts} from '../storage/manifest/facts.ts';
import {noLoss} from '../storage/manifest/partial.ts';
import type {MadeCopy} from '../storage/manifest/write.ts';
import type {Workplace} from './workplace.ts';

/** Batches in flight: each holds a directory open. */
const inFlight = 8;
/** So many files of a directory, and such a part of them, may be gone by their turn as files come and go. */
const mayGo = {files: 10, part: 0.1};
/** Files up to which each is synced for itself; beyond, the file system is asked once, for all of them. */
const fewFiles = 64;

type Copying = {
  workplace: Workplace;
  datasets: PlannedDataset[];
  algorithm: string;
  owner: {uid: number; gid: number; mode: number};
  /** Directories that lead to the backups (`placesOf`). */
  common: string[];
  pool: Pool;
  signal: AbortSignal;
};

/** What became of one dataset. */
export type DatasetOutcome = {
  name: string;
  copies: MadeCopy[];
  bytes: number;
  /** What could not be copied, with why. The name is the file's in the manifest. */
  failed: {name: string; reason: string}[];
  changed: string[];
  /** Copied, but not as it should be: a database that SQLite could not read. */
  doubtful: {name: string; reason: string}[];
  /** Files of a directory that were gone again by the time that it was their turn. */
  gone: LeftOut[];
};

/** The target's fault, which ends the run. */
class CopyFailure extends Error {}

/** Where a file's copy goes, below the backup. */
const placeOf = ({copyAt}: PlannedDataset, {below}: SourceFile): string[] => [
  'datasets',
  ...copyAt,
  ...below,
];

/**
 * Copies the sources of all datasets into the workplace and hashes them in the same pass.
 * @throws CopyFailure where the copies cannot be written; nothing else ends it but the signal
 */
export class SourceCopier {
  readonly #options: Copying;
  /** Ends the others where one could not be written. */
  readonly #stop = new AbortController();
  /** Ways to the directories of the backup, which come in order. */
  readonly #walk = new Walk();
  readonly outcomes: DatasetOutcome[];
  /** Directories of the backup, as segments, deepest last. */
  readonly directories = new Map<string, string[]>();
  readonly #running: (() => number)[][];
  readonly #done: number[];

  constructor(options: Copying) {
    this.#options = {...options, signal: AbortSignal.any([options.signal, this.#stop.signal])};
    this.#running = options.datasets.map(() => []);
    this.#done = options.datasets.map(() => 0);
    this.outcomes = options.datasets.map(({dataset}) => ({
      name: dataset.name,
      copies: [],
      bytes: 0,
      failed: [],
      changed: [],
      doubtful: [],
      gone: [],
    }));
  }

  /** Bytes read so far, of each dataset. */
  get bytes(): number[] {
    return this.#running.map(
      (readers, index) => (this.#done[index] ?? 0) + readers.reduce((sum, reader) => sum + reader(), 0),
    );
  }

  /** @param onDataset is told the index of each dataset that is done */
  async run(onDataset: (index: number) => void): Promise<void> {
    const {datasets, signal} = this.#options;
    const batches = batchesOf(datasets);
    const sync = batches.reduce((sum, {files}) => sum + files.length, 0) <= fewFiles;
    const left = datasets.map((_, index) => batches.filter(({dataset}) => dataset === index).length);
    const queue = batches.values();
    const consume = async (): Promise<void> => {
      for (const batch of queue) {
        if (signal.aborted) return;
        await this.#copy(batch, sync);
        // What was cut off is not done.
        if (signal.aborted) return;
        left[batch.dataset] = (left[batch.dataset] ?? 0) - 1;
        if (left[batch.dataset] === 0) onDataset(batch.dataset);
      }
    };
    const stop = (error: unknown): never => {
      this.#stop.abort();
      throw error;
    };
    // Nobody may still be writing once this is over.
    const ends = await Promise.allSettled(Array.from({length: inFlight}, () => consume().catch(stop)));
    this.#walk.close();
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure) throw failure.reason;
    this.#forgetEmpty();
    for (const [index, outcome] of this.outcomes.entries()) {
      sortByPlan(outcome);
      const reason = whyTooFew(outcome, (datasets[index] as PlannedDataset).files.length);
      if (reason !== null && !signal.aborted) outcome.failed.push({name: outcome.name, reason});
    }
    if (!sync && !signal.aborted) await syncAll(this.#options.workplace, this.outcomes);
  }

  /** Outermost first; those above one that is known are known. */
  #noteDirectories(segments: string[]): void {
    const added: [string, string[]][] = [];
    for (let depth = segments.length; depth > 0; depth--) {
      const each = segments.slice(0, depth);
      const at = each.join('/');
      if (this.directories.has(at)) break;
      added.push([at, each]);
    }
    for (const [at, each] of added.reverse()) this.directories.set(at, each);
  }

  /** Of a dataset that could not be written down no trace is left, not even a directory of its own. */
  #forgetEmpty(): void {
    for (const {copyAt} of this.#options.datasets) {
      const at = ['datasets', ...copyAt].join('/');
      if (this.directories.has(at) && removeEmpty(`${this.#options.workplace.directory.path}/${at}`))
        this.directories.delete(at);
    }
  }

  async #copy(batch: Batch, sync: boolean): Promise<void> {
    const {workplace, datasets} = this.#options;
    const dataset = datasets[batch.dataset] as PlannedDataset;
    const places = batch.files.map((file) => placeOf(dataset, file));
    const parent = (places[0] as string[]).slice(0, -1);
    this.#noteDirectories(parent);
    let target: ReturnType<Workplace['directory']['enter']>;
    try {
      target = workplace.directory.enterAlong(parent, this.#walk);
    } catch (error) {
      throw new CopyFailure(describeError(error));
    }
    using _ = target;
    const [only] = batch.files;
    if (only?.produce) await this.#produce(batch, only.produce, target.path, places[0] as string[], sync);
    else this.#note(batch, places, await this.#send(batch, target.path, places, sync));
  }

  async #send(batch: Batch, to: string, places: string[][], sync: boolean): Promise<CopyResult[]> {
    const {datasets, algorithm, owner, common, pool, signal} = this.#options;
    const {base} = datasets[batch.dataset] as PlannedDataset;
    const files = batch.files.map(({segments}, index) => ({
      name: segments.at(-1) as string,
      as: places[index]?.at(-1) as string,
    }));
    // What writes its data down may hold a lock on it, which another opening would end.
    const noSharing = batch.files[0]?.produce != null;
    // From the top, and through no link: the base was looked at by a path that holds none.
    const segments = [...stepsOf(base), ...batch.directory];
    const job = {
      directory: '/',
      segments,
      files,
      to,
      algorithm,
      owner,
      common,
      sync,
      noSharing,
    };
    const {result, bytes} = pool.copy(job, signal);
    const running = this.#running[batch.dataset] as (() => number)[];
    running.push(bytes);
    const results = await result;
    running.splice(running.indexOf(bytes), 1);
    this.#done[batch.dataset] = (this.#done[batch.dataset] ?? 0) + bytes();
    return results;
  }

  #note(batch: Batch, places: string[][], results: CopyResult[], facts?: CopyFacts): void {
    const {datasets} = this.#options;
    const {dataset} = datasets[batch.dataset] as PlannedDataset;
    const outcome = this.outcomes[batch.dataset] as DatasetOutcome;
    results.forEach((result, index) => {
      const file = batch.files[index] as SourceFile;
      const {name} = file;
      if (result.status === 'failed') throw new CopyFailure(`${name}: ${result.reason}`);
      if (result.status === 'cancelled') return;
      // What comes and goes in a directory is no miss: it is what it was when it was looked at, file by file.
      if (result.status === 'missing' && file.below.length > 0) {
        outcome.gone.push({name, reason: noLoss.gone, grave: false});
        return;
      }
      if (result.status !== 'copied') {
        outcome.failed.push({name, reason: result.reason});
        return;
      }
      const source = dataset.type.targetOf(dataset, name);
      const {hash, bytes, attributes} = result;
      outcome.copies.push({name, source, at: places[index] as string[], hash, bytes, attributes, facts});
      outcome.bytes += bytes;
      if (result.changed) outcome.changed.push(name);
    });
  }

  /** Has the data of a file written down; its live file as it lies is not all of it. */
  async #produce(batch: Batch, produce: Produce, to: string, place: string[], sync: boolean): Promise<void> {
    const {datasets, algorithm, owner, common, pool, signal} = this.#options;
    const {dataset, base} = datasets[batch.dataset] as PlannedDataset;
    const file = batch.files[0] as SourceFile;
    const outcome = this.outcomes[batch.dataset] as DatasetOutcome;
    const running = this.#running[batch.dataset] as (() => number)[];
    let made = 0;
    const reader = () => made;
    running.push(reader);
    const {result, doubt, facts} = await produce({
      dataset,
      file,
      source: [base, ...file.segments].join('/'),
      to,
      as: place.at(-1) as string,
      algorithm,
      owner,
      common,
      pool,
      sync,
      signal,
      copy: async () => (await this.#send(batch, to, [place], sync))[0] as CopyResult,
      onProgress: (bytes) => {
        made = bytes;
      },
    });
    running.splice(running.indexOf(reader), 1);
    this.#done[batch.dataset] = (this.#done[batch.dataset] ?? 0) + made;
    if (doubt !== null) outcome.doubtful.push({name: file.name, reason: doubt});
    this.#note(batch, [place], [result], facts);
  }
}

/** Why what was copied of a directory does not stand for it: too much was deleted meanwhile. Null where it does. */
function whyTooFew({copies, failed, gone}: DatasetOutcome, planned: number): string | null {
  if (gone.length > 0 && copies.length + failed.length === 0) return noFiles;
  if (gone.length <= Math.max(mayGo.files, planned * mayGo.part)) return null;
  return `${gone.length} of its ${planned} files were deleted before they were copied`;
}

/** Batches end in any order. */
function sortByPlan(outcome: DatasetOutcome): void {
  outcome.gone.sort((a, b) => (a.name < b.name ? -1 : 1));
  outcome.copies.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Makes thousands of copies durable at once, as `sync -f` does; one by one where that is not to be had. */
async function syncAll(workplace: Workplace, outcomes: DatasetOutcome[]): Promise<void> {
  // The child has descriptors of its own: ours are reached by our number.
  const path = workplace.directory.path.replace('/proc/self/', `/proc/${process.pid}/`);
  try {
    const sync = await started('sync', () => spawn('sync', ['-f', path], {stdio: 'ignore'}));
    if ((await once(sync, 'exit'))[0] === 0) return;
  } catch {
    // What there is no process for is done without one.
  }
  try {
    for (const {at} of outcomes.flatMap(({copies}) => copies)) {
      const fd = fs.openSync([workplace.directory.path, ...at].join('/'), 'r');
      fs.fsyncSync(fd);
      fs.closeSync(fd);
    }
  } catch (error) {
    throw new CopyFailure(describeError(error));
  }
}
