import {setTimeout as wait} from 'node:timers/promises';
import {looksLikeBackupId} from '../backup-id.ts';
import {listBackups} from '../catalog/list.ts';
import {checksums, checksumsName} from '../checksums.ts';
import type {Pool} from '../hashing/pool.ts';
import {heldDirectory, listHeld} from '../held.ts';
import {maxManifestBytes, parseManifest} from '../manifest/read.ts';
import {describeError} from '../problem.ts';
import {type PruneEvent, prune} from '../prune.ts';
import type {Directory} from '../runbook/directory.ts';
import {rememberRun} from '../runbook/last-run.ts';
import type {Tidied} from '../runbook/unfinished.ts';
import {openWriter} from '../writer.ts';
import {type DatasetOutcome, SourceCopier} from './copy-sources.ts';
import {type MadeCopy, manifestText} from './manifest.ts';
import {checkLabel, idTime, labelSuffix} from './new-id.ts';
import {
  checkEnabled,
  checkMayWrite,
  isWhole,
  planRetention,
  planRun,
  type RunPlace,
  type RunPlan,
} from './plan.ts';
import type {LeftOut} from './sources.ts';
import {Workplace} from './workplace.ts';

export type RunResult = {
  /** `partial`: the backup is there, and something is not in it. */
  outcome: 'done' | 'partial' | 'failed' | 'cancelled';
  /** Null where no backup was made. */
  id: string | null;
  path: string | null;
  algorithm: string;
  copies: MadeCopy[];
  missing: {name: string; reason: string}[];
  /** Copied, but perhaps half old and half new. */
  changed: string[];
  doubtful: {name: string; reason: string}[];
  leftOut: LeftOut[];
  pruned: string[];
  /** What retention did not do, and why; null where it did all it should. */
  notPruned: string | null;
  /** Why it failed; null where it did not. */
  reason: string | null;
  seconds: number;
};

export type RunEvent =
  /** What a writer that was killed had left was tidied up. */
  | {type: 'tidied'; tidied: Tidied}
  | {type: 'planned'; plan: RunPlan}
  /** The clock has to pass the newest backup's second. */
  | {type: 'waiting'; reason: string}
  | {type: 'progress'; bytes: number[]; bytesDone: number}
  | {type: 'dataset'; index: number; outcome: DatasetOutcome}
  | {type: 'published'; id: string}
  | PruneEvent
  | {type: 'finished'; result: RunResult};

export type RunOptions = RunPlace & {
  label: string;
  /** Nothing is written if anything is missing. */
  strict: boolean;
  pool: Pool;
  signal: AbortSignal;
  breakHost?: string | undefined;
  /** Milliseconds between two progress events. */
  interval?: number;
};

/** Milliseconds that a clock may be behind the newest backup before that is a fault. */
const patience = 2000;

/** Time part of the newest backup's id, `''` where there is none. Held ones count: their ids are taken too. */
function newestTime({root, backups}: RunPlace): string {
  const ids = [...listBackups(backups).ids, ...listHeld(heldDirectory(root)).map(({id}) => id)];
  return ids
    .filter(looksLikeBackupId)
    .map((id) => id.slice(0, 15))
    .reduce((newest, time) => (time > newest ? time : newest), '');
}

/**
 * An id later than every other, so that sorting by name stays sorting by time, and nothing is ever overwritten.
 * @throws Error where the clock is further behind than waiting helps
 */
async function* newId(options: RunOptions): AsyncGenerator<RunEvent, string, undefined> {
  const until = Date.now() + patience;
  for (let told = false; ; told = true) {
    const newest = newestTime(options);
    const time = idTime(Date.now());
    if (time > newest) return time + labelSuffix(options.label);
    if (Date.now() > until) {
      throw new Error(whyNotNow(options) ?? `the clock did not pass ${newest} UTC`);
    }
    if (!told) yield {type: 'waiting', reason: `for the clock to pass ${newest} UTC, the newest backup's`};
    await wait(50, undefined, {signal: options.signal}).catch(() => {});
    if (options.signal.aborted) return '';
  }
}

/** Why the clock does not allow a backup now, nor within the time that is waited; null when it does. */
function whyNotNow(place: RunPlace): string | null {
  const newest = newestTime(place);
  const time = idTime(Date.now());
  if (idTime(Date.now() + patience) > newest) return null;
  return `the newest backup is of ${newest} UTC, and the clock says ${time}: it is behind, or that backup's name is wrong. Set the clock, or move that backup away`;
}

/** What must not be written, and why; null when all can be. The same for a dry run. */
export function whyNot(place: RunPlace, plan: RunPlan, strict: boolean): string | null {
  const {datasets, missing, needed, free} = plan;
  const reasons = missing.map(({name, reason}) => `${name}: ${reason}`).join('; ');
  if (datasets.length === 0) return 'no dataset is configured';
  if (missing.length === datasets.length) return `there is nothing that could be copied: ${reasons}`;
  const grave = plan.leftOut.filter((each) => each.grave);
  if (strict && missing.length + grave.length > 0)
    return [reasons, ...grave.map(({name, reason}) => `${name}: ${reason}`)].filter(Boolean).join('; ');
  const late = whyNotNow(place);
  if (late) return late;
  if (free !== null && needed > free)
    return `there is not enough space: ${needed} bytes are needed, ${free} are free, ${needed - free} are missing`;
  return null;
}

/** A result of which nothing has come yet. */
export const nothing = (algorithm: string): Omit<RunResult, 'outcome' | 'seconds'> => ({
  id: null,
  path: null,
  algorithm,
  copies: [],
  missing: [],
  changed: [],
  doubtful: [],
  leftOut: [],
  pruned: [],
  notPruned: null,
  reason: null,
});

/**
 * Makes a backup: whole or not at all (DESIGN.md, "Backup and retention"). Then retention does its work, if nothing was
 * missing. Aborting leaves nothing behind.
 * @throws Problem where it may not even begin: another writer, an unsettled configuration, a label, a clock
 */
export async function* runBackup(options: RunOptions): AsyncGenerator<RunEvent, void, undefined> {
  const {configuration, label, strict} = options;
  const began = performance.now();
  checkLabel(label);
  checkMayWrite(configuration);
  checkEnabled(configuration);
  const {state, backups, tidied, close} = openWriter({...options, doing: 'backup run'});
  try {
    if (tidied.names.length + tidied.left.length > 0) yield {type: 'tidied', tidied};
    const plan = planRun(options, label);
    yield {type: 'planned', plan};
    const refused = whyNot(options, plan, strict);
    const {missing, leftOut} = plan;
    const base = {...nothing(configuration.algorithm.value), missing, leftOut};
    const result = refused
      ? {...base, outcome: 'failed' as const, reason: `${refused}. Nothing was written`}
      : yield* make(options, plan, state, backups);
    yield {type: 'finished', result: {...result, seconds: (performance.now() - began) / 1000}};
  } finally {
    close();
  }
}

type Made = Omit<RunResult, 'seconds'>;

async function* make(
  options: RunOptions,
  plan: RunPlan,
  state: Directory,
  backups: Directory,
): AsyncGenerator<RunEvent, Made, undefined> {
  const {configuration, strict, signal} = options;
  const algorithm = configuration.algorithm.value;
  const failed = (reason: string): Made => ({
    ...nothing(algorithm),
    missing: plan.missing,
    leftOut: plan.leftOut,
    outcome: 'failed',
    reason: `${reason}. Nothing was written`,
  });
  const cancelled: Made = {...nothing(algorithm), outcome: 'cancelled'};
  let workplace: Workplace;
  let id: string;
  try {
    id = yield* newId(options);
    if (signal.aborted) return cancelled;
    workplace = new Workplace(state, backups, id);
  } catch (error) {
    return failed(`the backup could not be begun: ${describeError(error)}`);
  }
  let published = false;
  try {
    const begun = new Date();
    const {stats} = backups;
    const owner = {uid: stats.uid, gid: stats.gid, mode: stats.mode};
    const {datasets} = plan;
    const copier = new SourceCopier({workplace, datasets, algorithm, owner, pool: options.pool, signal});
    yield* follow(copier, options.interval ?? 100);
    if (signal.aborted) return cancelled;
    const {outcomes} = copier;
    const copies = outcomes.flatMap((outcome) => outcome.copies);
    const missing = [...plan.missing, ...outcomes.flatMap((outcome) => outcome.failed)];
    const changed = outcomes.flatMap((outcome) => outcome.changed);
    const doubtful = outcomes.flatMap((outcome) => outcome.doubtful);
    const reasons = missing.map(({name, reason}) => `${name}: ${reason}`).join('; ');
    if (copies.length === 0) return {...failed(`there is nothing that could be copied: ${reasons}`), missing};
    if (strict && missing.length > 0) return {...failed(reasons), missing};
    const ended = new Date();
    const manifestOf = (name: string): string =>
      manifestText({
        id: name,
        backups: options.backups,
        algorithm,
        label: options.label,
        connection: configuration.connection,
        began: begun,
        ended,
        copies,
        missing,
        changed: [...changed, ...doubtful.map((each) => each.name)],
        leftOut: plan.leftOut,
      });
    if (Buffer.byteLength(manifestOf(id)) > maxManifestBytes)
      return failed(`${copies.length} files make a manifest that is too large to be read again`);
    workplace.settleDirectories([...copier.directories.values()].reverse());
    const final = yield* publish(options, workplace, id, manifestOf);
    if (final === null) return signal.aborted ? cancelled : failed('its name was taken again and again');
    published = true;
    yield {type: 'published', id: final};
    const whole = changed.length + doubtful.length === 0 && isWhole({missing, leftOut: plan.leftOut});
    const made: Made = {
      ...nothing(algorithm),
      outcome: whole ? 'done' : 'partial',
      id: final,
      path: `${options.backups}/${final}`,
      copies,
      missing,
      changed,
      doubtful,
      leftOut: plan.leftOut,
    };
    return {...made, ...(yield* afterwards(options, state, backups, made))};
  } catch (error) {
    if (published) throw error;
    return failed(`the copies could not be written: ${describeError(error)}`);
  } finally {
    if (!published) workplace.discard();
    workplace.close();
  }
}

/** Tells how far the copying is until it is done. */
async function* follow(copier: SourceCopier, interval: number): AsyncGenerator<RunEvent, void, undefined> {
  const events: RunEvent[] = [];
  let wake = (): void => {};
  let over = false;
  const push = (event: RunEvent): void => {
    events.push(event);
    wake();
  };
  const running = copier
    .run((index) => push({type: 'dataset', index, outcome: copier.outcomes[index] as DatasetOutcome}))
    .finally(() => {
      over = true;
      wake();
    });
  // Awaited below; a failure before that is not unheard.
  running.catch(() => {});
  const timer = setInterval(() => {
    const {bytes} = copier;
    push({type: 'progress', bytes, bytesDone: bytes.reduce((sum, each) => sum + each, 0)});
  }, interval);
  try {
    for (;;) {
      const event = events.shift();
      if (event) yield event;
      else if (over) break;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (over || events.length > 0) resolve();
        });
      }
    }
    await running;
  } finally {
    clearInterval(timer);
    // Whoever stops reading early must not leave somebody writing.
    await running.catch(() => {});
  }
}

/** Makes it appear; under a later id where somebody took the name while it was being made. */
async function* publish(
  options: RunOptions,
  workplace: Workplace,
  first: string,
  manifestOf: (id: string) => string,
): AsyncGenerator<RunEvent, string | null, undefined> {
  let id = first;
  for (let attempt = 0; attempt < 3; attempt++) {
    const text = manifestOf(id);
    const parsed = parseManifest(Buffer.from(text));
    if ('reason' in parsed) throw new Error(`the manifest that was made cannot be read: ${parsed.reason}`);
    const sums = checksums(parsed, id);
    const done = workplace.publish(id, () => {
      if (sums !== null) workplace.writeFile(checksumsName, sums);
      workplace.writeFile('manifest.json', text);
    });
    if (done) return id;
    id = yield* newId(options);
    if (options.signal.aborted) return null;
  }
  return null;
}

/** What follows a backup that is there; nothing in it can take that back. */
async function* afterwards(
  options: RunOptions,
  state: Directory,
  backups: Directory,
  {id, outcome}: Made,
): AsyncGenerator<RunEvent, Pick<Made, 'pruned' | 'notPruned'>, undefined> {
  const pruned: string[] = [];
  const problems: string[] = [];
  try {
    rememberRun(state, id as string, options.configuration);
    if (outcome !== 'done') {
      const goes = planRetention(options, null).filter(({stays}) => !stays).length;
      const notPruned =
        goes === 0
          ? null
          : `retention waits for a run with nothing missing; ${goes} would go ("magds backup prune" does it now)`;
      return {pruned, notPruned};
    }
    for await (const event of prune(state, backups, planRetention(options, null), options.signal)) {
      if (event.type === 'pruned') pruned.push(event.id);
      const problem = event.type === 'pruned' ? event.left : event.reason;
      if (problem !== null) problems.push(`${event.id}: ${problem}`);
      yield event;
    }
  } catch (error) {
    problems.push(describeError(error));
  }
  return {pruned, notPruned: problems.length > 0 ? problems.join('; ') : null};
}
