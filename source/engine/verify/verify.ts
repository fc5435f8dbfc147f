import type fs from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {inodeOf, seenAt} from '../base/files.ts';
import {follow} from '../base/follow.ts';
import {describeError} from '../base/problem.ts';
import {describeMissing, stillWritten} from '../catalog/cut-off.ts';
import type {ToldEvent} from '../events/log/audit-line.ts';
import {digestLength, whyUnsupported} from '../hashing/algorithms.ts';
import type {HashResult} from '../hashing/hash-file.ts';
import type {Pool} from '../hashing/pool.ts';
import type {DatasetResult, DatasetStatus} from '../storage/dataset.ts';
import {directoryOf} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import type {Json} from '../storage/manifest/json.ts';
import {phpSays} from '../storage/manifest/php-says.ts';
import {readManifest} from '../storage/manifest/read.ts';
import {type Dataset, noAlgorithm} from '../storage/manifest/schema.ts';
import {type BackupResult, recordHeld, recordVerification} from './record.ts';
export type VerifyEvent =
  | {type: 'started'; backups: {id: string; datasets: {name: string; bytes: number}[]}[]; totalBytes: number}
  /** Bytes read so far of each dataset of each backup, in the order of `started`. */
  | {type: 'progress'; bytes: number[][]; bytesDone: number}
  | {type: 'dataset'; backup: number; index: number; result: DatasetResult}
  | {type: 'backup'; backup: number; result: BackupResult}
  /**
   * `told`: the events of it; `untold`: what of it could not be told to others: the audit log, the metrics, the site's
   * hooks.
   */
  | {
      type: 'finished';
      results: BackupResult[];
      seconds: number;
      told?: ToldEvent[];
      untold?: string[];
    };

type Plan = {
  id: string;
  directory: string;
  /** Of the directory, so that nothing is written into one put in its place. */
  inode: string;
  /** The manifest that is verified, until its digest is taken; null where it cannot be read. */
  tree: Json | null;
  reason: string | null;
  /** What it comes to where there is a reason. */
  result: 'failed' | 'running' | 'not checked';
  php: string[];
  jobs: {dataset: Dataset; segments: string[] | null; bytes: number; refusal: DatasetResult | null}[];
};

export type VerifyOptions = {
  backups: string;
  /** The project that they belong to: then no link of another user's leads to where a result is kept. */
  root?: string | null;
  /** Where backups are held that are not there any more. */
  held?: string | null;
  ids: string[];
  /** The configured one, for copies of which the manifest names none; null where no configuration says it. */
  algorithm?: string | null | Promise<string | null>;
  pool: Pool;
  signal?: AbortSignal;
  /** False leaves no trace on the disk; a promise, where that is known only later, is waited for at the end. */
  record: boolean | Promise<boolean>;
  /** Milliseconds between two progress events. */
  interval?: number;
};

const refuse = (dataset: Dataset, status: DatasetStatus, reason: string): DatasetResult => ({
  name: dataset.name,
  status,
  algorithm: dataset.algorithm,
  expected: dataset.hash,
  actual: null,
  bytes: null,
  mtimeMs: null,
  reason,
});

/** For the progress only; what is wrong with a copy is found out when it is opened. */
function sizeOf(path: string): number {
  try {
    const stats = seenAt(path);
    return stats?.isFile() ? stats.size : 0;
  } catch {
    return 0;
  }
}

function planBackup(backups: string, held: string | null, id: string): Plan {
  const directory = directoryOf(backups, held, id);
  const none = (reason: string, result: Plan['result'] = 'failed'): Plan => ({
    id,
    directory,
    inode: '',
    tree: null,
    reason,
    result,
    php: [],
    jobs: [],
  });
  let inode: string;
  try {
    const stats = seenAt(directory);
    if (!stats) return none('it is not there any more');
    if (!stats.isDirectory()) return none('it is a link or a file, not a directory');
    inode = inodeOf(stats);
  } catch (error) {
    return none(`its directory cannot be looked at: ${describeError(error)}`);
  }
  const read = readManifest(directory);
  if (read.state === 'missing') {
    const {reason} = describeMissing(directory, Date.now());
    return none(reason, reason.includes(stillWritten) ? 'running' : 'failed');
  }
  if (read.state === 'unreadable') return none(read.reason, read.isOurs ? 'not checked' : 'failed');
  const {manifest} = read;
  const ids = namesOf(id, manifest.id);
  const jobs = manifest.datasets.map((dataset): Plan['jobs'][number] => {
    if (dataset.flaw)
      return {dataset, segments: null, bytes: 0, refusal: refuse(dataset, 'unreadable', dataset.flaw)};
    const located = locateCopy(dataset.backup ?? '', ids);
    if ('unsafe' in located)
      return {dataset, segments: null, bytes: 0, refusal: refuse(dataset, 'unsafe', located.unsafe)};
    const bytes = sizeOf(`${directory}/${located.segments.join('/')}`);
    return {dataset, segments: located.segments, bytes, refusal: null};
  });
  const php = phpSays(manifest.tree, manifest.datasets);
  return {id, directory, inode, tree: manifest.tree, reason: null, result: 'failed', php, jobs};
}

function judge(dataset: Dataset, hashed: HashResult): DatasetResult {
  if (hashed.status !== 'read') return refuse(dataset, hashed.status, hashed.reason);
  const {hash: actual, bytes, mtimeMs} = hashed;
  const base = {...refuse(dataset, 'match', ''), actual, bytes, mtimeMs};
  const expected = dataset.hash ?? '';
  if (actual === expected.toLowerCase()) return {...base, reason: null};
  const length = digestLength(dataset.algorithm ?? '');
  const malformed = expected.length !== length || !/^[0-9a-f]*$/i.test(expected);
  return {
    ...base,
    status: 'mismatch',
    reason: malformed
      ? `the manifest records no ${dataset.algorithm} hash: "${expected.slice(0, 140)}"`
      : 'the copy is not what the manifest recorded',
  };
}

/** An algorithm we lack, or no recorded hash, is worth finding out only where there is a copy to check. */
function cannotCheck(dataset: Dataset): string | null {
  if (dataset.algorithm === null) return noAlgorithm;
  const unsupported = whyUnsupported(dataset.algorithm);
  if (unsupported !== null) return unsupported;
  return dataset.hash === null ? 'the manifest records no hash (false): nothing to compare with' : null;
}

const joined = (datasets: DatasetResult[]) =>
  datasets
    .filter(({status}) => status !== 'match')
    .map(({name, status}) => `${name}: ${status}`)
    .join(', ');

function conclude(plan: Plan, datasets: DatasetResult[]): Omit<BackupResult, 'recorded'> {
  const {id} = plan;
  if (plan.reason !== null) return {id, result: plan.result, reason: plan.reason, datasets};
  if (datasets.some(({status}) => status === 'cancelled'))
    return {id, result: 'cancelled', reason: 'cancelled', datasets};
  if (datasets.length === 0)
    return {id, result: 'failed', reason: 'it holds no datasets: nothing was checked', datasets};
  const passed = datasets.every(({status}) => status === 'match');
  const isUnknown = datasets.every(({status}) => status === 'match' || status === 'not checked');
  if (isUnknown && !passed) {
    const reasons = new Set(datasets.map(({reason}) => reason).filter(Boolean));
    return {id, result: 'not checked', reason: [...reasons].join('; '), datasets};
  }
  return {id, result: passed ? 'passed' : 'failed', reason: passed ? null : joined(datasets), datasets};
}

/** Milliseconds to wait for the end of a removal that is going on. */
const patience = 1000;

const look = (path: string): fs.Stats | undefined => {
  try {
    return seenAt(path);
  } catch {
    return undefined;
  }
};

/** Whether it was removed meanwhile. PHP removes the copies first, then the manifest, then the directory. */
async function isGone(
  {directory, jobs}: Plan,
  digest: string | null,
  datasets: DatasetResult[],
): Promise<boolean> {
  const isThere = (): boolean =>
    look(directory) !== undefined && (digest === null || look(`${directory}/manifest.json`) !== undefined);
  const changed = Math.max(...[directory, `${directory}/datasets`].map((at) => look(at)?.mtimeMs ?? 0));
  const isRemoved = datasets.some(
    ({status}, index) =>
      status === 'missing' && ((jobs[index]?.bytes ?? 0) > 0 || Date.now() - changed < patience),
  );
  const until = performance.now() + (isRemoved ? patience : 0);
  while (isThere()) {
    if (performance.now() >= until) return false;
    await wait(10);
  }
  return true;
}

/**
 * Hashes the copies of the given backups again and compares them with their manifests. A backup passes when it has at
 * least one dataset and all match (DESIGN.md, "Verification"). Nothing outside a backup's directory is opened.
 * Aborting ends it at once: what was not finished is `cancelled`, and is not recorded.
 */
export async function* verify(options: VerifyOptions): AsyncGenerator<VerifyEvent, void, undefined> {
  const {pool, interval = 100} = options;
  // A reader of the events that stops early stops the work too.
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const began = performance.now();
  const plans = options.ids.map((id) => planBackup(options.backups, options.held ?? null, id));
  const started: VerifyEvent = {
    type: 'started',
    backups: plans.map(({id, jobs}) => ({
      id,
      datasets: jobs.map(({dataset, bytes}) => ({name: dataset.name, bytes})),
    })),
    totalBytes: plans.reduce((sum, plan) => sum + plan.jobs.reduce((part, job) => part + job.bytes, 0), 0),
  };
  const readers: (() => number)[][] = plans.map(({jobs}) => jobs.map(() => () => 0));

  type Push = (event: VerifyEvent) => void;
  const runJob = async (plan: Plan, backup: number, index: number, push: Push): Promise<DatasetResult> => {
    const job = plan.jobs[index] as Plan['jobs'][number];
    let result = job.refusal;
    if (!result) {
      const algorithm = job.dataset.algorithm ?? (await options.algorithm) ?? null;
      const dataset = {...job.dataset, algorithm};
      const task = {
        directory: plan.directory,
        segments: job.segments ?? [],
        algorithm: algorithm ?? '',
      };
      const reason = cannotCheck(dataset);
      // Without an algorithm the copy is only opened: that it is missing says more than that it cannot be hashed.
      const hashing = pool.hash(reason ? {...task, algorithm: ''} : task, signal, job.bytes);
      (readers[backup] as (() => number)[])[index] = hashing.bytes;
      const hashed = await hashing.result;
      result = judge(dataset, hashed);
      if (reason && hashed.status === 'unsupported') result = refuse(dataset, 'unsupported', reason);
    }
    push({type: 'dataset', backup, index, result});
    return result;
  };

  const runBackup = async (plan: Plan, backup: number, push: Push): Promise<BackupResult> => {
    const running = plan.jobs.map((_, index) => runJob(plan, backup, index, push));
    // While the workers read.
    const digest = plan.tree === null ? null : manifestDigest(plan.tree);
    plan.tree = null;
    const datasets = await Promise.all(running);
    let concluded = conclude(plan, datasets);
    if (concluded.result !== 'cancelled' && (await isGone(plan, digest, datasets)))
      concluded = {...concluded, result: 'gone', reason: 'it was deleted meanwhile: it has no result'};
    const isJudged = concluded.result === 'passed' || concluded.result === 'failed';
    const isKept = digest !== null && isJudged && (await options.record);
    const root = options.root ?? null;
    const seconds = (performance.now() - began) / 1000;
    const recorded = isKept ? recordVerification({...plan, root}, digest, concluded, seconds) : null;
    if (recorded?.record && options.held) {
      const copies = plan.jobs.flatMap(({segments}) => (segments === null ? [] : [segments]));
      recordHeld({...plan, root}, options.held, copies, concluded, seconds);
    }
    const result = {...concluded, recorded, ...(plan.php.length > 0 && {php: plan.php})};
    push({type: 'backup', backup, result});
    return result;
  };

  let results: BackupResult[] = [];
  yield* follow<VerifyEvent>(
    async (push) => {
      // The hashing goes on whatever is done with the first event.
      push(started);
      results = await Promise.all(plans.map((plan, index) => runBackup(plan, index, push)));
    },
    {
      interval,
      progress: () => {
        const bytes = readers.map((backup) => backup.map((reader) => reader()));
        const bytesDone = bytes.flat().reduce((sum, each) => sum + each, 0);
        return {type: 'progress', bytes, bytesDone};
      },
      stop: () => left.abort(),
    },
  );
  yield {type: 'finished', results, seconds: (performance.now() - began) / 1000};
}
