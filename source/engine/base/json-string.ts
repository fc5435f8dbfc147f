const quote = 0x22;
const backslash = 0x5c;
export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
const escapable = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));

const notUtf8 = 'bytes that are not UTF-8';
/** Told of the whole string, at whose beginning it is looked for. */
export const halfPair = 'half a surrogate pair in a string';

/** Where the first byte is that means something in a string. */
export function plainUntil(block: Uint8Array, from: number): number {
  let at = from;
  for (; at < block.length; at++) {
    const byte = block[at] as number;
    if (byte === quote || byte === backslash || byte < 0x20 || byte >= 0x80) break;
  }
  return at;
}

/** A string of a JSON text, byte by byte, from behind its first quote. */
export class JsonString {
  #state: 'plain' | 'escape' | 'hex' | 'low escape' | 'low u' | 'utf8' = 'plain';
  #hex = 0;
  #hexLeft = 0;
  /** A high surrogate was escaped: the low one has to follow. */
  #needsLow = false;
  /** Bytes that are missing from a character, and what the next one may be. */
  #continuing = 0;
  #lowest = 0;
  #highest = 0;

  /** Plain text may follow, which needs not be looked at one by one. */
  get isPlain(): boolean {
    return this.#state === 'plain';
  }

  /** @returns null while it goes on, `''` at its closing quote, else what is wrong */
  take(byte: number): string | null {
    switch (this.#state) {
      case 'plain':
        return this.#plain(byte);
      case 'escape':
        return this.#escape(byte);
      case 'hex':
        return this.#hexDigit(byte);
      case 'low escape':
        if (byte !== backslash) return halfPair;
        this.#state = 'low u';
        return null;
      case 'low u':
        return byte === 0x75 ? this.#beginHex() : halfPair;
      case 'utf8':
        return this.#continuation(byte);
    }
  }

  #plain(byte: number): string | null {
    if (byte === quote) return '';
    if (byte === backslash) this.#state = 'escape';
    else if (byte < 0x20)
      return byte === 0 ? 'a NUL byte in a string' : 'a raw control character in a string';
    else if (byte >= 0x80) return this.#character(byte);
    return null;
  }

  /** The first of the bytes of a character beyond ASCII (RFC 3629, section 4). */
  #character(byte: number): string | null {
    if (byte < 0xc2 || byte > 0xf4) return notUtf8;
    this.#continuing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    this.#state = 'utf8';
    return null;
  }

  #continuation(byte: number): string | null {
    if (byte < this.#lowest || byte > this.#highest) return notUtf8;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
    this.#continuing--;
    if (this.#continuing === 0) this.#state = 'plain';
    return null;
  }

  #escape(byte: number): string | null {
    if (byte === 0x75) return this.#beginHex();
    this.#state = 'plain';
    return escapable.has(byte) ? null : 'an unknown escape in a string';
  }

  #beginHex(): null {
    this.#hex = 0;
    this.#hexLeft = 4;
    this.#state = 'hex';
    return null;
  }

  #hexDigit(byte: number): string | null {
    if (!isHex(byte)) return 'a broken \\u escape';
    this.#hex = this.#hex * 16 + Number.parseInt(String.fromCharCode(byte), 16);
    this.#hexLeft--;
    if (this.#hexLeft > 0) return null;
    const isLow = this.#hex >= 0xdc00 && this.#hex <= 0xdfff;
    if (isLow !== this.#needsLow) return halfPair;
    this.#needsLow = this.#hex >= 0xd800 && this.#hex <= 0xdbff;
    this.#state = this.#needsLow ? 'low escape' : 'plain';
    return null;
  }
}
