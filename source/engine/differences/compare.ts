import {setImmediate} from 'node:timers/promises';
import {follow} from '../base/follow.ts';
import {sum} from '../base/sum.ts';
import {alteredCopy} from '../catalog/row.ts';
import {isSupported, isWeak} from '../hashing/algorithms.ts';
import type {Pool} from '../hashing/pool.ts';
import {relateRows, rowsOfSide} from './database-rows.ts';
import {type FileFacts, fileFacts, notOpened} from './facts.ts';
import {type Comparison, type Pair, type Part, pairs} from './sides.ts';

/** `alike`: of databases, every table has as many rows on both sides; what they say was not compared. */
export type Relation = 'reading' | 'same' | 'alike' | 'differs' | 'one side' | 'unknown';

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

/** The recorded algorithm, so that damage shows; where that would not find every difference, SHA-256. */
function algorithmFor({one, other}: Pair): string {
  const recorded = (one.recorded ?? other.recorded)?.algorithm?.toLowerCase() ?? null;
  return recorded !== null && isSupported(recorded) && !isWeak(recorded) ? recorded : 'sha256';
}

function relate(one: FileFacts, other: FileFacts, isDatabase: boolean): Relation {
  if (one.state === 'unknown' || other.state === 'unknown') return 'unknown';
  if (one.state === 'absent' && other.state === 'absent') return 'unknown';
  if (one.state === 'absent' || other.state === 'absent') return 'one side';
  if (isDatabase) {
    // The same bytes are the same rows; other bytes say nothing.
    if (one.hash !== null && one.hash === other.hash) return 'same';
    return one.rows && other.rows ? relateRows(one.rows, other.rows) : 'reading';
  }
  if (one.bytes !== other.bytes) return 'differs';
  if (one.hash === null || other.hash === null) return 'reading';
  if (one.hash !== other.hash) return 'differs';
  return one.beside === null && other.beside === null ? 'same' : 'unknown';
}

/** Both are a database: they are compared by what they hold. */
const isDatabase = ({one, other}: Pair): boolean =>
  one.database !== undefined && other.database !== undefined;

const begin = (pair: Pair): DatasetDifference => {
  const [one, other] = [fileFacts(pair.one), fileFacts(pair.other)];
  return {
    name: pair.name,
    relation: relate(one, other, isDatabase(pair)),
    algorithm: algorithmFor(pair),
    one,
    other,
  };
};

/** What a comparison comes to: a difference counts more than what could not be told. */
function concludeComparison(datasets: DatasetDifference[]): ComparisonResult {
  const is = (relation: Relation): boolean => datasets.some((each) => each.relation === relation);
  if (datasets.length === 0) return 'nothing';
  if (is('differs') || is('one side')) return 'differs';
  return is('unknown') || is('reading') || is('alike') ? 'unknown' : 'same';
}

/** Datasets that are looked at before anything else has its turn. */
const atOnce = 50;

/** Datasets that are hashed together: enough for every worker. All at once, thousands would each watch the signal. */
const together = 16;

/** Milliseconds for the rows of one database: whoever reads the list waits for it. */
const countLimit = 10_000;

/** Milliseconds between two progress events. */
const interval = 200;

export type CompareOptions = Comparison & {
  pool: Pool;
  signal?: AbortSignal;
  /** Only this dataset. */
  only?: string | null;
};

/**
 * Compares the datasets of a backup with the live files or with another backup, by size and hash of what is there now:
 * not by what the manifests record, which may not be what the copies hold any more. Reads only, follows no link.
 * @throws Problem (exit 1) where a manifest cannot be read
 */
export async function* compare(options: CompareOptions): AsyncGenerator<CompareEvent, void, undefined> {
  const {pool, only = null} = options;
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const all = pairs(options).filter(({name}) => only === null || name === only);
  const datasets: DatasetDifference[] = [];
  for (const [index, pair] of all.entries()) {
    // A screen is drawn meanwhile.
    if (index % atOnce === atOnce - 1) await setImmediate();
    if (signal.aborted) break;
    datasets.push(begin(pair));
  }
  const readers: (() => number)[] = [];

  const hash = async (part: Part, found: FileFacts, algorithm: string): Promise<FileFacts> => {
    if (!part.file || found.state !== 'there' || signal.aborted) return found;
    const hashing = pool.hash({...part.file, algorithm}, signal, found.bytes);
    readers.push(hashing.bytes);
    const result = await hashing.result;
    if (result.status !== 'read') return notOpened(part, result.status === 'missing', result.reason);
    const comparable = part.recorded?.algorithm?.toLowerCase() === algorithm && part.recorded.hash !== null;
    const altered = comparable ? result.hash !== part.recorded?.hash?.toLowerCase() : null;
    const reason = altered ? alteredCopy : null;
    return {...found, bytes: result.bytes, hash: result.hash, altered, reason};
  };

  const count = async ({database}: Part, facts: FileFacts): Promise<FileFacts> => {
    if (!database || facts.state !== 'there' || signal.aborted) return facts;
    const rows = await rowsOfSide(database, {limit: countLimit, signal});
    if ('reason' in rows) return {...facts, state: 'unknown', reason: facts.reason ?? rows.reason};
    return {...facts, rows, at: rows.at ?? facts.at};
  };

  const run = async (index: number, push: (event: CompareEvent) => void): Promise<void> => {
    const pair = all[index] as Pair;
    const before = datasets[index] as DatasetDifference;
    const {algorithm} = before;
    const [one, other] = await Promise.all([
      hash(pair.one, before.one, algorithm).then((facts) => count(pair.one, facts)),
      hash(pair.other, before.other, algorithm).then((facts) => count(pair.other, facts)),
    ]);
    if (signal.aborted) return;
    const dataset = {...before, one, other, relation: relate(one, other, isDatabase(pair))};
    datasets[index] = dataset;
    push({type: 'dataset', index, dataset});
  };

  yield* follow<CompareEvent>(
    async (push) => {
      const sizes = datasets.map(({one, other}) => (one.bytes ?? 0) + (other.bytes ?? 0));
      const totalBytes = sum(sizes);
      push({type: 'started', datasets: [...datasets], totalBytes});
      const waiting = datasets.keys();
      const one = async (): Promise<void> => {
        for (const index of waiting) await run(index, push);
      };
      await Promise.all(Array.from({length: together}, one));
    },
    {
      interval,
      progress: () => ({
        type: 'progress',
        bytesDone: sum(readers.map((reader) => reader())),
      }),
      stop: () => left.abort(),
    },
  );
  const result = signal.aborted ? 'cancelled' : concludeComparison(datasets);
  yield {type: 'finished', result};
}
