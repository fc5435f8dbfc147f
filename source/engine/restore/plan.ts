import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {freeSpace, type RunPlace} from '../backup/plan.ts';
import {beginsLikeSqlite, sidecars} from '../backup/sources.ts';
import {isSupported} from '../hashing/algorithms.ts';
import type {Pool} from '../hashing/pool.ts';
import {directoryOf} from '../held.ts';
import {locateCopy, namesOf} from '../manifest/copy-path.ts';
import {manifestDigest} from '../manifest/digest.ts';
import {type Manifest, readManifest} from '../manifest/read.ts';
import type {Dataset} from '../manifest/schema.ts';
import {exitCode, Problem} from '../problem.ts';
import {ourLinks} from './sessions.ts';
import {lookAtTarget, placeTarget, type TargetPlace, type TargetState} from './target.ts';
import {findWriters, type Writers} from './writers.ts';

export type RestoreOptions = {
  /** Where backups are that are no part of the catalog: held ones, safety backups. */
  held: string | null;
  id: string;
  /** Names of the datasets that are asked for; null for all. */
  only: string[] | null;
  /** A scratch directory for a drill; null restores. */
  into: string | null;
  /** Paths outside the project, or of datasets that are not configured, that may be written. */
  allowed: string[];
  /** Dataset's name and the path it goes to. */
  map: ReadonlyMap<string, string>;
  /** Name of the dataset that is renamed last. */
  last: string | null;
  /** Targets whose other hard links may be left behind with the old content. */
  breakLinks: boolean;
  /** Names of datasets that always change: they do not count for the plan's hash. */
  volatile: string[];
  safety: boolean;
  /** Hash the copies too. Without it they are hashed when they are staged, before anything changes. */
  checkCopies: boolean;
};

export type RestoreAction = {
  dataset: string;
  role: 'dataset' | 'sidecar';
  action: 'create' | 'overwrite' | 'unchanged' | 'remove' | 'refused';
  /** Why it is refused; null where it is not. */
  reason: string | null;
  algorithm: string;
  /** Recorded in the manifest, lower case. */
  hash: string;
  /** Segments of the copy below the backup. */
  copy: string[];
  bytes: number;
  target: string;
  place: TargetPlace | null;
  /** The path that the manifest records, where it is another. */
  recorded: string | null;
  /** Mode that a file gets which does not exist yet. */
  mode: number;
  live: TargetState | null;
  liveHash: string | null;
  /** What is lost by it; null where nothing is. */
  loses: string | null;
  writers: Writers;
  /** Names of what lies beside a database and goes with it. */
  beside: string[];
};

export type RestorePlan = {
  id: string;
  /** Where the backup lies. */
  directory: string;
  /** UTC, from the manifest. */
  createdAt: string | null;
  hash: string;
  into: string | null;
  actions: RestoreAction[];
  safety: boolean;
  /** Bytes to be written, safety backup included, and free where that can be told. */
  needed: number;
  free: number | null;
  /** Estimated, from the rate at which it was hashed. */
  seconds: number;
  /** Processes whose open files could not be seen. */
  unseen: number;
};

const noWriters: Writers = {openBy: [], writing: null};

/** The target of a dataset: what is configured under its name, unless the operator says otherwise. */
function targetOf(
  {configuration}: RunPlace,
  dataset: Dataset,
  options: RestoreOptions,
): string | {refused: string} {
  const {name, source} = dataset;
  const mapped = options.map.get(name);
  if (mapped !== undefined) return mapped;
  for (const each of configuration.datasets.value) {
    if (each.name === name && each.type === 'file') return each.source;
    if (each.type === 'directory' && name.startsWith(`${each.name}/`))
      return `${each.source}/${name.slice(each.name.length + 1)}`;
  }
  if (source !== null && options.allowed.includes(source)) return source;
  const where =
    source === null ? '' : ` It was recorded from ${source}: --allow-target=${source} lets it go there.`;
  return {refused: `is not configured now, so nobody knows where it belongs.${where} Or --map=${name}=PATH`};
}

/** Whether a path may be written over without being a configured source itself. */
function isConfigured({configuration}: RunPlace, target: string): boolean {
  return configuration.datasets.value.some(
    ({source, type}) => source === target || (type === 'directory' && target.startsWith(`${source}/`)),
  );
}

function placeOf(
  place: RunPlace,
  dataset: Dataset,
  copy: string[],
  options: RestoreOptions,
): {target: string; place: TargetPlace} | {target: string; refused: string} {
  if (options.into !== null) {
    const segments = copy[0] === 'datasets' ? copy.slice(1) : copy;
    const target = [options.into, ...segments].join('/');
    return {target, place: {path: target, base: fs.realpathSync(options.into), segments}};
  }
  const target = targetOf(place, dataset, options);
  if (typeof target !== 'string') return {target: dataset.source ?? '?', ...target};
  if (!isConfigured(place, target) && !options.allowed.includes(target))
    return {
      target,
      refused: `is no configured source of any dataset: if it is meant, --allow-target=${target}`,
    };
  const found = placeTarget(place.root, target, new Set(options.allowed));
  return 'refused' in found ? {target, ...found} : {target, place: found};
}

function judgeLive(
  options: RestoreOptions,
  state: TargetState,
  known: ReadonlyMap<string, number>,
): string | null {
  if (state.kind === 'absent') return null;
  if (options.into !== null) return 'exists already: a drill writes only what is new; use an empty directory';
  const others = state.links - 1 - (known.get(`${state.stamp.dev}:${state.stamp.ino}`) ?? 0);
  if (others <= 0 || options.breakLinks) return null;
  return `has ${others} other hard ${others === 1 ? 'link' : 'links'}, which would keep the old content: --break-links if that is meant`;
}

const refuse = (base: RestoreAction, reason: string): RestoreAction => ({...base, action: 'refused', reason});

class Planner {
  readonly #place: RunPlace;
  readonly #options: RestoreOptions;
  readonly #pool: Pool;
  readonly #signal: AbortSignal;
  readonly #directory: string;
  readonly #manifest: Manifest;
  readonly #links: ReadonlyMap<string, number>;
  hashed = 0;

  constructor(
    place: RunPlace,
    options: RestoreOptions,
    pool: Pool,
    signal: AbortSignal,
    directory: string,
    manifest: Manifest,
  ) {
    this.#place = place;
    this.#options = options;
    this.#pool = pool;
    this.#signal = signal;
    this.#directory = directory;
    this.#manifest = manifest;
    this.#links = ourLinks(place.root);
  }

  async #hash(
    directory: string,
    segments: string[],
    algorithm: string,
  ): Promise<{hash: string} | {reason: string}> {
    const result = await this.#pool.hash({directory, segments, algorithm}, this.#signal).result;
    if (result.status !== 'read') return {reason: result.reason};
    this.hashed += result.bytes;
    return {hash: result.hash};
  }

  async dataset(dataset: Dataset): Promise<RestoreAction[]> {
    const options = this.#options;
    const base: RestoreAction = {
      dataset: dataset.name,
      role: 'dataset',
      action: 'refused',
      reason: null,
      algorithm: dataset.algorithm ?? '',
      hash: (dataset.hash ?? '').toLowerCase(),
      copy: [],
      bytes: 0,
      target: dataset.source ?? '?',
      place: null,
      recorded: null,
      mode: dataset.mode ?? 0o644,
      live: null,
      liveHash: null,
      loses: null,
      writers: noWriters,
      beside: [],
    };
    if (dataset.flaw) return [refuse(base, dataset.flaw)];
    if (!isSupported(base.algorithm))
      return [
        refuse(base, `its algorithm "${base.algorithm}" is not supported here, so it cannot be verified`),
      ];
    if (base.hash === '') return [refuse(base, 'the manifest records no hash: it cannot be verified')];
    const located = locateCopy(dataset.backup ?? '', namesOf(options.id, this.#manifest.id));
    if ('unsafe' in located) return [refuse(base, located.unsafe)];
    base.copy = located.segments;
    const copy = fs.lstatSync(`${this.#directory}/${located.segments.join('/')}`, {throwIfNoEntry: false});
    if (!copy) return [refuse(base, 'the copy is missing')];
    if (!copy.isFile()) return [refuse(base, 'the copy is no file')];
    base.bytes = copy.size;
    const found = placeOf(this.#place, dataset, located.segments, options);
    base.target = found.target;
    if (dataset.source !== null && dataset.source !== found.target && options.into === null)
      base.recorded = dataset.source;
    if ('refused' in found) return [refuse(base, found.refused)];
    base.place = found.place;
    const live = lookAtTarget(found.place);
    if ('refused' in live) return [refuse(base, `the target ${live.refused}`)];
    base.live = live;
    const why = judgeLive(options, live, this.#links);
    if (why) return [refuse(base, `the target ${why}`)];
    if (options.checkCopies) {
      const checked = await this.#hash(this.#directory, located.segments, base.algorithm);
      if ('reason' in checked) return [refuse(base, checked.reason)];
      if (checked.hash !== base.hash) return [refuse(base, 'the copy is not what the manifest recorded')];
    }
    return await this.#judge(base, found.place, live);
  }

  async #judge(base: RestoreAction, place: TargetPlace, live: TargetState): Promise<RestoreAction[]> {
    if (live.kind === 'absent') return [{...base, action: 'create'}, ...(await this.#beside(base, place))];
    const hashed = await this.#hash(place.base, place.segments, base.algorithm);
    if ('reason' in hashed) return [refuse(base, `the live file cannot be read: ${hashed.reason}`)];
    const made = Date.parse(this.#manifest.createdAt ?? '');
    const since = live.mtimeMs > made ? `writes since ${this.#manifest.createdAt}` : null;
    const beside = await this.#beside(base, place);
    const same = hashed.hash === base.hash && beside.length === 0;
    return [
      {
        ...base,
        action: same ? 'unchanged' : 'overwrite',
        liveHash: hashed.hash,
        loses: same ? null : (since ?? 'what the live file holds instead'),
        writers: findWriters(place, live),
        beside: beside.map(({target}) => path.basename(target)),
      },
      ...(same ? [] : beside),
    ];
  }

  /** Beside a restored database the journal of the old one would show the old one's rows again (RESTORE.md). */
  async #beside(base: RestoreAction, place: TargetPlace): Promise<RestoreAction[]> {
    const files = [`${this.#directory}/${base.copy.join('/')}`, [place.base, ...place.segments].join('/')];
    if (this.#options.into !== null || !files.some(beginsLikeSqlite)) return [];
    const actions: RestoreAction[] = [];
    for (const end of sidecars) {
      const name = `${place.segments.at(-1)}${end}`;
      const beside = {...place, path: place.path + end, segments: [...place.segments.slice(0, -1), name]};
      const live = lookAtTarget(beside);
      const action: RestoreAction = {
        ...base,
        role: 'sidecar',
        action: 'remove',
        target: beside.path,
        place: beside,
        recorded: null,
        bytes: 0,
        hash: '',
        copy: [],
      };
      if ('refused' in live) actions.push(refuse(action, `beside the database, ${name} ${live.refused}`));
      else if (live.kind === 'file') {
        const hashed = await this.#hash(beside.base, beside.segments, base.algorithm);
        actions.push(
          'reason' in hashed ? refuse(action, hashed.reason) : {...action, live, liveHash: hashed.hash},
        );
      }
    }
    return actions;
  }
}

function chosen(manifest: Manifest, {only, id}: RestoreOptions): Dataset[] {
  if (only === null) return manifest.datasets;
  const isWanted = (name: string, wanted: string) => name === wanted || name.startsWith(`${wanted}/`);
  for (const wanted of only) {
    if (manifest.datasets.some(({name}) => isWanted(name, wanted))) continue;
    throw new Problem(
      exitCode.usage,
      `--only: ${id} holds no dataset "${wanted}". It holds ${manifest.datasets
        .map(({name}) => name)
        .slice(0, 20)
        .join(', ')}. Nothing was changed.`,
    );
  }
  return manifest.datasets.filter(({name}) => only.some((wanted) => isWanted(name, wanted)));
}

/** The plan's identity: the same for as long as the backup and what it would write over are what they are. */
function hashPlan(options: RestoreOptions, digest: string, actions: RestoreAction[]): string {
  const parts = actions.map(({dataset, role, action, target, hash, live, liveHash}) => {
    if (options.volatile.includes(dataset)) return [dataset, target, hash];
    const now = live?.kind === 'file' ? [live.stamp, liveHash] : live?.kind;
    return [dataset, role, action, target, hash, now];
  });
  const subject = [options.id, digest, options.into, options.safety, parts];
  return createHash('sha256').update(JSON.stringify(subject)).digest('hex').slice(0, 16);
}

/**
 * What a restore would do; nothing is written.
 * @throws Problem where there is nothing to restore from
 */
export async function planRestore(
  place: RunPlace,
  options: RestoreOptions,
  pool: Pool,
  signal: AbortSignal,
): Promise<RestorePlan> {
  const directory = directoryOf(place.backups, options.held, options.id);
  const read = readManifest(directory);
  const unusable = (why: string): never => {
    throw new Problem(
      exitCode.restoreRefused,
      `${options.id} cannot be restored: ${why}. Nothing was changed.`,
    );
  };
  if (read.state === 'missing')
    return unusable('it has no manifest.json, so nobody knows what it should hold');
  if (read.state === 'unreadable') return unusable(read.reason);
  const {manifest} = read;
  if (manifest.datasets.length === 0) return unusable('it holds no datasets');
  const began = performance.now();
  const planner = new Planner(place, options, pool, signal, directory, manifest);
  const nested = await Promise.all(chosen(manifest, options).map((dataset) => planner.dataset(dataset)));
  const actions = refuseDoubles(nested.flat());
  const took = (performance.now() - began) / 1000;
  const writes = actions.filter(({action}) => action === 'create' || action === 'overwrite');
  const bytes = writes.reduce((sum, action) => sum + action.bytes, 0);
  const old = actions.reduce(
    (sum, {action, live}) => sum + (action !== 'unchanged' && live?.kind === 'file' ? live.stamp.size : 0),
    0,
  );
  const needed = bytes + (options.safety && options.into === null ? old : 0);
  const rate = planner.hashed > 0 && took > 0 ? planner.hashed / took : 300e6;
  const unseen = actions.some(({writers}) => writers.unseen)
    ? Math.max(...actions.map(({writers}) => writers.unseen ?? 0))
    : 0;
  return {
    id: options.id,
    directory,
    createdAt: manifest.createdAt,
    hash: hashPlan(options, manifestDigest(manifest.tree), actions),
    into: options.into,
    actions,
    safety: options.safety && options.into === null,
    needed,
    free: freeSpace(options.into ?? place.root),
    seconds: (bytes * 3 + (options.safety ? old * 2 : 0)) / rate + 1,
    unseen,
  };
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
