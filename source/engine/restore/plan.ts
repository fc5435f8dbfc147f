import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {isThere} from '../base/files.ts';
import {listed} from '../base/format.ts';
import {exitCode, Problem} from '../base/problem.ts';
import {datasetNotes} from '../config/dataset-notes.ts';
import {type Ours, oursOf} from '../config/ours.ts';
import type {RunPlace} from '../config/project.ts';
import {LeftNames} from '../datasets/left-names.ts';
import {noDirectories} from '../session/journal.ts';
import {brokenOf, readVerdicts, soundOf, statePath} from '../storage/content-verdicts.ts';
import {isBelow, isVolatile} from '../storage/dataset.ts';
import {directoryOf} from '../storage/held.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {finishedText} from '../storage/manifest/finished.ts';
import {concerns, type Shortfall} from '../storage/manifest/partial.ts';
import {type Manifest, readManifest} from '../storage/manifest/read.ts';
import type {Dataset} from '../storage/manifest/schema.ts';
import {type Planning, type RestoreAction, type RestorePlan, refusals, refuse} from './action.ts';
import {aboveOf, configuredOf} from './configured.ts';
import {estimate, spaceFor} from './cost.ts';
import {directoryNotes, isOfDirectory, recordedDirectories} from './directories.ts';
import type {Look} from './look.ts';
import {openSessionsOf} from './open-sessions.ts';
import {type PlanSubject, planDataset} from './plan-dataset.ts';
import {otherOwner, phpAtWork} from './writers.ts';

/** Files that are named of those that stay. */
const mostNamed = 1000;

function chosen({datasets}: Manifest, {options}: Planning): Dataset[] {
  const {only, id, last} = options;
  const check = (flag: string, wanted: string): void => {
    if (datasets.some(({name}) => isBelow(name, wanted))) return;
    const names = datasets.slice(0, 20).map(({name}) => name);
    const more = datasets.length > names.length ? `, and ${datasets.length - names.length} more` : '';
    throw new Problem(
      exitCode.usage,
      `${flag}: ${id} holds no dataset "${wanted}". It holds ${names.join(', ')}${more}. Nothing was changed.`,
    );
  };
  for (const wanted of only ?? []) check('--only', wanted);
  if (last !== null) check('--last', last);
  for (const name of options.map.keys()) check('--map', name);
  return only === null ? datasets : datasets.filter(({name}) => only.some((wanted) => isBelow(name, wanted)));
}

/** Two datasets that go to one file would leave it to chance which it holds. */
function refuseDoubles(actions: RestoreAction[]): RestoreAction[] {
  const count = new Map<string, number>();
  for (const {target} of actions) count.set(target, (count.get(target) ?? 0) + 1);
  return actions.map((action) =>
    action.action !== 'refused' && (count.get(action.target) ?? 0) > 1
      ? refuse(action, 'another dataset goes to the same file')
      : action,
  );
}

const isSame = (a: RestoreAction, b: RestoreAction): boolean =>
  a.hash === b.hash && a.algorithm.toLowerCase() === b.algorithm.toLowerCase();

/**
 * Of datasets that bring the same bytes to one file, one does for all.
 * @returns what is left to do, and what is to be known of it
 */
function withoutDoubles({place}: Planning, all: RestoreAction[]): Pick<RestorePlan, 'actions' | 'notes'> {
  const outright = new Set(place.configuration.datasets.value.map(({name}) => name));
  const rank = ({dataset}: RestoreAction): number => Number(!outright.has(dataset));
  const byTarget = Map.groupBy(
    all.filter(({role, action}) => role === 'dataset' && action !== 'refused'),
    ({target}) => target,
  );
  const spared = new Set<string>();
  const notes: string[] = [];
  for (const [target, actions] of byTarget) {
    const [first, ...others] = actions.toSorted((a, b) => rank(a) - rank(b));
    if (!first || others.length === 0 || !others.every((each) => isSame(first, each))) continue;
    for (const {dataset} of others) spared.add(dataset);
    notes.push(
      `${others.map(({dataset}) => dataset).join(', ')} and ${first.dataset} have one file, ${target}, and copies with the same bytes: it is restored once, as ${first.dataset}`,
    );
  }
  return {actions: refuseDoubles(all.filter(({dataset}) => !spared.has(dataset))), notes};
}

/** What is renamed last comes last; what lies beside it just before. */
function inOrder(actions: RestoreAction[], last: string | null): RestoreAction[] {
  const rank = ({dataset}: RestoreAction): number => Number(last !== null && isBelow(dataset, last));
  return actions.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * A plan's identity, and the text that it is the hash of. Contents count by their hash: a second name that goes changes
 * the times, too.
 */
export function hashPlan(
  {options}: Planning,
  digest: string,
  safety: boolean,
  actions: RestoreAction[],
): Pick<RestorePlan, 'hash' | 'hashed'> {
  const parts = actions.map(({dataset, role, action, target, hash, live, liveHash, volatile, database}) => {
    // Sessions come and go.
    if (database)
      return [dataset, role, action, target, hash, database.reached, database.live?.oid, database.comes];
    // What lies beside a database that changes does so too; that it is saved does not hang on it.
    if (volatile || (role === 'sidecar' && isVolatile(options.volatile, dataset)))
      return [dataset, role === 'dataset' ? target : '', hash];
    const now =
      live?.kind === 'file'
        ? [live.stamp, liveHash ?? live.ctimeNs, live.mode, live.uid, live.gid]
        : live?.kind;
    return [dataset, role, action, target, hash, now];
  });
  const hashed = JSON.stringify([
    options.id,
    digest,
    options.into,
    options.intoDatabase,
    options.only,
    options.last,
    safety,
    parts,
  ]);
  return {hash: createHash('sha256').update(hashed).digest('hex').slice(0, 16), hashed};
}

/** Live files of directory datasets that the backup does not hold; they stay where they are. */
async function findLeaves({place, options}: Planning, touched: string[], ours: Ours): Promise<string[]> {
  if (options.into !== null) return [];
  const targets = new Set(touched);
  const excluded = ours.filter(({isDirectory}) => isDirectory).flatMap(({reals}) => reals);
  const above = aboveOf(place.configuration.datasets.value.map(({source}) => source));
  const sources = new Set(touched.flatMap(above));
  const leaves: string[] = [];
  for (const dataset of place.configuration.datasets.value) {
    const {type} = dataset;
    if (!type.isTree || !sources.has(dataset.source)) continue;
    const fileOf = (below: string[]): string => [dataset.source, ...below].join('/');
    const isTouched = (below: string[]): boolean => targets.has(fileOf(below));
    const servers = {find: place.configuration.connections()};
    const {files} = await type.look(place.root, dataset, excluded, servers, isTouched);
    leaves.push(...files.slice(0, mostNamed - leaves.length).map(({below}) => fileOf(below)));
  }
  return leaves;
}

/** What a drill cannot show, because it goes elsewhere: what a restore of the same datasets would meet. */
function drillNotes({root, configuration}: RunPlace, actions: RestoreAction[]): string[] {
  const isIn = (wanted: string): boolean => actions.some(({dataset}) => isBelow(dataset, wanted));
  return datasetNotes(root, configuration)
    .filter(({names}) => names.every(isIn))
    .map(({text}) => text);
}

/** Configured datasets that are not restored, with why. */
function findLeftOut({place, options}: Planning, {datasets}: Manifest): {name: string; reason: string}[] {
  const configured = place.configuration.datasets.value;
  const above = aboveOf(configured.map(({name}) => name));
  const held = new Set(datasets.flatMap(({name}) => [name, ...above(name)]));
  return configured.flatMap(({name}) => {
    if (!held.has(name)) return [{name, reason: 'not in the backup'}];
    const wanted = options.only?.some((each) => isBelow(name, each) || isBelow(each, name)) ?? true;
    return wanted ? [] : [{name, reason: 'not chosen'}];
  });
}

/** What is asked for and not in the backup as it should be. */
const partialOf = ({partial}: Manifest, only: string[] | null): Shortfall[] =>
  only === null
    ? partial
    : partial.filter((each) => only.some((name) => concerns(each, name) || isBelow(name, each.dataset)));

/** Processes whose open files could not be seen; of thousands of actions, more than a call takes arguments. */
export const mostUnseen = (actions: RestoreAction[]): number =>
  actions.reduce((most, {writers}) => Math.max(most, writers.unseen), 0);

/** What it would bring back, as the findings of content checks are looked up for it. */
const comingOf = (actions: RestoreAction[]): Parameters<typeof brokenOf>[0] =>
  actions
    .filter(({action, role}) => role === 'dataset' && (action === 'create' || action === 'overwrite'))
    .map(({dataset, algorithm, hash, copy}) => ({
      name: dataset,
      content: `${algorithm}:${hash}`.toLowerCase(),
      copy: copy.join('/'),
    }));

/** What it would bring back, and which of that is known to be broken. */
export const brokenInside = (actions: RestoreAction[], root: string): RestorePlan['brokenInside'] =>
  brokenOf(comingOf(actions), readVerdicts(statePath(root)));

/** What the hashes of a backup prove that was finished later; none of every other one. */
function finishedNotes({finishedAt}: Manifest, actions: RestoreAction[], root: string): string[] {
  if (finishedAt === null) return [];
  const text = finishedText(finishedAt, soundOf(comingOf(actions), readVerdicts(statePath(root))));
  return text === null ? [] : [text];
}

/** Whether nobody but root and us can have written what a backup's manifest says. */
export function isOnlyOurs(directory: string, manifest: fs.Stats): boolean {
  const me = process.getuid?.() ?? 0;
  return [manifest, fs.statSync(directory), fs.statSync(path.dirname(directory))].every(
    ({uid, mode}) => (uid === 0 || uid === me) && (mode & 0o022) === 0,
  );
}

/**
 * What a restore would do; nothing is written.
 * @throws Problem where there is nothing to restore from
 */
export async function planRestore(planning: Planning, look: Look): Promise<RestorePlan> {
  const {place, options} = planning;
  const directory = directoryOf(place.backups, options.held, options.id);
  const read = readManifest(directory);
  const unusable = (why: string): never => {
    throw new Problem(
      exitCode.restoreRefused,
      `${options.id} cannot be restored: ${why}. Nothing was changed.`,
    );
  };
  if (!isThere(directory)) return unusable('it is gone: it was deleted or moved');
  if (read.state === 'missing')
    return unusable(
      `it has no manifest.json, so what it should hold is not known; "magds backup finish ${options.id}" writes one for what lies in it whole`,
    );
  if (read.state === 'unreadable') return unusable(read.reason);
  const {manifest} = read;
  if (manifest.datasets.length === 0) return unusable('it holds no datasets');
  const began = performance.now();
  const before = look.bytes;
  const configured = configuredOf(place.configuration.datasets.value);
  const ours = oursOf(place.root, place.configuration);
  const stays: PlanSubject['stays'] = [];
  const isTrusted = isOnlyOurs(directory, manifest.stats);
  const left = new LeftNames(place.root);
  const subject = {planning, configured, look, left, directory, manifest, ours, stays, isTrusted};
  const nested = await Promise.all(
    chosen(manifest, planning).map((dataset) => planDataset(subject, dataset)),
  ).finally(() => look.rest());
  const once = withoutDoubles(planning, nested.flat());
  const actions = inOrder(once.actions, options.last);
  const took = (performance.now() - began) / 1000;
  const hashed = look.bytes - before;
  const safety = options.safety && options.into === null;
  const directories =
    options.into === null
      ? recordedDirectories(actions, manifest, isTrusted, isOfDirectory(place))
      : noDirectories;
  return {
    id: options.id,
    directory,
    createdAt: manifest.createdAt,
    ...hashPlan(planning, manifestDigest(manifest.tree), safety, actions),
    into: options.into,
    actions,
    safety,
    space: spaceFor(actions, safety ? `${place.root}/storage` : null),
    seconds: estimate(actions, safety, hashed > 10e6 ? hashed / took : null),
    unseen: mostUnseen(actions),
    php: options.into === null ? phpAtWork() : [],
    owner: options.into === null ? otherOwner(place.root) : null,
    openSessions: options.into === null ? openSessionsOf(place.root, null) : [],
    leaves: await findLeaves(
      planning,
      [...actions, ...stays].map(({target}) => target),
      ours,
    ),
    leftOut:
      options.into === null
        ? [...findLeftOut(planning, manifest), ...stays.map(({name, reason}) => ({name, reason}))]
        : [],
    notes: [
      ...finishedNotes(manifest, actions, place.root),
      ...(options.into === null
        ? [...once.notes, ...directoryNotes(actions, directories)]
        : drillNotes(place, actions)),
    ],
    brokenInside: brokenInside(actions, place.root),
    partial: partialOf(manifest, options.only),
    undoes: null,
    directories,
  };
}

/** Names that are said of what is refused for one reason. */
const mostRefused = 5;

/** Why a plan may not be carried out, a line each, equal reasons once; none where it may. */
export function whyNotRestore(plan: RestorePlan): string[] {
  const refused = Map.groupBy(refusals(plan), ({reason}) => reason);
  const named = [...refused].map(
    ([reason, actions]) =>
      `${listed([...new Set(actions.map(({dataset}) => dataset))], mostRefused)}: ${reason}`,
  );
  const full = plan.space.flatMap(({where, needed, free}) =>
    free !== null && free < needed
      ? [`not enough space on the disk of ${where}: ${needed} bytes are needed, ${free} are free`]
      : [],
  );
  return [...named, ...full];
}
