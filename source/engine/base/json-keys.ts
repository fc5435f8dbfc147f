/** Characters that are kept of the keys of all maps that are open at one time; beyond that, twice is not looked for. */
const mostKept = 16 * 1024 * 1024;
/** Bytes of a key; longer ones are no names. */
const longest = 1024;

/**
 * Looks for a key that stands twice in one map: JSON allows it, and readers keep the last without a word, PHP's and
 * JavaScript's included. Memory is bounded, so of a very large map not all may be compared.
 */
export class JsonKeys {
  /** One for each list (null) and map that is open. */
  readonly #open: (Set<string> | null)[] = [];
  #kept = 0;
  readonly #bytes = Buffer.alloc(longest);
  /** Bytes of the key so far; null where it is not compared. */
  #length: number | null = null;
  /** The first key that stood twice; null where none did. */
  twice: string | null = null;

  open(isMap: boolean): void {
    this.#open.push(isMap ? new Set() : null);
  }

  close(): void {
    for (const key of this.#open.pop() ?? []) this.#kept -= key.length;
  }

  begin(): void {
    this.#length = this.twice === null && this.#kept < mostKept ? 0 : null;
  }

  /** A byte of the key as it is written, between its quotes. */
  add(byte: number): void {
    if (this.#length === null) return;
    if (this.#length === longest) this.#length = null;
    else this.#bytes[this.#length++] = byte;
  }

  /** @returns whether it stands there for the second time */
  end(): boolean {
    const keys = this.#open.at(-1);
    if (this.#length === null || !keys) return false;
    const raw = this.#bytes.toString('utf8', 0, this.#length);
    const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
    this.#length = null;
    if (keys.has(key)) {
      this.twice = key;
      return true;
    }
    keys.add(key);
    this.#kept += key.length;
    return false;
  }
}
