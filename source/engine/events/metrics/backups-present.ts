import {setImmediate as breathe} from 'node:timers/promises';
import {seenAt} from '../../base/files.ts';
import {listBackups, parents} from '../../catalog/list.ts';
import {type Row, readRow, rowSignature} from '../../catalog/row.ts';
import {directoryOf, heldDirectory} from '../../storage/held.ts';
import {type PresentState, presentStates} from './metrics-text.ts';

/** `made`: when, in seconds since the epoch, where its last verification passed; else 0. */
type Known = {signature: string; readAt: number; state: PresentState; made: number};

/** Milliseconds after which a backup is looked at again although nothing of it changed: what passed becomes stale. */
const longEnough = 3_600_000;
/** Looking at all of them takes at most this part of the time, but where it takes next to nothing. */
const share = 20;
/** Milliseconds. */
const nothing = 20;
/** Milliseconds after which others get their turn. */
const turn = 10;

const stateOf = ({state, verification}: Row): PresentState =>
  state === 'complete' ? verification.state : state;

const madeIf = ({state, time, verification}: Row): number =>
  state === 'complete' &&
  (verification.state === 'verified' || (verification.state === 'stale' && !verification.changed))
    ? (time ?? 0)
    : 0;

/** The backups of a root by their state. What has been read once is read again only where it changed. */
export class BackupsPresent {
  readonly #backups: string;
  readonly #held: string | null;
  readonly #clock: () => number;
  #known = new Map<string, Known>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #took = 0;

  /** @param clock milliseconds that pass, whatever the time is */
  constructor({root, backups}: {root: string; backups: string}, clock = () => performance.now()) {
    this.#clock = clock;
    this.#backups = backups;
    this.#held = heldDirectory(root);
  }

  /**
   * Looks what has changed: at the backups that are named, and at all others where that is not too much.
   * @throws Problem where the backups directory cannot be read
   */
  async look(ids: Iterable<string>): Promise<void> {
    const began = this.#clock();
    if (this.#took > nothing && began - this.#lookedAt < share * this.#took) {
      for (const id of new Set(ids)) this.#lookAt(id);
      return;
    }
    const listing = listBackups(this.#backups, this.#held);
    const parentOf = parents(listing, this.#backups, this.#held);
    const known = new Map<string, Known>();
    let spent = this.#clock() - began;
    let since = this.#clock();
    for (const id of listing.ids) {
      known.set(id, this.#read(parentOf(id), id));
      const now = this.#clock();
      if (now - since < turn) continue;
      spent += now - since;
      await breathe();
      since = this.#clock();
    }
    this.#known = known;
    this.#lookedAt = this.#clock();
    this.#took = spent + this.#lookedAt - since;
  }

  #lookAt(id: string): void {
    const directory = directoryOf(this.#backups, this.#held, id);
    if (seenAt(directory)?.isDirectory())
      this.#known.set(id, this.#read(directory.slice(0, -id.length - 1), id));
    else this.#known.delete(id);
  }

  #read(parent: string, id: string): Known {
    const now = Date.now();
    const signature = `${parent} ${rowSignature(`${parent}/${id}`)}`;
    const known = this.#known.get(id);
    if (known?.signature === signature && Math.abs(now - known.readAt) < longEnough) return known;
    const row = readRow(parent, id, now);
    return {signature, readAt: now, state: stateOf(row), made: madeIf(row)};
  }

  /** How many there are in each state. */
  get counts(): Map<PresentState, number> {
    const counts = new Map<PresentState, number>(presentStates.map((state) => [state, 0]));
    for (const {state} of this.#known.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }

  /** When the newest backup whose last verification passed was made, in seconds since the epoch; 0 where none did. */
  get newestVerified(): number {
    let newest = 0;
    for (const {made} of this.#known.values()) newest = Math.max(newest, made);
    return newest;
  }
}
