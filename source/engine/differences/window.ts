import fs from 'node:fs';

/** Bytes that are read at once. */
const step = 4 * 1024 * 1024;
/**
 * Bytes of one entry: a longer one is no entry that anybody could look at. Two of them, as they lie, as text and parsed,
 * have to fit into the memory that a comparison may take.
 */
const longestEntry = 8 * 1024 * 1024;

/** A file cannot be compared any further; why, said of "it". */
export class CutShort extends Error {
  /** It ends there: nothing stands behind. */
  readonly isEnd: boolean;
  constructor(why: string, isEnd = false) {
    super(why);
    this.isEnd = isEnd;
  }
}

/** A part of a file that moves on, so that memory does not grow with the file. */
export class Window {
  readonly #fd: number;
  /** What grows without end is not read without end. */
  readonly #size: number;
  #read = 0;
  buffer: Buffer;
  /** Bytes of the buffer that hold something. */
  end = 0;
  /** Where the buffer begins in the file. */
  start = 0;
  readonly #onRead: (bytes: number) => void;

  constructor(fd: number, size: number, onRead: (bytes: number) => void = () => {}, bytes = step) {
    this.#fd = fd;
    this.buffer = Buffer.allocUnsafe(bytes);
    this.#size = size;
    this.#onRead = onRead;
  }

  /**
   * Lets go of what is before a place, which becomes the beginning, and reads on.
   * @returns whether there was more
   * @throws CutShort where what is kept is too long
   */
  more(keep: number): boolean {
    if (keep === 0 && this.end === this.buffer.length) {
      if (this.buffer.length >= longestEntry) throw new CutShort('one entry is larger than 8 MB');
      const larger = Buffer.allocUnsafe(this.buffer.length * 2);
      this.buffer.copy(larger, 0, 0, this.end);
      this.buffer = larger;
    } else {
      this.buffer.copyWithin(0, keep, this.end);
      this.end -= keep;
      this.start += keep;
    }
    const most = Math.min(this.buffer.length - this.end, this.#size - this.#read);
    const count = most <= 0 ? 0 : fs.readSync(this.#fd, this.buffer, this.end, most, this.#read);
    this.end += count;
    this.#read += count;
    this.#onRead(count);
    return count > 0;
  }
}

/** Bytes read at once for an entry that does not follow the one before, and at most for those that do. */
const leap = 4096;
const longestStep = 1024 * 1024;

/** Single entries of a file: the more follow one another, the more is read at once; what lies anywhere is read alone. */
export class EntryReader {
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafe(longestStep);
  #from = 0;
  #count = 0;
  #step = leap;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Good until the next call. */
  at(offset: number, bytes: number): Buffer {
    if (bytes > this.#buffer.length) {
      const large = Buffer.allocUnsafe(bytes);
      return large.subarray(0, fs.readSync(this.#fd, large, 0, bytes, offset));
    }
    const end = this.#from + this.#count;
    if (offset < this.#from || offset + bytes > end) {
      const follows = offset >= this.#from && offset <= end + leap;
      this.#step = follows ? Math.min(this.#step * 4, longestStep) : leap;
      this.#from = offset;
      this.#count = fs.readSync(this.#fd, this.#buffer, 0, Math.max(this.#step, bytes), offset);
    }
    return this.#buffer.subarray(offset - this.#from, Math.min(offset - this.#from + bytes, this.#count));
  }
}
