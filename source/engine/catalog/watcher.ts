import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {describeError} from '../base/problem.ts';
import {noVerdicts, readVerdicts, type Verdicts, verdictsStamp} from '../storage/content-verdicts.ts';
import {listSafety, safetyDirectory} from '../storage/held.ts';
import {type Listing, listBackups, parents} from './list.ts';
import {type Row, readRow, rowSignature} from './row.ts';

export type CatalogEvent =
  | {type: 'listed'; listing: Listing}
  | {type: 'rows'; rows: Row[]}
  /** What restores have saved of the live files, newest first. */
  | {type: 'safety'; rows: Row[]}
  /** The directory cannot be listed just now; what was known stays. */
  | {type: 'failed'; reason: string}
  /** Every row has been read once. */
  | {type: 'complete'};

/** Rows a round that are only looked at, not shown: 10,000 backups are gone through in 20 rounds. */
const roundSize = 500;

/**
 * Follows a backups directory: what is visible is read again every round, the rest in turns, because rewriting a file
 * inside a backup reaches no watch on its parent, and a remote change reaches none at all. No threads, no timers: the
 * caller says when a round is due.
 */
export class CatalogWatcher {
  readonly #directory: string;
  /** Where backups are held; null where there is no such place. */
  readonly #held: string | null;
  /** The directory that a backup lies in. */
  #parentOf: (id: string) => string;
  /** What was last reported, to report only what differs. */
  readonly #known = new Map<string, {signature: string; digest: string}>();
  #listed: string | null = null;
  #listing: Listing = {ids: [], strays: [], held: [], exists: false};
  #reported = true;
  #unread: string[] = [];
  #next = 0;
  #visible: string[] = [];
  #complete = false;
  /** What the safety backups looked like. */
  #safety = '';
  /** What content checks found, read again when it changes. */
  #verdicts: Verdicts = noVerdicts;
  #verdictsStamp = '-';

  constructor(directory: string, held: string | null = null) {
    this.#directory = directory;
    this.#held = held;
    this.#parentOf = () => directory;
  }

  setVisible(ids: string[]): void {
    this.#visible = ids;
  }

  /** True while there are rows that were never read: then the next round is due at once. */
  get busy(): boolean {
    return this.#unread.length > 0;
  }

  round(now: number): CatalogEvent[] {
    const events: CatalogEvent[] = [];
    try {
      events.push(...this.#list());
    } catch (error) {
      // The next listing is reported even if it is the same: it says that all is well again.
      this.#listed = null;
      this.#reported = false;
      return [{type: 'failed', reason: describeError(error)}];
    }
    this.#readVerdicts();
    const rows: Row[] = [];
    for (const id of this.#visible) this.#read(id, now, rows);
    for (const id of this.#unread.splice(0, roundSize)) this.#read(id, now, rows);
    if (this.#complete) this.#lookAround(now, rows);
    if (rows.length > 0) events.push({type: 'rows', rows});
    events.push(...this.#readSafety(now));
    if (!this.#complete && this.#unread.length === 0) {
      this.#complete = true;
      events.push({type: 'complete'});
    }
    return events;
  }

  #readVerdicts(): void {
    const state = this.#held === null ? null : path.dirname(this.#held);
    const stamp = verdictsStamp(state);
    if (stamp === this.#verdictsStamp) return;
    this.#verdictsStamp = stamp;
    this.#verdicts = readVerdicts(state);
    // Each row is due again, in its turn.
    for (const known of this.#known.values()) known.signature = '';
  }

  /** Lists again only if the directory may have changed; a change within the clock's last tick could be missed. */
  #list(): CatalogEvent[] {
    const stats = fs.statSync(this.#directory, {throwIfNoEntry: false});
    const held = this.#held === null ? undefined : lookAt(this.#held);
    // Whom one is held for changes in its own directory.
    const holds = this.#listing.held.map(({id}) => lookAt(`${this.#held}/${id}`));
    const stamp = [stats, held, ...holds]
      .map((each) => (each ? `${each.ino}:${each.mtimeMs}` : 'none'))
      .join(' ');
    if (stamp === this.#listed && this.#listing.exists === (stats !== undefined)) return [];
    const listing = listBackups(this.#directory, this.#held);
    const fresh = [stats, held, ...holds].some((each) => each && Date.now() - each.mtimeMs < 2000);
    this.#listed = fresh ? null : stamp;
    const same = this.#reported && JSON.stringify(listing) === JSON.stringify(this.#listing);
    this.#listing = listing;
    this.#parentOf = parents(listing, this.#directory, this.#held);
    this.#reported = true;
    if (same) return [];
    const present = new Set(listing.ids);
    for (const id of [...this.#known.keys()]) if (!present.has(id)) this.#known.delete(id);
    this.#unread = listing.ids.filter((id) => !this.#known.has(id));
    this.#visible = this.#visible.filter((id) => present.has(id));
    return [{type: 'listed', listing}];
  }

  /** They are few, and change with a restore, or where one is verified. */
  #readSafety(now: number): CatalogEvent[] {
    if (this.#held === null || this.#unread.length > 0) return [];
    const directory = safetyDirectory(this.#held);
    const ids = listSafety(this.#held);
    const signature = ids.map((id) => `${id} ${rowSignature(`${directory}/${id}`)}`).join('\n');
    if (signature === this.#safety) return [];
    this.#safety = signature;
    return [{type: 'safety', rows: ids.map((id) => readRow(directory, id, now, this.#verdicts))}];
  }

  #read(id: string, now: number, rows: Row[]): void {
    // Taken before: what changes while the row is read is seen the next time.
    const parent = this.#parentOf(id);
    const signature = rowSignature(`${parent}/${id}`);
    const row = readRow(parent, id, now, this.#verdicts);
    const digest = createHash('sha1').update(JSON.stringify(row)).digest('base64');
    const known = this.#known.get(id);
    if (known?.digest === digest) {
      known.signature = signature;
      return;
    }
    this.#known.set(id, {signature, digest});
    rows.push(row);
  }

  #lookAround(now: number, rows: Row[]): void {
    const {ids} = this.#listing;
    for (let count = 0; count < Math.min(roundSize, ids.length); count++) {
      this.#next = (this.#next + 1) % ids.length;
      const id = ids[this.#next] as string;
      if (this.#known.get(id)?.signature !== rowSignature(`${this.#parentOf(id)}/${id}`))
        this.#read(id, now, rows);
    }
  }
}

const lookAt = (directory: string): fs.Stats | undefined => {
  try {
    return fs.statSync(directory, {throwIfNoEntry: false});
  } catch {
    // It may not be entered: then nothing is known to be held.
    return undefined;
  }
};
