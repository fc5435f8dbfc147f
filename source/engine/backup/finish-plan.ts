import {isDeepStrictEqual} from 'node:util';
import type {Directory} from '../base/directory.ts';
import {seenAt} from '../base/files.ts';
import {exitCode, Problem, withAdvice} from '../base/problem.ts';
import {describeMissing, stillWritten} from '../catalog/cut-off.ts';
import {listBackups} from '../catalog/list.ts';
import type {RunPlace} from '../config/project.ts';
import {isSupported, isWeak} from '../hashing/algorithms.ts';
import {backupTime} from '../storage/backup-id.ts';
import type {LeftOut} from '../storage/dataset.ts';
import {heldDirectory} from '../storage/held.ts';
import {copyNames} from '../storage/manifest/copy-names.ts';
import {type LyingFile, lyingIn, mostLying} from '../storage/manifest/lying.ts';
import {readManifest} from '../storage/manifest/read.ts';

/** A dataset that a backup without a manifest holds, or does not; not escaped. */
export type NamedReason = {name: string; reason: string};

/** The copy of a configured dataset. */
export type Candidate = LyingFile & {name: string; source: string};

/** What lies in a backup that was cut off, before anything of it is read. */
export type FinishPlan = {
  /** All that was seen to lie there. */
  files: LyingFile[];
  candidates: Candidate[];
  /** Configured datasets that cannot be taken up. */
  missing: NamedReason[];
  /** What lies there and is no dataset's. */
  leftOut: LeftOut[];
};

export const tryLater =
  'something writes to it, so that it may still be being made: try again in two minutes';

/** What is asked: a backup that was cut off, and what the configuration says of it. */
export type CutOffBackup = RunPlace & {id: string};

/** Backups that are asked. */
const mostAsked = 20;

/**
 * The configuration, with the algorithm of the backups nearest to it, the older ones first: by its hash the same content is
 * known again, and the one that is configured may be another by now.
 */
export function likeOthers({root, backups, id, configuration}: CutOffBackup): RunPlace['configuration'] {
  const {ids} = listBackups(backups, heldDirectory(root));
  const near = [...ids.filter((each) => each < id), ...ids.filter((each) => each > id).reverse()];
  for (const each of near.slice(0, mostAsked)) {
    const read = readManifest(`${backups}/${each}`);
    const used = read.state === 'read' ? read.manifest.datasets.find(({algorithm}) => algorithm) : undefined;
    const value = used?.algorithm?.toLowerCase();
    if (value !== undefined && isSupported(value) && !isWeak(value))
      return {...configuration, algorithm: {...configuration.algorithm, value}};
  }
  return configuration;
}

/** Why a backup is not one that was cut off, and lies where it belongs; null where it is. */
function whyNotFinish({root, backups, id}: CutOffBackup): string | null {
  const {ids, strays} = listBackups(backups, heldDirectory(root));
  const stray = strays.find(({name}) => name === id);
  if (stray) return `it is ${stray.reason}`;
  const directory = `${backups}/${id}`;
  if (!ids.includes(id) || !seenAt(directory)) return `it does not lie in ${backups}`;
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

export const cannot = (id: string, why: string): Problem =>
  new Problem(exitCode.failed, `${id} cannot be made a backup: ${why}. Nothing was written.`);

/** @throws Problem where it is none that was cut off, or is still being made */
export function planFinish(options: CutOffBackup): FinishPlan {
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
/** That nothing was written since it was planned: PHP takes no lock, and may be silent for long. */
export function checkQuiet(id: string, directory: Directory, {files}: FinishPlan): void {
  const now = `${directory.path}/.`;
  const why = isDeepStrictEqual(filesIn(id, now), files) ? whyTooEarly(now) : tryLater;
  if (why !== null) throw cannot(id, `it changes while it is looked at: ${why}`);
}

export const whyNothing = ({missing}: FinishPlan): string =>
  `nothing in it can be taken up (${missing.map(({name, reason}) => `${name}: ${reason}`).join('; ')})`;
