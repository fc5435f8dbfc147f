import type {Directory} from '../base/directory.ts';
import {follow} from '../base/follow.ts';
import {describeError, Problem} from '../base/problem.ts';
import {placesOf} from '../base/readers.ts';
import {NotStarted} from '../base/start.ts';
import {sum} from '../base/sum.ts';
import type {PlannedDataset} from '../datasets/type.ts';
import {checksums, checksumsName} from '../storage/checksums.ts';
import {lookAtDirectories} from '../storage/directory-attributes.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {type DirectoryRecord, directoryKey, recordOfDirectory} from '../storage/manifest/directories.ts';
import {parseManifest, whyTooLarge} from '../storage/manifest/read.ts';
import {manifestText} from '../storage/manifest/write.ts';
import {type DatasetOutcome, SourceCopier} from './copy-sources.ts';
import {nextId} from './next-id.ts';
import {isWhole, type RunPlan} from './plan.ts';
import type {RunEvent, RunOptions, RunResult} from './run-events.ts';
import {type Published, Workplace} from './workplace.ts';

/** What a run has made, before retention has had its turn. */
export type Made = Omit<RunResult, 'seconds'>;

/** A result of which nothing has come yet. */
export const nothingMade = (algorithm: string): Omit<Made, 'outcome'> => ({
  id: null,
  path: null,
  algorithm,
  copies: [],
  missing: [],
  changed: [],
  doubtful: [],
  leftOut: [],
  pruned: [],
  safetyRemoved: [],
  notPruned: null,
  notRemembered: null,
  manifestDigest: null,
  hooks: [],
  untold: [],
  reason: null,
});

/**
 * Makes a backup, whole or not at all.
 * @throws Problem where nothing can be written at all
 */
export async function* makeBackup(
  options: RunOptions,
  plan: RunPlan,
  state: Directory,
  backups: Directory,
): AsyncGenerator<RunEvent, Made, undefined> {
  const nothing = nothingMade(options.configuration.algorithm.value);
  const {missing, leftOut} = plan;
  const failed = (reason: string): Made => ({...nothing, missing, leftOut, outcome: 'failed', reason});
  let workplace: Workplace;
  let id: string;
  try {
    id = yield* nextId(options);
    if (options.signal.aborted) return {...nothing, outcome: 'cancelled'};
    workplace = new Workplace(state, backups, id);
  } catch (error) {
    if (error instanceof Problem) throw error;
    return failed(`the backup could not be started: ${describeError(error)}. Nothing was written`);
  }
  let made: Made;
  let left: string | null = null;
  try {
    made = yield* fill(options, plan, backups, workplace, id);
  } catch (error) {
    const said = describeError(error);
    made = failed(error instanceof NotStarted ? said : `the copies could not be written: ${said}`);
  } finally {
    // Also where whoever reads the events stops early.
    left = workplace.discard();
    workplace.close();
  }
  if (made.id !== null || (made.outcome === 'cancelled' && left === null)) return made;
  return failed(`${made.reason ?? 'cancelled'}. ${left ?? 'Nothing was written'}`);
}

async function* fill(
  options: RunOptions,
  plan: RunPlan,
  backups: Directory,
  workplace: Workplace,
  id: string,
): AsyncGenerator<RunEvent, Made, undefined> {
  const {configuration, strict, signal, pool} = options;
  const {datasets} = plan;
  const algorithm = configuration.algorithm.value;
  const nothing = nothingMade(algorithm);
  const cancelled: Made = {...nothing, outcome: 'cancelled'};
  const began = new Date();
  const {uid, gid, mode} = backups.stats;
  const owner = {uid, gid, mode};
  const common = placesOf(backups.path);
  const copier = new SourceCopier({workplace, datasets, algorithm, owner, common, pool, signal});
  yield* follow<RunEvent>(
    (push) =>
      copier.run((index) =>
        push({type: 'dataset', index, outcome: copier.outcomes[index] as DatasetOutcome}),
      ),
    {
      interval: options.interval ?? 100,
      progress: () => {
        const {bytes} = copier;
        return {type: 'progress', bytes, bytesDone: sum(bytes)};
      },
    },
  );
  if (signal.aborted) return cancelled;
  const {outcomes} = copier;
  const copies = outcomes.flatMap((outcome) => outcome.copies);
  const missing = [...plan.missing, ...outcomes.flatMap((outcome) => outcome.failed)];
  const changed = outcomes.flatMap((outcome) => outcome.changed);
  const doubtful = outcomes.flatMap((outcome) => outcome.doubtful);
  const leftOut = [...plan.leftOut, ...outcomes.flatMap((outcome) => outcome.gone)];
  const failed = (reason: string): Made => ({...nothing, missing, leftOut, outcome: 'failed', reason});
  const reasons = missing.map(({name, reason}) => `${name}: ${reason}`).join('; ');
  if (copies.length === 0) return failed(`there is nothing to copy: ${reasons}`);
  if (strict && missing.length > 0) return failed(reasons);
  const ended = new Date();
  const directories = directoriesOf(datasets, outcomes);
  const manifestOf = (name: string): string =>
    manifestText({
      id: name,
      backups: options.backups,
      algorithm,
      label: options.label,
      connection: configuration.connection,
      began,
      ended,
      copies,
      missing,
      changed,
      doubtful,
      leftOut,
      directories,
    });
  const tooLarge = whyTooLarge(copies.length, Buffer.byteLength(manifestOf(id)));
  if (tooLarge !== null) return failed(tooLarge);
  workplace.settleDirectories([...copier.directories.values()].reverse());
  const published = yield* publish(options, workplace, id, manifestOf);
  if (!published) return signal.aborted ? cancelled : failed('its name was taken again and again');
  yield {type: 'published', id: published.id};
  const whole = changed.length + doubtful.length === 0 && isWhole({missing, leftOut});
  const path = `${options.backups}/${published.id}`;
  const made: Made = {
    ...nothing,
    outcome: whole ? 'done' : 'partial',
    id: published.id,
    path,
    copies,
    missing,
    changed,
    doubtful,
    leftOut,
    manifestDigest: published.digest,
  };
  if (published.unsure === null) return made;
  const reason = `${path} is there, but may not survive a power cut (${published.unsure}). Check the disk, then run again; retention has deleted nothing`;
  return {...made, outcome: 'failed', reason};
}

/** What the directories are that lead to the files of directory datasets. */
function directoriesOf(datasets: PlannedDataset[], outcomes: DatasetOutcome[]): Map<string, DirectoryRecord> {
  const records = new Map<string, DirectoryRecord>();
  for (const [index, {dataset, base}] of datasets.entries()) {
    const names = new Set<string>();
    for (const {name} of outcomes[index]?.copies ?? [])
      for (let at = name.lastIndexOf('/'); at >= dataset.name.length; at = name.lastIndexOf('/', at - 1)) {
        if (names.has(name.slice(0, at))) break;
        names.add(name.slice(0, at));
      }
    const ordered = [...names].sort();
    const looked = lookAtDirectories(
      base,
      ordered.map((name) =>
        name
          .slice(dataset.name.length + 1)
          .split('/')
          .filter(Boolean),
      ),
    );
    for (const [at, each] of looked.entries())
      if (each)
        records.set(directoryKey(ordered[at] as string), recordOfDirectory(each.stats, each.attributes));
  }
  return records;
}

/** Makes it appear; under a later id where somebody took the name while it was being made. */
async function* publish(
  options: RunOptions,
  workplace: Workplace,
  first: string,
  manifestOf: (id: string) => string,
): AsyncGenerator<RunEvent, (Published & {id: string; digest: string}) | null, undefined> {
  let id = first;
  for (let attempt = 0; attempt < 3; attempt++) {
    const text = manifestOf(id);
    const parsed = parseManifest(Buffer.from(text));
    if ('reason' in parsed) throw new Error(`the manifest that was made cannot be read: ${parsed.reason}`);
    const sums = checksums(parsed, id);
    const published = workplace.publish(id, () => {
      if (sums !== null) workplace.writeFile(checksumsName, sums);
      workplace.writeFile('manifest.json', text);
    });
    if (published) return {...published, id, digest: manifestDigest(parsed.tree)};
    id = yield* nextId(options);
    if (options.signal.aborted) return null;
  }
  return null;
}
