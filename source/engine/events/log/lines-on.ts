import {lineBreak, longestLine, mostOfLonger, type RawLine} from './log-lines.ts';

/** Puts what is appended to a file together to lines. */
export class LinesOn {
  #parts: Buffer[] = [];
  /** Bytes of the line that has not ended, and how many of them are kept. */
  #length = 0;
  #kept = 0;

  /** @returns the lines that end in these bytes, in their order */
  add(bytes: Buffer): RawLine[] {
    const lines: RawLine[] = [];
    let start = 0;
    for (;;) {
      const at = bytes.indexOf(lineBreak, start);
      if (at < 0) break;
      this.#keep(bytes.subarray(start, at));
      const line = this.take(false);
      if (line) lines.push(line);
      start = at + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** Bytes of the line that has not ended. */
  get unfinished(): number {
    return this.#length;
  }

  /** What there is of the line that has not ended; it stays. */
  peek(): RawLine | null {
    if (this.#length === 0) return null;
    const bytes = Buffer.concat(this.#parts);
    const isLonger = this.#length > longestLine;
    return {bytes: isLonger ? bytes.subarray(0, mostOfLonger) : bytes, length: this.#length, torn: true};
  }

  /** The same, and the next one begins. */
  take(torn = true): RawLine | null {
    const line = this.peek();
    this.#parts = [];
    this.#length = 0;
    this.#kept = 0;
    return line && {...line, torn};
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#length += part.length;
    const room = longestLine - this.#kept;
    if (room <= 0) return;
    this.#parts.push(part.subarray(0, room));
    this.#kept += Math.min(room, part.length);
  }
}
