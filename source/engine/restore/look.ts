import fs from 'node:fs';
import path from 'node:path';
import {beginsLikeSqlite, sidecars} from '../backup/sources.ts';
import type {Pool} from '../hashing/pool.ts';
import {type RestoreAction, refuse, unknownAction} from './action.ts';
import {lookAtTarget, type TargetPlace, type TargetState} from './target.ts';

/** A file as it was when it was hashed: which one, and every time that it has. */
function identity(algorithm: string, live: TargetState): string | null {
  if (live.kind === 'absent') return null;
  const {dev, ino, size, mtimeNs} = live.stamp;
  return [algorithm.toLowerCase(), dev, ino, size, mtimeNs, live.ctimeNs].join(':');
}

export type Hashed = {hash: string} | {reason: string};

/** Looks at live files, and hashes them in the pool; what was hashed before and did not change is not read again. */
export class Look {
  readonly #pool: Pool;
  readonly #signal: AbortSignal;
  /** Hashes by what they were taken of; grows. */
  readonly known: Map<string, string>;
  /** Bytes of the files that were hashed so far. */
  bytes = 0;
  /** Bytes read of each file that is being hashed. */
  readonly #reading = new Set<() => number>();

  constructor(pool: Pool, signal: AbortSignal, known: Iterable<readonly [string, string]> = []) {
    this.#pool = pool;
    this.#signal = signal;
    this.known = new Map(known);
  }

  /** @returns lower-case hex, or why not, in words that follow the file's name */
  async hash(directory: string, segments: string[], algorithm: string): Promise<Hashed> {
    const job = this.#pool.hash({directory, segments, algorithm}, this.#signal);
    this.#reading.add(job.bytes);
    const result = await job.result;
    this.#reading.delete(job.bytes);
    if (result.status !== 'read') return {reason: result.reason.replace(/^the copy\b/, 'it')};
    this.bytes += result.bytes;
    return {hash: result.hash};
  }

  /** Bytes read so far, those of files that are being hashed included. */
  get read(): number {
    return [...this.#reading].reduce((sum, bytes) => sum + bytes(), this.bytes);
  }

  /** A copy in a backup: like a live file it is not read again while it stays what it was. */
  async hashCopy(directory: string, segments: string[], algorithm: string): Promise<Hashed> {
    const place = {path: `${directory}/${segments.join('/')}`, base: directory, segments};
    const copy = lookAtTarget(place);
    return 'refused' in copy
      ? this.hash(directory, segments, algorithm)
      : this.hashLive(place, copy, algorithm);
  }

  async hashLive(place: TargetPlace, live: TargetState, algorithm: string): Promise<Hashed> {
    const key = identity(algorithm, live);
    const known = key === null ? undefined : this.known.get(key);
    if (known !== undefined) return {hash: known};
    const hashed = await this.hash(place.base, place.segments, algorithm);
    if ('reason' in hashed) return hashed;
    const after = lookAtTarget(place);
    // Written to while it was read: the hash is of neither.
    if (key === null || 'refused' in after || identity(algorithm, after) !== key) return hashed;
    this.known.set(key, hashed.hash);
    return hashed;
  }

  /**
   * What lies beside a database and has to go with it: next to a restored one the journal of the old one would show the
   * old one's rows again (RESTORE.md).
   * @param copy the file that is restored
   */
  async beside(database: RestoreAction, place: TargetPlace, copy: string): Promise<RestoreAction[]> {
    const target = [place.base, ...place.segments].join('/');
    if (!beginsLikeSqlite(copy) && !beginsLikeSqlite(target)) return [];
    const actions = await Promise.all(
      sidecars.map(async (end): Promise<RestoreAction[]> => {
        const name = `${place.segments.at(-1)}${end}`;
        const there = {...place, path: place.path + end, segments: [...place.segments.slice(0, -1), name]};
        return this.removal(database, there, end === '-shm');
      }),
    );
    return actions.flat();
  }

  /** The removal of what lies at a place; none where nothing does. */
  async removal(of: RestoreAction, place: TargetPlace, volatile: boolean): Promise<RestoreAction[]> {
    const live = lookAtTarget(place);
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
    const hashed = await this.hashLive(place, live, of.algorithm);
    if ('reason' in hashed) return [refuse(action, `${name}, beside it: ${hashed.reason}`)];
    return [{...action, live, liveHash: hashed.hash}];
  }
}

/** Bytes of a copy; why it cannot be restored from, in the operator's words. */
export function lookAtCopy(directory: string, segments: string[]): {bytes: number} | {reason: string} {
  const copy = fs.lstatSync(`${directory}/${segments.join('/')}`, {throwIfNoEntry: false});
  if (!copy) return {reason: 'the copy is missing'};
  return copy.isFile() ? {bytes: copy.size} : {reason: 'the copy is no file'};
}
