import {CutShort} from './window.ts';

/** Entries of one side: memory is bounded. */
const mostEntries = 4_000_000;

/** So that nobody can make names that only look the same. */
const [seedLow = 0, seedHigh = 0] = crypto.getRandomValues(new Uint32Array(2));

const last = {low: 0, high: 0};

/** Two times 32 bits of a name; the result is good until the next call. */
export function hash(name: string, table: number): {low: number; high: number} {
  let low = seedLow ^ table;
  let high = seedHigh ^ Math.imul(table, 0x9e3779b1);
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    low = Math.imul(low ^ code, 0x85ebca6b);
    low ^= low >>> 13;
    high = Math.imul(high ^ code, 0xc2b2ae35);
    high ^= (high >>> 16) ^ (low >>> 7);
  }
  low = Math.imul(low ^ (low >>> 16), 0x27d4eb2f) ^ high;
  high = Math.imul(high ^ (high >>> 15), 0x165667b1) ^ (low >>> 11);
  last.low = low >>> 0;
  last.high = high >>> 0;
  return last;
}

/** The entries of one side by their names: where they lie, and how many are not met on the other side yet. */
export class RecordIndex {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #at = new Float64Array(1024);
  #bytes = new Float64Array(1024);
  #table = new Uint8Array(1024);
  #left = new Uint32Array(1024);
  /** Entry numbers, from 1 on, by hash. */
  #slots = new Int32Array(4096);
  count = 0;

  /**
   * @param counts whether several of one name are several; else the later one takes the place of the first
   * @returns false where that name was there before
   * @throws CutShort where there are too many
   */
  add(table: number, name: string, at: number, bytes: number, counts: boolean): boolean {
    const {low, high} = hash(name, table);
    const slot = this.#slot(low, high);
    const known = this.#slots[slot] as number;
    if (known !== 0) {
      if (counts) this.#left[known - 1] = (this.#left[known - 1] as number) + 1;
      else {
        this.#at[known - 1] = at;
        this.#bytes[known - 1] = bytes;
      }
      return false;
    }
    if (this.count === mostEntries) throw new CutShort(`it has more than ${mostEntries} entries`);
    if (this.count === this.#low.length) this.#grow();
    const entry = this.count++;
    this.#low[entry] = low;
    this.#high[entry] = high;
    this.#at[entry] = at;
    this.#bytes[entry] = bytes;
    this.#table[entry] = table;
    this.#left[entry] = 1;
    this.#slots[slot] = this.count;
    if (this.count * 4 > this.#slots.length * 3) this.#rehash();
    return true;
  }

  /** The number of an entry; -1 where there is none of that name. */
  find(table: number, name: string): number {
    const {low, high} = hash(name, table);
    return (this.#slots[this.#slot(low, high)] as number) - 1;
  }

  /** @returns false where all of that name were met before */
  meet(entry: number): boolean {
    const left = this.#left[entry] as number;
    if (left === 0) return false;
    this.#left[entry] = left - 1;
    return true;
  }

  where(entry: number): {at: number; bytes: number; table: number; left: number} {
    return {
      at: this.#at[entry] as number,
      bytes: this.#bytes[entry] as number,
      table: this.#table[entry] as number,
      left: this.#left[entry] as number,
    };
  }

  #slot(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number;
      if (entry === 0 || (this.#low[entry - 1] === low && this.#high[entry - 1] === high)) return slot;
    }
  }

  #grow(): void {
    const size = Math.min(mostEntries, this.#low.length * 2);
    const larger = <Kind extends Uint32Array | Float64Array | Uint8Array>(of: Kind, fresh: Kind): Kind => {
      fresh.set(of);
      return fresh;
    };
    this.#low = larger(this.#low, new Uint32Array(size));
    this.#high = larger(this.#high, new Uint32Array(size));
    this.#at = larger(this.#at, new Float64Array(size));
    this.#bytes = larger(this.#bytes, new Float64Array(size));
    this.#table = larger(this.#table, new Uint8Array(size));
    this.#left = larger(this.#left, new Uint32Array(size));
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.count; entry++)
      this.#slots[this.#slot(this.#low[entry] as number, this.#high[entry] as number)] = entry + 1;
  }
}
