import fs from 'node:fs';
import path from 'node:path';
import {longestPath} from '../base/files.ts';
import {shellWord} from '../base/shell-word.ts';
import {alteredCopy} from '../catalog/row.ts';
import {configuredAlgorithm} from '../config/configuration.ts';
import {type Ours, whichOfOurs} from '../config/ours.ts';
import type {LeftNames} from '../datasets/left-names.ts';
import {whyUnsupported} from '../hashing/algorithms.ts';
import {isVolatile} from '../storage/dataset.ts';
import {locateCopy, namesOf} from '../storage/manifest/copy-path.ts';
import type {Manifest} from '../storage/manifest/read.ts';
import {type Dataset, noAlgorithm} from '../storage/manifest/schema.ts';
import {type Planning, type RestoreAction, refuse, refuseCopy, unknownAction} from './action.ts';
import type {Configured} from './configured.ts';
import {realOf} from './drill.ts';
import {type Look, lookAtCopy} from './look.ts';
import {databaseOf, isRoles, planDatabase, planDump} from './plan-database.ts';
import {lookAtTarget, placeTarget, type TargetPlace, type TargetState} from './target.ts';
import {findWriters} from './writers.ts';

type Placed = {target: string; place: TargetPlace} | {target: string; refused: string};

/** The target of a dataset: what is configured under its name, unless the operator says otherwise. */
function targetOf(
  {planning: {options}, configured}: PlanSubject,
  {name, source}: Dataset,
): string | {refused: string} {
  const mapped = options.map.get(name) ?? configured.sourceOf(name);
  if (mapped !== undefined) return mapped;
  if (source !== null && options.allowed.includes(source)) return source;
  const where =
    source === null ? '' : `It was recorded from ${source}: --allow-target=${source} lets it go there. `;
  return {
    refused: `it is not configured now, so where it belongs is not known. ${where}Or --map=${name}=PATH --allow-target=PATH`,
  };
}

function placeOf(subject: PlanSubject, dataset: Dataset, copy: string[]): Placed {
  const {look, configured} = subject;
  const {place, options} = subject.planning;
  if (options.into !== null) {
    const segments = copy[0] === 'datasets' ? copy.slice(1) : copy;
    const target = [options.into, ...segments].join('/');
    return {target, place: {path: target, base: realOf(options.into), segments}};
  }
  const target = targetOf(subject, dataset);
  if (typeof target !== 'string') return {target: dataset.source ?? '?', ...target};
  if (!configured.covers(target) && !options.allowed.includes(target))
    return {
      target,
      refused: `${target} is not the configured source of any dataset: to write there all the same, --allow-target=${target}`,
    };
  const found = placeTarget(place.root, target, new Set(options.allowed), look.bases);
  return 'refused' in found
    ? {target, refused: `the target ${target} ${found.refused}`}
    : {target, place: found};
}

/** What lies at a target; nothing does where a drill's directory is made only once the plan is agreed to. */
function lookAt(
  {planning: {options}, look}: PlanSubject,
  place: TargetPlace,
): TargetState | {refused: string} {
  if (options.into !== null && !fs.existsSync(place.base))
    return {kind: 'absent', missing: place.segments.slice(0, -1)};
  return lookAtTarget(place, look.targets);
}

/** Why what lies at a target may not be written over; null where it may. */
function whyNotOver({planning: {options}, left}: PlanSubject, live: TargetState, at: string): string | null {
  if (live.kind === 'absent') return null;
  if (options.into !== null)
    return 'exists already: a drill writes only what is new; give it an empty directory';
  if (live.links === 1 || options.breakLinks) return null;
  const others = live.links - 1 - left.countOf(at);
  if (others <= 0) return null;
  return `has ${others} other hard ${others === 1 ? 'link' : 'links'}, which would keep the old content: --break-links accepts that`;
}

/** What the live file holds and the copy does not, as far as times tell. */
function lossOf(live: TargetState, createdAt: string | null): string {
  const made = Date.parse(createdAt ?? '');
  return live.kind === 'file' && live.mtimeMs > made
    ? `writes since ${createdAt}`
    : 'what the live file holds instead';
}

export type PlanSubject = {
  planning: Planning;
  configured: Configured;
  look: Look;
  /** Names of live files that a kill has left. */
  left: LeftNames;
  directory: string;
  manifest: Manifest;
  /** What is never written over. */
  ours: Ours;
  /** Grows: files of directories that stay as they are although the backup holds them. */
  stays: {name: string; target: string; reason: string}[];
  /** Nobody but root and us could have written the manifest. */
  isTrusted: boolean;
};

/** Why the live file of a dataset is never written over; null where it may be. */
function whyOurs({planning, ours}: PlanSubject, {base, segments}: TargetPlace): string | null {
  if (planning.options.into !== null) return null;
  const own = whichOfOurs(ours, [base, ...segments].join('/'));
  if (!own) return null;
  return own.isDirectory
    ? 'lies where backups and their record are kept'
    : `is ${own.what}, to which a restore itself writes: its copy comes back --into=DIR only`;
}

/** Whether it is one of many files of a directory, and nobody has asked for this one. */
const isOneOfMany = ({planning: {options}, configured}: PlanSubject, name: string): boolean =>
  !options.only?.includes(name) && !options.map.has(name) && !configured.names.has(name);

/** What a restore would do with one dataset, and with what lies beside its live file. */
export async function planDataset(subject: PlanSubject, dataset: Dataset): Promise<RestoreAction[]> {
  const {planning, look, directory, manifest} = subject;
  const {options} = planning;
  const algorithm = dataset.algorithm ?? configuredAlgorithm(planning.place.configuration);
  const base: RestoreAction = {
    ...unknownAction(dataset.name, algorithm ?? '', isVolatile(options.volatile, dataset.name)),
    hash: (dataset.hash ?? '').toLowerCase(),
    target: dataset.source ?? '?',
    // Whoever wrote the manifest may have recorded any mode: a drill shows nobody what he could not read.
    mode: options.into === null ? (dataset.mode ?? 0o644) : 0o600,
    owner: subject.isTrusted ? (dataset.owner ?? null) : null,
  };
  if (dataset.flaw) return [refuseCopy(base, dataset.flaw)];
  const unsupported = algorithm === null ? noAlgorithm : whyUnsupported(algorithm);
  if (unsupported !== null) return [refuse(base, `it cannot be verified: ${unsupported}`)];
  if (base.hash === '') return [refuseCopy(base, 'the manifest records no hash: it cannot be verified')];
  const located = locateCopy(dataset.backup ?? '', namesOf(options.id, manifest.id));
  if ('unsafe' in located) return [refuseCopy(base, located.unsafe)];
  base.copy = located.segments;
  const copy = lookAtCopy(directory, base.copy, look.copies);
  if ('reason' in copy) return [refuseCopy(base, copy.reason)];
  base.bytes = copy.bytes;
  base.allocated = copy.allocated;
  const checkCopy = async (): Promise<string | null> => {
    const checked = await look.hash(copy.place, copy.seen, base.algorithm);
    if ('reason' in checked) return `the copy cannot be used: ${checked.reason.replace(/^it\b/, 'the copy')}`;
    return checked.hash === base.hash ? null : alteredCopy;
  };
  if (dataset.facts?.format === 'custom' && databaseOf(dataset) === undefined && options.into === null)
    return [refuseCopy(base, 'the manifest does not say which database it is a dump of')];
  if (isRoles(dataset) && options.into === null) {
    const reason = `roles are for the whole server, and none is changed by a restore: where one is missing, look at ${copy.place.path}, and run it: psql -f ${shellWord(copy.place.path)}`;
    subject.stays.push({name: dataset.name, target: base.target, reason});
    return [];
  }
  if (databaseOf(dataset) !== undefined && options.into === null) {
    const flaw = options.checkCopies === 'all' ? await checkCopy() : null;
    if (flaw !== null) return [refuseCopy(base, flaw)];
    const {createdAt} = manifest;
    return [await planDatabase({planning, dataset, base, copy: copy.place.path, createdAt})];
  }
  const placed = placeOf(subject, dataset, base.copy);
  base.target = placed.target;
  if ('refused' in placed) return [refuse(base, placed.refused)];
  const {place} = placed;
  const length = Buffer.byteLength([place.base, ...place.segments].join('/'));
  if (length > longestPath)
    return [
      refuse(
        base,
        `the target's path is too long: it has ${length} bytes, and the system takes ${longestPath}`,
      ),
    ];
  const own = whyOurs(subject, place);
  if (own !== null && isOneOfMany(subject, dataset.name)) {
    subject.stays.push({name: dataset.name, target: base.target, reason: `it ${own}`});
    return [];
  }
  if (own !== null) return [refuse(base, `the target ${base.target} ${own}`)];
  base.place = place;
  const dump = options.into === null ? undefined : await planDump(planning, dataset, base, copy.place.path);
  if (dump && 'flaw' in dump) return [refuseCopy(base, dump.flaw)];
  if (dump && 'why' in dump) return [refuse(base, dump.why)];
  if (dump) base.dump = dump;
  if (dataset.source !== null && path.normalize(dataset.source) !== base.target && options.into === null)
    base.recorded = dataset.source;
  const live = lookAt(subject, place);
  if ('refused' in live) return [refuse(base, `the target ${base.target} ${live.refused}`)];
  base.live = live;
  const why = whyNotOver(subject, live, [place.base, ...place.segments].join('/'));
  if (why) return [refuse(base, `the target ${base.target} ${why}`)];
  const [flaw, hashed] = await Promise.all([
    options.checkCopies === 'all' ? checkCopy() : null,
    live.kind === 'file' ? look.hash(place, live, base.algorithm) : {hash: null},
  ]);
  if (flaw !== null) return [refuseCopy(base, flaw)];
  if ('reason' in hashed) return [refuse(base, `the live file cannot be read: ${hashed.reason}`)];
  const beside = options.into === null ? await look.beside(base, place, copy.place.path) : [];
  base.liveHash = hashed.hash;
  if (live.kind === 'absent') return [{...base, action: 'create'}, ...beside];
  // With a journal beside it a database holds something else than its file.
  if (hashed.hash === base.hash && beside.length === 0) {
    // A backup with a damaged copy is no sound one, even if that copy is not needed.
    const damaged = options.checkCopies === 'unstaged' ? await checkCopy() : null;
    return [damaged === null ? {...base, action: 'unchanged'} : refuseCopy(base, damaged)];
  }
  const action: RestoreAction = {
    ...base,
    action: 'overwrite',
    loses: lossOf(live, manifest.createdAt),
    writers: findWriters(place, live, () => look.restored(subject.planning.place.root).get(base.dataset)),
    beside: beside.map(({target}) => path.basename(target)),
  };
  return [action, ...beside];
}
