import {describeError} from '../base/problem.ts';
import {
  type ContentKind,
  type ContentResult,
  type Finding,
  kindByName,
  notChecked,
} from '../storage/content.ts';
import {askedOf, keepVerdicts} from '../storage/content-verdicts.ts';
import type {DatasetResult} from '../storage/dataset.ts';
import {directoryOf} from '../storage/held.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import {type LyingFile, lyingIn, lyingName, type SourceNames} from '../storage/manifest/lying.ts';
import {readManifest} from '../storage/manifest/read.ts';
import type {ContentAnswer, ContentJob} from './answer.ts';
import {Checker} from './checker.ts';
import {PrivatePlace} from './private-place.ts';

export type ContentEvent =
  /** What is looked into, in this order; the kind is what the name says, null where only the bytes can tell. */
  | {type: 'content started'; id: string; datasets: {name: string; kind: ContentKind | null}[]}
  | {type: 'content checking'; id: string; name: string}
  /** Null: it is nothing that is known to be checked. */
  | {type: 'content checked'; id: string; name: string; result: ContentResult | null}
  | {type: 'content finished'; id: string; summary: ContentSummary};

export type ContentSummary = {
  /** `nothing to check`: nothing is known to check of what matched. */
  outcome: 'sound' | 'broken' | 'not checked' | 'nothing to check' | 'cancelled';
  results: ContentResult[];
  /** Datasets that matched, of which nothing is known to check. */
  others: number;
  /** What to tell the operator beside that; null where there is nothing. */
  note: string | null;
};

type Looking = {
  backups: string;
  held: string | null;
  /** Where a private copy may lie, and what is found is kept; null for a directory of backups alone. */
  root: string | null;
  id: string;
  readOnly: boolean;
  signal?: AbortSignal | undefined;
};

type ContentOptions = Looking & {
  /** Of the verification: only what matched is looked into, and only for as long as it is what was hashed. */
  datasets: DatasetResult[];
};

/** `content`: by which a verdict is kept; null where no manifest says what was backed up. */
type Target = {name: string; content: string | null; job: ContentJob};
/** A copy that matched, and that the manifest does not name any more. */
type Lost = {name: string; reason: string};

/** The copies that matched, as the manifest still names them. */
function findTargets({backups, held, id, datasets}: ContentOptions): (Target | Lost)[] {
  const directory = directoryOf(backups, held, id);
  const read = readManifest(directory);
  const manifest = read.state === 'read' ? read.manifest : null;
  const ids = namesOf(id, manifest?.id ?? null);
  return datasets.flatMap(({name, status, algorithm, actual, bytes, mtimeMs}, index): (Target | Lost)[] => {
    const entry = manifest?.datasets[index];
    if (status !== 'match' || actual === null || bytes === null || mtimeMs === null) return [];
    if (entry?.name !== name || entry.hash?.toLowerCase() !== actual)
      return [{name, reason: 'the manifest was changed since it was verified'}];
    const located = locateCopy(entry.backup ?? '', ids);
    if ('unsafe' in located) return [{name, reason: located.unsafe}];
    const {segments} = located;
    const content = `${algorithm}:${actual}`.toLowerCase();
    return [{name, content, job: {directory, segments, bytes, mtimeMs, into: null}}];
  });
}

const kindOf = (target: Target | Lost): ContentKind | null =>
  'job' in target ? kindByName(target.job.segments.at(-1) ?? '') : null;

async function look(target: Target | Lost, checker: Checker, place: PrivatePlace): Promise<Finding | null> {
  if ('reason' in target) return notChecked(null, target.reason);
  try {
    let answer: ContentAnswer = await checker.ask(target.job);
    if (answer.is === 'needs a copy') {
      const into = place.prepare(answer.bytes);
      if ('reason' in into) return notChecked('sqlite', into.reason);
      answer = await checker.ask({...target.job, into});
    }
    return answer.is === 'found' ? answer.finding : null;
  } catch (error) {
    return notChecked(kindOf(target), describeError(error));
  }
}

function summarize(results: ContentResult[], others: number, isCancelled: boolean): ContentSummary {
  const some = (state: ContentResult['state']): boolean => results.some((result) => result.state === state);
  const outcome = isCancelled
    ? 'cancelled'
    : some('broken')
      ? 'broken'
      : some('not checked') || results.length + others === 0
        ? 'not checked'
        : results.length === 0
          ? 'nothing to check'
          : 'sound';
  return {outcome, results, others, note: null};
}

/**
 * Looks into the copies that a verification found unaltered: whether JSON parses, what SQLite says of a database, on a
 * private copy, and whether pg_restore reads a dump to its end. It says nothing about the bytes, which the verification did, and nothing of it is recorded beside the
 * backup. Aborting ends it at once, and removes what it had copied.
 */
export const checkContent = (options: ContentOptions): AsyncGenerator<ContentEvent, void, undefined> =>
  lookInto(options, findTargets(options));

/**
 * The same of a backup that has no manifest: of each file that lies in it, as it lies there. Nothing of it is kept.
 * @param sources which dataset a file is of
 * @throws the system call's error where its files cannot be listed
 */
export function checkLying(
  options: Looking,
  sources: SourceNames,
): AsyncGenerator<ContentEvent, void, undefined> {
  const files = lyingIn(directoryOf(options.backups, options.held, options.id));
  return checkFiles(
    options,
    files.map((file) => ({...file, name: lyingName(file, sources)})),
  );
}

/** The same of some of its files, in this order. */
export function checkFiles(
  options: Looking,
  files: (LyingFile & {name: string})[],
): AsyncGenerator<ContentEvent, void, undefined> {
  const directory = directoryOf(options.backups, options.held, options.id);
  const targets = files.map(({name, segments, bytes, mtimeMs}): Target => {
    const job = {directory, segments, bytes, mtimeMs, into: null};
    return {name, content: null, job};
  });
  return lookInto(options, targets);
}

async function* lookInto(
  {id, root, readOnly, signal}: Looking,
  targets: (Target | Lost)[],
): AsyncGenerator<ContentEvent, void, undefined> {
  const results: ContentResult[] = [];
  const found: Parameters<typeof keepVerdicts>[1] = [];
  let others = 0;
  const isAborted = (): boolean => signal?.aborted === true;
  yield {
    type: 'content started',
    id,
    datasets: targets.map((target) => ({name: target.name, kind: kindOf(target)})),
  };
  const checker = new Checker();
  const place = new PrivatePlace(root, readOnly);
  const stop = (): void => void checker.stop();
  signal?.addEventListener('abort', stop, {once: true});
  let note: string | null = null;
  try {
    for (const target of targets) {
      const {name} = target;
      yield {type: 'content checking', id, name};
      // Nothing is begun that nothing would stop.
      if (isAborted()) break;
      const finding = await look(target, checker, place);
      if (isAborted()) break;
      const result = finding && {dataset: name, ...finding};
      if (finding && 'job' in target && target.content !== null)
        found.push({...askedOf(target.content, target.job.segments.at(-1) ?? ''), finding});
      if (result) results.push(result);
      else others++;
      yield {type: 'content checked', id, name, result};
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await checker.stop();
    note = place.close();
  }
  try {
    if (root !== null && !readOnly) keepVerdicts(root, found);
  } catch (error) {
    note ??= `What was found inside could not be kept in storage/runbook: ${describeError(error)}.`;
  }
  const summary = summarize(results, others, isAborted());
  yield {type: 'content finished', id, summary: {...summary, note}};
}
