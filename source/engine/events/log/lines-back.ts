import {lineBreak, longestLine, mostOfLonger, type RawLine, readAt} from './log-lines.ts';

const blockSize = 256 * 1024;

/** Reads the lines of a file from its end to its beginning, in blocks: no more of it than is asked for. */
export class LinesBack {
  readonly #fd: number;
  /** All that lies from here on has been read. */
  #at: number;
  /** Of the line whose beginning has not been found: its parts, the last one first, as far as they are kept. */
  #parts: Buffer[] = [];
  #length = 0;
  /** A line break has been seen at its end. */
  #ended = false;
  /** The file has become shorter while it was read. */
  cut = false;

  /** @param end offset to begin at */
  constructor(fd: number, end: number) {
    this.#fd = fd;
    this.#at = end;
  }

  get over(): boolean {
    return this.cut || (this.#at === 0 && this.#length === 0);
  }

  /**
   * Gives lines, the last one first, until enough of them were taken.
   * @param take says whether the next one is wanted too
   * @param most bytes that are read; then it ends all the same, and can be gone on with
   */
  async read(take: (line: RawLine) => boolean, most: number, signal: AbortSignal): Promise<void> {
    const stopAt = Math.max(0, this.#at - most);
    while (!this.over && !signal.aborted) {
      const from = Math.max(0, this.#at - blockSize);
      const block = await readAt(this.#fd, from, this.#at - from);
      if (block.length < this.#at - from) {
        this.cut = true;
        return;
      }
      if (!(await this.#takeBlock(block, from, take))) return;
      if (this.#at <= stopAt && stopAt > 0) return;
    }
  }

  /** @returns whether more lines are wanted */
  async #takeBlock(block: Buffer, from: number, take: (line: RawLine) => boolean): Promise<boolean> {
    let end = block.length;
    while (end > 0) {
      const at = block.lastIndexOf(lineBreak, end - 1);
      if (at < 0) break;
      this.#keep(block.subarray(at + 1, end));
      const wanted = await this.#give(from + at + 1, take);
      this.#ended = true;
      end = at;
      this.#at = from + at;
      if (!wanted) return false;
    }
    this.#keep(block.subarray(0, end));
    this.#at = from;
    return from > 0 || (await this.#give(0, take));
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#length > longestLine) this.#parts = [];
    else this.#parts.push(part);
  }

  async #give(start: number, take: (line: RawLine) => boolean): Promise<boolean> {
    const length = this.#length;
    const torn = !this.#ended;
    const parts = this.#parts;
    this.#parts = [];
    this.#length = 0;
    if (length === 0) return true;
    if (length > longestLine) return take({bytes: await readAt(this.#fd, start, mostOfLonger), length, torn});
    const [only] = parts;
    return take({bytes: parts.length === 1 && only ? only : Buffer.concat(parts.reverse()), length, torn});
  }
}
