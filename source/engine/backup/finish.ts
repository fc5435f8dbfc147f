import type {Directory} from '../base/directory.ts';
import {follow} from '../base/follow.ts';
import {withAdvice} from '../base/problem.ts';
import {sum} from '../base/sum.ts';
import {checkMayWrite, type RunPlace} from '../config/project.ts';
import {type ContentEvent, checkFiles} from '../content/check.ts';
import {whyUnsupported} from '../hashing/algorithms.ts';
import type {HashResult} from '../hashing/hash-file.ts';
import type {Pool} from '../hashing/pool.ts';
import {openWriter, type Writer} from '../retention/writer.ts';
import {type ContentKind, type ContentResult, kindByName} from '../storage/content.ts';
import {askedOf, keepVerdicts, saidBy} from '../storage/content-verdicts.ts';
import type {LeftOut} from '../storage/dataset.ts';
import type {Tidied} from '../storage/runbook/unfinished.ts';
import {makeManifest, settleCopies, writeManifest} from './finish-manifest.ts';
import {
  type Candidate,
  cannot,
  checkQuiet,
  type FinishPlan,
  likeOthers,
  type NamedReason,
  planFinish,
  tryLater,
  whyNothing,
} from './finish-plan.ts';

export type FinishedCopy = {
  name: string;
  bytes: number;
  kind: ContentKind;
  /** Null where nothing was written, and so nothing hashed. */
  hash: string | null;
};

export type FinishResult = {
  outcome: 'done' | 'planned' | 'cancelled';
  id: string;
  path: string;
  algorithm: string;
  copies: FinishedCopy[];
  missing: NamedReason[];
  leftOut: LeftOut[];
  /** SHA-256 over the manifest's content; null where none was written. */
  manifestDigest: string | null;
  /** What else was to be done, and was not: to keep what was found inside, and to tell the others. */
  untold: string[];
  seconds: number;
};

export type FinishEvent =
  | {type: 'tidied'; tidied: Tidied}
  | ContentEvent
  | {type: 'progress'; bytesDone: number; totalBytes: number}
  | {type: 'finished'; result: FinishResult};

export type FinishOptions = RunPlace & {
  id: string;
  /** Only looks: nothing is written. */
  dryRun: boolean;
  readOnly: boolean;
  pool: Pool;
  signal: AbortSignal;
  breakHost?: string | undefined;
  /** Milliseconds between two progress events. */
  interval?: number;
};

const mayBeCut = 'it may be cut short';

/** Why a copy is not known to be whole; null where it is. */
function whyNotWhole({segments}: Candidate, result: ContentResult | null): string | null {
  if (result === null) return `its kind does not show where it ends, so ${mayBeCut}`;
  if (result.state === 'broken') return `what lies there is broken: ${saidBy(result)}`;
  if (result.state === 'not checked') return `${mayBeCut}, and was not checked: ${result.detail}`;
  // Of lines of JSON the first one alone parses, too.
  return result.kind === 'json' && kindByName(segments.at(-1) ?? '') !== 'json'
    ? `it reads as JSON, but its name does not end in .json, so ${mayBeCut}`
    : null;
}

type Sound = Candidate & {found: ContentResult & {kind: ContentKind}};

/** Reads each copy to its end; of those that are not whole it is said why. */
async function* lookInside(
  {root, backups, id, readOnly, signal}: FinishOptions,
  {candidates, missing}: FinishPlan,
): AsyncGenerator<ContentEvent, Sound[], undefined> {
  const sound: Sound[] = [];
  const left = candidates.values();
  for await (const event of checkFiles({root, backups, held: null, id, readOnly, signal}, candidates)) {
    if (event.type === 'content checked') {
      const each = left.next().value as Candidate;
      const {result} = event;
      const reason = whyNotWhole(each, result);
      if (reason !== null || !result?.kind) missing.push({name: each.name, reason: reason ?? mayBeCut});
      else sound.push({...each, found: {...result, kind: result.kind}});
    }
    yield event;
  }
  return sound;
}

type Hashed = Extract<HashResult, {status: 'read'}>;

/** Hashes them, as they were looked into. @returns null where that was cancelled */
async function* hashAll(
  {id, pool, configuration, signal, interval = 100}: FinishOptions,
  directory: Directory,
  sound: Sound[],
): AsyncGenerator<FinishEvent, Hashed[] | null, undefined> {
  const left = new AbortController();
  const ends = AbortSignal.any([signal, left.signal]);
  const algorithm = configuration.algorithm.value;
  const jobs = sound.map(({segments, bytes}) =>
    pool.hash({directory: `${directory.path}/.`, segments, algorithm}, ends, bytes),
  );
  const totalBytes = sum(sound.map(({bytes}) => bytes));
  let results: HashResult[] = [];
  yield* follow<FinishEvent>(
    async () => {
      results = await Promise.all(jobs.map(({result}) => result));
    },
    {
      interval,
      progress: () => ({type: 'progress', bytesDone: sum(jobs.map(({bytes}) => bytes())), totalBytes}),
      stop: () => left.abort(),
    },
  );
  if (signal.aborted) return null;
  return results.map((result, index) => {
    const {name, bytes, mtimeMs} = sound[index] as Sound;
    if (result.status !== 'read') throw cannot(id, `${name}: ${result.reason}`);
    if (result.identity === null || result.bytes !== bytes || result.mtimeMs !== mtimeMs)
      throw cannot(id, `${name} changed while it was read: ${tryLater}`);
    return result;
  });
}

/**
 * Makes a backup of one that was cut off: it gets the manifest that it lacks, for the copies that are read to their end
 * and found sound. What else lies there is left out by name, and nothing that lies there is changed. Aborting leaves
 * nothing behind.
 * @throws Problem where nothing was written
 */
export async function* finishBackup(given: FinishOptions): AsyncGenerator<FinishEvent, void, undefined> {
  checkMayWrite(given.configuration);
  const options = {...given, configuration: likeOthers(given)};
  const {configuration, id, backups, dryRun} = options;
  const unsupported = whyUnsupported(configuration.algorithm.value);
  if (unsupported !== null) throw cannot(id, unsupported);
  // Before others' leavings are tidied up: this may be one of them.
  const plan = planFinish(options);
  const began = performance.now();
  const finished = (more: Partial<FinishResult>): FinishEvent => ({
    type: 'finished',
    result: {
      outcome: 'cancelled',
      id,
      path: `${backups}/${id}`,
      algorithm: configuration.algorithm.value,
      copies: [],
      missing: [],
      leftOut: [],
      manifestDigest: null,
      untold: [],
      ...more,
      seconds: (performance.now() - began) / 1000,
    },
  });
  if (dryRun) {
    const sound = yield* lookInside(options, plan);
    if (options.signal.aborted) return yield finished({});
    const copies = sound.map(({name, bytes, found: {kind}}) => ({name, bytes, kind, hash: null}));
    if (copies.length === 0) throw cannot(id, whyNothing(plan));
    const {missing, leftOut} = plan;
    return yield finished({outcome: 'planned', copies, missing, leftOut});
  }
  using writer = openWriter({...options, doing: 'backup finish'});
  const {tidied} = writer;
  if (tidied.names.length + tidied.left.length > 0 || tidied.hooksDue) yield {type: 'tidied', tidied};
  yield finished((yield* finishIn(options, writer)) ?? {});
}

/** @returns null where it was cancelled */
async function* finishIn(
  options: FinishOptions,
  writer: Writer,
): AsyncGenerator<FinishEvent, Partial<FinishResult> | null, undefined> {
  const {id, root, configuration, signal} = options;
  const plan = planFinish(options);
  using directory = writer.backups.find(id);
  if (!directory) throw cannot(id, 'it is gone');
  const sound = yield* lookInside(options, plan);
  if (signal.aborted) return null;
  if (sound.length === 0) throw cannot(id, whyNothing(plan));
  const hashed = yield* hashAll(options, directory, sound);
  if (hashed === null) return null;
  const hashOf = (index: number): string => (hashed[index] as Hashed).hash;
  const made = makeManifest(
    options,
    plan,
    sound.map(({name, source, segments: at, bytes}, index) => ({
      name,
      source,
      at,
      hash: hashOf(index),
      bytes,
    })),
    Math.max(...sound.map(({mtimeMs}) => mtimeMs)),
  );
  settleCopies(
    id,
    directory,
    sound.map((each, index) => ({...each, identity: hashed[index]?.identity ?? null})),
  );
  checkQuiet(id, directory, plan);
  const untold = writeManifest(id, directory, writer.backups, made);
  try {
    keepVerdicts(
      root,
      sound.map(({segments, found}, index) => ({
        ...askedOf(`${configuration.algorithm.value}:${hashOf(index)}`.toLowerCase(), segments.at(-1) ?? ''),
        finding: found,
      })),
    );
  } catch (error) {
    untold.push(`what was found inside could not be kept: ${withAdvice(error)}`);
  }
  const {missing, leftOut} = plan;
  const copies = sound.map(({name, bytes, found: {kind}}, index) => ({
    name,
    bytes,
    kind,
    hash: hashOf(index),
  }));
  return {outcome: 'done', copies, missing, leftOut, manifestDigest: made.digest, untold};
}
