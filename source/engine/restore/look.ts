import path from 'node:path';
import {allocatedOf, seenAt} from '../base/files.ts';
import {Walk} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {sqlite} from '../datasets/sqlite.ts';
import type {Pool} from '../hashing/pool.ts';
import {restoredAt, stories} from '../session/story.ts';
import {inState} from '../storage/runbook/state-directory.ts';
import {type RestoreAction, refuse, unknownAction} from './action.ts';
import {namesIn} from './place.ts';
import {lookAtTarget, noNumber, type TargetPlace, type TargetState} from './target.ts';

/** Which file it is, as a hash of it tells that (`identityOf`). */
const identity = ({
  stamp: {dev, ino, size, mtimeNs},
  ctimeNs,
}: Extract<TargetState, {kind: 'file'}>): string => [dev, ino, size, mtimeNs, ctimeNs].join(':');

type Hashed = {hash: string} | {reason: string};

/** Looks at live files, and hashes them in the pool; what was hashed before and did not change is not read again. */
export class Look {
  readonly #pool: Pool;
  readonly #signal: AbortSignal;
  /** Hashes by what they were taken of; grows. */
  readonly known: Map<string, string>;
  /** Bytes of the files that were hashed so far. */
  bytes = 0;
  /** Ways to what is looked at, which comes in order: to live files, and to copies. */
  readonly targets = new Walk();
  readonly copies = new Walk();
  /** Real paths of what targets lie below. */
  readonly bases = new Map<string, string>();
  /** Of the directory that was listed last. */
  #listed: {directory: string; names: Set<string>} | null = null;
  /** Bytes read of each file that is being hashed. */
  readonly #reading = new Set<() => number>();

  #restored: ReadonlyMap<string, number> | null = null;

  constructor(pool: Pool, signal: AbortSignal, known: Iterable<readonly [string, string]> = []) {
    this.#pool = pool;
    this.#signal = signal;
    this.known = new Map(known);
  }

  /** When restores of ours wrote last to the live files of each dataset: milliseconds since the epoch. */
  restored(root: string): ReadonlyMap<string, number> {
    this.#restored ??= inState(root, (state) => restoredAt(state ? stories(state) : []));
    return this.#restored;
  }

  /** Bytes read so far, those of files that are being hashed included. */
  get read(): number {
    return [...this.#reading].reduce((sum, bytes) => sum + bytes(), this.bytes);
  }

  /**
   * A file's hash, in lower-case hex, or why there is none, in words that follow the file's name. A live file or a copy that
   * was hashed before is not read again while it stays what it was.
   * @param seen what lies there; null where that could not be told
   */
  async hash({base, segments}: TargetPlace, seen: TargetState | null, algorithm: string): Promise<Hashed> {
    const file = seen?.kind === 'file' ? seen : null;
    // Without a number of its own it may be like another file in all else.
    const where = file?.stamp.ino === noNumber ? `:${[base, ...segments].join('/')}` : '';
    const key = file && `${algorithm.toLowerCase()}:${identity(file)}${where}`;
    const known = key && this.known.get(key);
    if (known) return {hash: known};
    const job = this.#pool.hash({directory: base, segments, algorithm}, this.#signal, file?.stamp.size);
    this.#reading.add(job.bytes);
    const result = await job.result;
    this.#reading.delete(job.bytes);
    if (result.status !== 'read') return {reason: result.reason.replace(/^the copy\b/, 'it')};
    this.bytes += result.bytes;
    // Written to while it was read: the hash is of neither.
    const {identity: read} = result;
    const same = file?.stamp.ino === noNumber ? read?.replace(/^(\d+):\d+/, `$1:${noNumber}`) : read;
    if (key && file && same === identity(file)) this.known.set(key, result.hash);
    return {hash: result.hash};
  }

  /** Whether something has this name in the directory of a target, as that was when it was listed. */
  #isThere({base, segments}: TargetPlace): boolean {
    const directory = [base, ...segments.slice(0, -1)].join('/');
    if (this.#listed?.directory !== directory) {
      const opened = this.targets.to(base, segments.slice(0, -1));
      const names = 'status' in opened ? null : namesIn(opened.path);
      // What cannot be listed may hold it all the same.
      if (names === null) return true;
      this.#listed = {directory, names};
    }
    return this.#listed.names.has(segments.at(-1) as string);
  }

  /** To be called once a plan is made. */
  rest(): void {
    this.targets.close();
    this.copies.close();
    this.bases.clear();
    this.#listed = null;
  }

  /**
   * What lies beside a database and has to go with it: next to a restored one the journal of the old one would show the
   * old one's rows again (RESTORE.md).
   * @param copy the file that is restored
   */
  async beside(database: RestoreAction, place: TargetPlace, copy: string): Promise<RestoreAction[]> {
    const there = sqlite.sidecars.flatMap((end) => {
      const segments = [...place.segments.slice(0, -1), `${place.segments.at(-1)}${end}`];
      const beside = {...place, path: place.path + end, segments};
      return this.#isThere(beside) ? [{beside, volatile: end === sqlite.index}] : [];
    });
    if (there.length === 0) return [];
    const target = [place.base, ...place.segments].join('/');
    if (!sqlite.begins(copy) && !sqlite.begins(target)) return [];
    const actions = await Promise.all(
      there.map(({beside, volatile}) => this.removal(database, beside, volatile)),
    );
    return actions.flat();
  }

  /** The removal of what lies at a place; none where nothing does. */
  async removal(of: RestoreAction, place: TargetPlace, volatile: boolean): Promise<RestoreAction[]> {
    const live = lookAtTarget(place, this.targets);
    const action: RestoreAction = {
      ...unknownAction(of.dataset, of.algorithm, volatile),
      role: 'sidecar',
      action: 'remove',
      target: place.path,
      place,
    };
    const name = path.basename(place.path);
    if ('refused' in live) return [refuse(action, `${name}, beside it, ${live.refused}`)];
    if (live.kind === 'absent') return [];
    const hashed = await this.hash(place, live, of.algorithm);
    if ('reason' in hashed) return [refuse(action, `${name}, beside it: ${hashed.reason}`)];
    return [{...action, live, liveHash: hashed.hash}];
  }
}

type Copy = {
  place: TargetPlace;
  /** Null where only opening it tells more. */
  seen: TargetState | null;
  bytes: number;
  /** Bytes that it takes on the disk, where it has holes. */
  allocated: number;
};

/** A copy in a backup; why it cannot be restored from, in the operator's words. */
export function lookAtCopy(directory: string, segments: string[], walk: Walk): Copy | {reason: string} {
  const place = {path: `${directory}/${segments.join('/')}`, base: directory, segments};
  const seen = lookAtTarget(place, walk);
  if ('kind' in seen)
    return seen.kind === 'file'
      ? {place, seen, bytes: seen.stamp.size, allocated: seen.allocated ?? seen.stamp.size}
      : {reason: 'the copy is missing'};
  try {
    const copy = seenAt(place.path);
    if (!copy) return {reason: 'the copy is missing'};
    if (!copy.isFile()) return {reason: 'the copy is not a file'};
    return {place, seen: null, bytes: copy.size, allocated: allocatedOf(copy)};
  } catch (error) {
    return {reason: `the copy cannot be looked at: ${describeError(error)}`};
  }
}
