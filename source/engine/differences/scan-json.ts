import {afterTheEnd, deepest} from '../base/json-checker.ts';
import {CutShort, type Window} from './window.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openMap = 0x7b;
const closeMap = 0x7d;
const openList = 0x5b;
const closeList = 0x5d;

/**
 * An entry of a list or map: of what stands under `under` at the top (null: at the top itself), its key where it is of a
 * map, where it begins in the file, and its bytes, the key included: good until the next one.
 */
export type Entry = {under: string | null; isMap: boolean; key: string | null; at: number; bytes: Buffer};
export type OnEntry = (entry: Entry) => void;

/**
 * Finds the entries of a JSON text without building it: nested values are only gone over. It is no check; what has no
 * beginning or end where one belongs ends it.
 */
export class JsonScan {
  readonly #window: Window;
  readonly #on: OnEntry;
  /** Where it is in the buffer, and the beginning of the entry that it is in, which is kept. */
  #at = 0;
  #keep = -1;

  constructor(window: Window, on: OnEntry) {
    this.#window = window;
    this.#on = on;
  }

  /**
   * @param deep whether what stands under a key at the top is looked into
   * @throws CutShort
   */
  run(deep: boolean): void {
    if (this.#peek() === 0xef) this.#at += 3;
    const first = this.#next();
    if (first === openMap && deep) this.#top();
    else if (first === openMap || first === openList) this.#entries(null, first === openMap);
    else this.#fail();
    if (this.#next() !== -1) throw new CutShort(afterTheEnd);
  }

  #fail(): never {
    const at = this.#window.start + this.#at;
    if (this.#peek() === -1) throw new CutShort(`it is cut off at byte ${at}`, true);
    throw new CutShort(`it is not JSON from byte ${at} on`);
  }

  #refill(): boolean {
    const from = this.#keep === -1 ? this.#at : this.#keep;
    const more = this.#window.more(from);
    // What was kept begins the buffer now; where that grew, it did before.
    this.#at -= from;
    if (this.#keep !== -1) this.#keep = 0;
    return more;
  }

  /** The byte it is at; -1 at the end. */
  #peek(): number {
    if (this.#at >= this.#window.end && !this.#refill()) return -1;
    return this.#window.buffer[this.#at] as number;
  }

  /** The same behind spaces. */
  #next(): number {
    for (;;) {
      const byte = this.#peek();
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.#at++;
    }
  }

  #expect(wanted: number): void {
    if (this.#next() !== wanted) this.#fail();
    this.#at++;
  }

  #key(): string {
    const from = this.#at - this.#keep;
    if (this.#next() !== quote) this.#fail();
    this.#string();
    const text = this.#window.buffer.toString('utf8', this.#keep + from, this.#at);
    try {
      return JSON.parse(text) as string;
    } catch {
      return this.#fail();
    }
  }

  #top(): void {
    this.#at++;
    for (let first = true; ; first = false) {
      const byte = this.#next();
      if (first && byte === closeMap) break;
      this.#keep = this.#at;
      const key = this.#key();
      this.#expect(colon);
      const begin = this.#next();
      if (begin === openMap || begin === openList) {
        this.#keep = -1;
        this.#entries(key, begin === openMap);
      } else this.#emit(null, true, key);
      if (this.#next() === closeMap) break;
      this.#expect(comma);
    }
    this.#at++;
  }

  #entries(under: string | null, isMap: boolean): void {
    const close = isMap ? closeMap : closeList;
    this.#at++;
    for (let first = true; ; first = false) {
      const byte = this.#next();
      if (first && byte === close) break;
      this.#keep = this.#at;
      let key: string | null = null;
      if (isMap) {
        key = this.#key();
        this.#expect(colon);
        this.#next();
      }
      this.#emit(under, isMap, key);
      if (this.#next() === close) break;
      this.#expect(comma);
    }
    this.#at++;
  }

  #emit(under: string | null, isMap: boolean, key: string | null): void {
    this.#value();
    const {buffer, start} = this.#window;
    const from = this.#keep;
    this.#keep = -1;
    this.#on({under, isMap, key, at: start + from, bytes: buffer.subarray(from, this.#at)});
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const byte = this.#peek();
      if (byte === -1) this.#fail();
      this.#at++;
      if (byte === quote) return;
      if (byte === backslash && this.#peek() !== -1) this.#at++;
    }
  }

  #value(): void {
    const first = this.#next();
    if (first === quote) this.#string();
    else if (first === openMap || first === openList) this.#nested();
    else this.#scalar();
  }

  #scalar(): void {
    const from = this.#at - this.#keep;
    for (;;) {
      const byte = this.#peek();
      if (byte === comma || byte === closeMap || byte === closeList || byte <= 0x20) break;
      this.#at++;
    }
    if (this.#at - this.#keep === from) this.#fail();
  }

  /** Goes over a list or map: most of a file, so byte by byte in one loop. */
  #nested(): void {
    let depth = 0;
    let inString = false;
    for (;;) {
      let at = this.#at;
      const {buffer, end} = this.#window;
      for (; at < end; at++) {
        const byte = buffer[at] as number;
        if (inString) {
          if (byte === backslash) at++;
          else if (byte === quote) inString = false;
        } else if (byte === quote) inString = true;
        else if (byte === openMap || byte === openList) {
          if (++depth > deepest)
            throw new CutShort(
              `it is nested deeper than ${deepest} levels at byte ${this.#window.start + at}`,
            );
        } else if ((byte === closeMap || byte === closeList) && --depth === 0) {
          this.#at = at + 1;
          return;
        }
      }
      // A backslash may have been the last byte: what it escapes is passed over behind it.
      this.#at = at;
      const over = at - end;
      this.#at = end;
      if (!this.#refill()) this.#fail();
      this.#at += over;
    }
  }
}
