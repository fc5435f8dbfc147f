import fs from 'node:fs';
import {follow} from '../follow.ts';
import {isSupported, isWeak} from '../hashing/algorithms.ts';
import type {Pool} from '../hashing/pool.ts';
import {openInside} from '../open-inside.ts';
import {type Comparison, type FileAt, type Pair, type Part, pairs} from './sides.ts';
import {isSqlite} from './text.ts';

/** One file of a comparison, as it was found. */
export type FileFacts = {
  /** `absent`: this side has none; `unknown`: nobody can tell. */
  state: 'there' | 'absent' | 'unknown';
  bytes: number | null;
  /** When it is from: of a copy when its backup was made, of a live file when it was last written. ISO, or as recorded. */
  at: string | null;
  /** Hash of what it holds now; null until it is known. */
  hash: string | null;
  /** True where a copy is not what its manifest recorded; null where that was not found out. */
  altered: boolean | null;
  /** What lies beside a live database and may hold commits that the file itself does not: nothing compares that. */
  beside: string | null;
  reason: string | null;
};

export type Relation = 'reading' | 'same' | 'differs' | 'one side' | 'unknown';

export type DatasetDifference = {
  name: string;
  relation: Relation;
  /** By which both were hashed. */
  algorithm: string;
  one: FileFacts;
  other: FileFacts;
};

export type ComparisonResult = 'same' | 'differs' | 'unknown' | 'nothing' | 'cancelled';

export type CompareEvent =
  | {type: 'started'; datasets: DatasetDifference[]; totalBytes: number}
  | {type: 'progress'; bytesDone: number}
  | {type: 'dataset'; index: number; dataset: DatasetDifference}
  | {type: 'finished'; result: ComparisonResult};

const facts = (state: FileFacts['state'], reason: string | null): FileFacts => ({
  state,
  bytes: null,
  at: null,
  hash: null,
  altered: null,
  beside: null,
  reason,
});

function isDatabase(fd: number): boolean {
  const head = Buffer.alloc(16);
  try {
    fs.readSync(fd, head, 0, head.length, 0);
  } catch {
    // That it cannot be read is found out, and said, when it is hashed.
    return false;
  }
  return isSqlite(head);
}

/** The write-ahead log or journal of a database, where there is one that holds something. */
function journalBeside({directory, segments}: FileAt): string | null {
  const name = segments.at(-1) as string;
  const holds = (file: string): boolean => {
    const opened = openInside(directory, [...segments.slice(0, -1), file]);
    // A link or a pipe in its place is nothing that could be told either.
    if ('status' in opened) return opened.status !== 'missing';
    fs.closeSync(opened.fd);
    return opened.stats.size > 0;
  };
  return ['-wal', '-journal'].map((end) => name + end).find(holds) ?? null;
}

/** Size and time of a file, without reading it. */
function look(part: Part): FileFacts {
  if (!part.file) return facts(part.absent ? 'absent' : 'unknown', part.reason);
  const opened = openInside(part.file.directory, part.file.segments);
  if ('status' in opened) {
    // Of a copy that the manifest lists, that it is gone is damage; a live file may be missing.
    const gone = opened.status === 'missing' && part.recorded === null;
    const reason = part.recorded ? opened.reason : opened.reason.replace('the copy', 'the live file');
    return facts(gone ? 'absent' : 'unknown', reason);
  }
  const {size, mtimeMs} = opened.stats;
  const beside = part.recorded === null && isDatabase(opened.fd) ? journalBeside(part.file) : null;
  fs.closeSync(opened.fd);
  const at = part.recorded ? part.madeAt : new Date(mtimeMs).toISOString();
  return {...facts('there', null), bytes: size, at, beside};
}

/** The recorded algorithm, so that damage shows; where that would not find every difference, SHA-256. */
function algorithmFor({one, other}: Pair): string {
  const recorded = (one.recorded ?? other.recorded)?.algorithm?.toLowerCase() ?? null;
  return recorded !== null && isSupported(recorded) && !isWeak(recorded) ? recorded : 'sha256';
}

function relate(one: FileFacts, other: FileFacts): Relation {
  if (one.state === 'unknown' || other.state === 'unknown') return 'unknown';
  if (one.state === 'absent' && other.state === 'absent') return 'unknown';
  if (one.state === 'absent' || other.state === 'absent') return 'one side';
  if (one.bytes !== other.bytes) return 'differs';
  if (one.hash === null || other.hash === null) return 'reading';
  if (one.hash !== other.hash) return 'differs';
  return one.beside === null && other.beside === null ? 'same' : 'unknown';
}

const begin = (pair: Pair): DatasetDifference => {
  const [one, other] = [look(pair.one), look(pair.other)];
  return {name: pair.name, relation: relate(one, other), algorithm: algorithmFor(pair), one, other};
};

/** What a comparison comes to: a difference counts more than what could not be told. */
export function concludeComparison(datasets: DatasetDifference[]): ComparisonResult {
  const is = (relation: Relation): boolean => datasets.some((each) => each.relation === relation);
  if (datasets.length === 0) return 'nothing';
  if (is('differs') || is('one side')) return 'differs';
  return is('unknown') || is('reading') ? 'unknown' : 'same';
}

export type CompareOptions = Comparison & {
  pool: Pool;
  signal?: AbortSignal;
  /** Only this dataset. */
  only?: string | null;
  /** Milliseconds between two progress events. */
  interval?: number;
};

/**
 * Compares the datasets of a backup with the live files or with another backup, by size and hash of what is there now:
 * not by what the manifests record, which may not be what the copies hold any more. Reads only, follows no link.
 * @throws Problem (exit 1) where a manifest cannot be read
 */
export async function* compare(options: CompareOptions): AsyncGenerator<CompareEvent, void, undefined> {
  const {pool, only = null, interval = 200} = options;
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const all = pairs(options).filter(({name}) => only === null || name === only);
  const datasets = all.map(begin);
  const readers: (() => number)[] = [];

  const hash = async (part: Part, found: FileFacts, algorithm: string): Promise<FileFacts> => {
    if (!part.file || found.state !== 'there') return found;
    const hashing = pool.hash({...part.file, algorithm}, signal);
    readers.push(hashing.bytes);
    const result = await hashing.result;
    if (result.status !== 'read') return {...found, state: 'unknown', reason: result.reason};
    const comparable = part.recorded?.algorithm?.toLowerCase() === algorithm && part.recorded.hash !== null;
    const altered = comparable ? result.hash !== part.recorded?.hash?.toLowerCase() : null;
    const reason = altered ? 'the copy is not what the manifest recorded' : null;
    return {...found, bytes: result.bytes, hash: result.hash, altered, reason};
  };

  const run = async (index: number, push: (event: CompareEvent) => void): Promise<void> => {
    const pair = all[index] as Pair;
    const before = datasets[index] as DatasetDifference;
    const {algorithm} = before;
    const [one, other] = await Promise.all([
      hash(pair.one, before.one, algorithm),
      hash(pair.other, before.other, algorithm),
    ]);
    if (signal.aborted) return;
    const dataset = {...before, one, other, relation: relate(one, other)};
    datasets[index] = dataset;
    push({type: 'dataset', index, dataset});
  };

  yield* follow<CompareEvent>(
    async (push) => {
      const sizes = datasets.map(({one, other}) => (one.bytes ?? 0) + (other.bytes ?? 0));
      const totalBytes = sizes.reduce((sum, each) => sum + each, 0);
      push({type: 'started', datasets: [...datasets], totalBytes});
      await Promise.all(datasets.map((_, index) => run(index, push)));
    },
    {
      interval,
      progress: () => ({
        type: 'progress',
        bytesDone: readers.reduce((sum, reader) => sum + reader(), 0),
      }),
      stop: () => left.abort(),
    },
  );
  const result = signal.aborted ? 'cancelled' : concludeComparison(datasets);
  yield {type: 'finished', result};
}
