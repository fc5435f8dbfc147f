import fs from 'node:fs';
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {Directory} from '../base/directory.ts';
import {follow} from '../base/follow.ts';
import {openExactlyInside} from '../base/open-inside.ts';
import {errorCode, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {createFile, syncDirectory} from '../base/replace-file.ts';
import {sum} from '../base/sum.ts';
import {listBackups} from '../catalog/list.ts';
import {describeMissing, stillWritten} from '../catalog/row.ts';
import {checkMayWrite, type RunPlace} from '../config/project.ts';
import {type ContentEvent, checkFiles} from '../content/check.ts';
import {whyUnsupported} from '../hashing/algorithms.ts';
import {fileIdentity, type HashResult} from '../hashing/hash-file.ts';
import type {Pool} from '../hashing/pool.ts';
import {openWriter, type Writer} from '../retention/writer.ts';
import {backupTime} from '../storage/backup-id.ts';
import {type ContentKind, type ContentResult, kindByName} from '../storage/content.ts';
import {askedOf, keepVerdicts, saidBy} from '../storage/content-verdicts.ts';
import type {LeftOut} from '../storage/dataset.ts';
import {heldDirectory} from '../storage/held.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {type LyingFile, lyingIn, mostLying} from '../storage/manifest/lying.ts';
import {parseManifest, readManifest, whyTooLarge} from '../storage/manifest/read.ts';
import {type MadeCopy, manifestText} from '../storage/manifest/write.ts';
import type {Tidied} from '../storage/runbook/unfinished.ts';

/** A dataset that a backup without a manifest holds, or does not; not escaped. */
type Named = {name: string; reason: string};

/** The copy of a configured dataset. */
type Candidate = LyingFile & {name: string; source: string};

/** What lies in a backup that was cut off, before anything of it is read. */
type FinishPlan = {
  /** All that was seen to lie there. */
  files: LyingFile[];
  candidates: Candidate[];
  /** Configured datasets that cannot be taken up. */
  missing: Named[];
  /** What lies there and is no dataset's. */
  leftOut: LeftOut[];
};

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
  missing: Named[];
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

/** Why a backup is not one that was cut off, and lies where it belongs; null where it is. */
function whyNotFinish({root, backups, id}: FinishOptions): string | null {
  const {ids, strays} = listBackups(backups, heldDirectory(root));
  const stray = strays.find(({name}) => name === id);
  if (stray) return `it is ${stray.reason}`;
  const directory = `${backups}/${id}`;
  if (!ids.includes(id) || !fs.lstatSync(directory, {throwIfNoEntry: false}))
    return `it does not lie in ${backups}`;
  const read = readManifest(directory);
  if (read.state === 'read') return 'it has a manifest, and is a backup already';
  if (read.state === 'unreadable') return `it has a manifest, that cannot be used: ${read.reason}`;
  if (backupTime(id) === null) return 'its name holds no time, and a manifest needs one';
  return whyTooEarly(directory);
}

/** Why the run may still be going on; null where nothing says so. */
function whyTooEarly(directory: string): string | null {
  const {reason} = describeMissing(directory, Date.now());
  return reason.includes(stillWritten) ? `${reason}: try again in two minutes` : null;
}

const cannot = (id: string, why: string): Problem =>
  new Problem(exitCode.failed, `${id} cannot be made a backup: ${why}. Nothing was written.`);

/** @throws Problem where it is none that was cut off, or is still being made */
function planFinish(options: FinishOptions): FinishPlan {
  const {backups, id, configuration} = options;
  const why = whyNotFinish(options);
  if (why !== null) throw cannot(id, why);
  const datasets = configuration.datasets.value;
  const places = copyNames(
    datasets.map(({name, type, ...each}) => ({name, basename: type.copyName({name, type, ...each})})),
  );
  const files = filesIn(id, `${backups}/${id}`);
  const isAll = files.length <= mostLying;
  const rest = new Map(files.map((file) => [file.segments.slice(1).join('/'), file]));
  const plan: FinishPlan = {files, candidates: [], missing: [], leftOut: []};
  for (const [index, {name, source, type, ...more}] of datasets.entries()) {
    const at = (places[index] as string[]).join('/');
    const mine = [...rest.keys()].filter((file) => file === at || file.startsWith(`${at}/`));
    const file = rest.get(at);
    for (const each of mine) rest.delete(each);
    const isFile = type.copyName({name, source, type, ...more}) !== null;
    if (mine.length === 0)
      plan.missing.push({name, reason: isAll ? 'cut off before it was copied' : notLookedAt});
    else if (file && isFile) plan.candidates.push({...file, name, source});
    else plan.missing.push({name, reason: type.isTree || isFile ? ofDirectory : ofDatabase});
  }
  // Of a directory once.
  for (const name of new Set([...rest.keys()].map((file) => file.split('/', 1)[0] as string)))
    plan.leftOut.push({name, reason: 'no configured dataset has a file of this name', grave: false});
  if (!isAll) plan.leftOut.push({name: 'other files', reason: notLookedAt, grave: false});
  return plan;
}

function filesIn(id: string, directory: string): LyingFile[] {
  try {
    return lyingIn(directory);
  } catch (error) {
    throw cannot(id, `its files cannot be listed: ${withAdvice(error)}`);
  }
}

const notLookedAt = `not among the files that were looked at: more than ${mostLying} lie in it`;
const ofDirectory = 'a directory of files: some may be missing';
const ofDatabase = 'a dump of a database: its manifest would have said of which';
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

const changes = 'something writes to it, so that it may still be being made: try again in two minutes';

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
      throw cannot(id, `${name} changed while it was read: ${changes}`);
    return result;
  });
}

/** The directories that lead to copies, from `datasets` on. */
const waysTo = (copies: LyingFile[]): Set<string> =>
  new Set(
    copies.flatMap(({segments}) => segments.slice(1).map((_, at) => segments.slice(0, at + 1).join('/'))),
  );

/** That each copy is still the file that was read, and is on the disk under its name. */
function settleCopies(id: string, directory: Directory, sound: Sound[], hashed: Hashed[]): void {
  try {
    for (const way of waysTo(sound)) syncDirectory(`${directory.path}/${way}`);
  } catch (error) {
    throw cannot(id, `its copies cannot be brought to the disk: ${withAdvice(error)}`);
  }
  for (const [index, {name, segments}] of sound.entries()) {
    const opened = openExactlyInside(`${directory.path}/.`, segments);
    if ('status' in opened) throw cannot(id, `${name}: ${opened.reason}`);
    try {
      if (fileIdentity(opened.stats) !== hashed[index]?.identity)
        throw cannot(id, `${name} changed since it was read: ${changes}`);
      fs.fsyncSync(opened.fd);
    } finally {
      fs.closeSync(opened.fd);
    }
  }
}

/** That nothing was written since it was planned: PHP takes no lock, and may be silent for long. */
function checkQuiet(id: string, directory: Directory, {files}: FinishPlan): void {
  const now = `${directory.path}/.`;
  const why = isDeepStrictEqual(filesIn(id, now), files) ? whyTooEarly(now) : changes;
  if (why !== null) throw cannot(id, `it changes while it is looked at: ${why}`);
}

/** Writes it where there is none, durably. @returns what there is to say although it is there */
function writeManifest(
  id: string,
  directory: Directory,
  backups: Directory,
  {text, digest}: MadeManifest,
): string[] {
  if (!directory.isAt(backups, id)) throw cannot(id, 'something else was put in its place meanwhile');
  const owner = backups.stats;
  try {
    createFile(directory.path, 'manifest.json', text, owner, owner.mode & 0o666);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw cannot(id, 'it got a manifest meanwhile');
    const read = readManifest(directory.path);
    if (read.state !== 'read' || manifestDigest(read.manifest.tree) !== digest)
      throw cannot(id, `its manifest cannot be written: ${withAdvice(error)}`);
    return [`manifest.json is there, but may not survive a power cut: ${withAdvice(error)}`];
  }
  return [];
}

type MadeManifest = {text: string; digest: string};

/** The text of its manifest, and the digest over that. */
function makeManifest(
  {id, backups, configuration}: FinishOptions,
  {missing, leftOut}: FinishPlan,
  copies: MadeCopy[],
  lastWritten: number,
): MadeManifest {
  const began = new Date((backupTime(id) ?? 0) * 1000);
  const finished = new Date();
  const text = manifestText({
    id,
    backups,
    algorithm: configuration.algorithm.value,
    label: id.slice('20260101_000000_'.length),
    connection: configuration.connection,
    began,
    // A clock may have been wrong.
    ended: new Date(Math.max(began.getTime(), Math.min(lastWritten, finished.getTime()))),
    finished,
    copies,
    missing,
    changed: [],
    leftOut,
    directories: new Map(),
  });
  const tooLarge = whyTooLarge(copies.length, Buffer.byteLength(text));
  if (tooLarge !== null) throw cannot(id, tooLarge);
  const parsed = parseManifest(Buffer.from(text));
  if ('reason' in parsed) throw new Error(`the manifest that was made cannot be read: ${parsed.reason}`);
  return {text, digest: manifestDigest(parsed.tree)};
}

/**
 * Makes a backup of one that was cut off: it gets the manifest that it lacks, for the copies that are read to their end
 * and found sound. What else lies there is left out by name, and nothing that lies there is changed. Aborting leaves
 * nothing behind.
 * @throws Problem where nothing was written
 */
export async function* finishBackup(options: FinishOptions): AsyncGenerator<FinishEvent, void, undefined> {
  const {configuration, id, backups, dryRun} = options;
  checkMayWrite(configuration);
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
  const writer = openWriter({...options, doing: 'backup finish'});
  try {
    const {tidied} = writer;
    if (tidied.names.length + tidied.left.length > 0 || tidied.hooksDue) yield {type: 'tidied', tidied};
    yield finished((yield* finishIn(options, writer)) ?? {});
  } finally {
    writer.close();
  }
}

const whyNothing = ({missing}: FinishPlan): string =>
  `nothing in it can be taken up (${missing.map(({name, reason}) => `${name}: ${reason}`).join('; ')})`;

/** @returns null where it was cancelled */
async function* finishIn(
  options: FinishOptions,
  writer: Writer,
): AsyncGenerator<FinishEvent, Partial<FinishResult> | null, undefined> {
  const {id, root, configuration, signal} = options;
  const plan = planFinish(options);
  const directory = writer.backups.find(id);
  if (!directory) throw cannot(id, 'it is gone');
  try {
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
    settleCopies(id, directory, sound, hashed);
    checkQuiet(id, directory, plan);
    const untold = writeManifest(id, directory, writer.backups, made);
    try {
      keepVerdicts(
        root,
        sound.map(({segments, found}, index) => ({
          ...askedOf(
            `${configuration.algorithm.value}:${hashOf(index)}`.toLowerCase(),
            path.basename(segments.join('/')),
          ),
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
  } finally {
    directory.close();
  }
}
