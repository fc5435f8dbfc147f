import {JsonKeys} from './json-keys.ts';

/** PHP's json_decode, with its depth of 512, refuses deeper nesting; MagMoBoCE is PHP. */
export const deepest = 512;

/** What is wrong with a JSON text and where; lines and columns begin with 1, a column is a character. */
export type JsonFlaw = {message: string; line: number; column: number};

type State =
  | 'value'
  | 'value or ]'
  | 'key'
  | 'key or }'
  | 'colon'
  | 'after'
  | 'string'
  | 'escape'
  | 'hex'
  | 'low escape'
  | 'low u'
  | 'utf8'
  | 'word'
  | 'minus'
  | 'zero'
  | 'digits'
  | 'point'
  | 'fraction'
  | 'e'
  | 'e sign'
  | 'exponent'
  | 'end';

/** Where a number may end, and what else may follow. */
const numberEnds = new Set<State>(['zero', 'digits', 'fraction', 'exponent']);

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
const escapable = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));
const words: Record<number, string> = {116: 'true', 102: 'false', 110: 'null'};

const notJson = 'something that is not JSON';
const tooEarly = 'the end, too early';
const halfPair = 'half a surrogate pair in a string';

/** Where the first byte is that means something in a string. */
function plainUntil(block: Uint8Array, from: number): number {
  let at = from;
  for (; at < block.length; at++) {
    const byte = block[at] as number;
    if (byte === quote || byte === backslash || byte < 0x20 || byte >= 0x80) break;
  }
  return at;
}

/** Text after the first value, as in JSON lines. */
export const afterTheEnd = 'something after the end';

/**
 * Whether bytes are one JSON text that PHP's json_decode takes, fed block by block: nothing is built, so that memory does
 * not grow with the file, and its size is no matter. Strict as the manifests' reader (manifest/json.ts): UTF-8, no byte
 * order mark, no halves of surrogate pairs, at most 512 levels. A key that stands twice is no flaw; `twice` has the first.
 */
export class JsonChecker {
  readonly #keys = new JsonKeys();
  /** Whether each open level is a map. */
  readonly #levels: boolean[] = [];
  #state: State = 'value';
  #isKey = false;
  /** What is left of the word, the hex digits, or the bytes of a character. */
  #rest = '';
  #hex = 0;
  #hexLeft = 0;
  /** A high surrogate was escaped: the low one has to follow. */
  #needsLow = false;
  #continuing = 0;
  #lowest = 0;
  #highest = 0;
  #line = 1;
  /** Of the byte that is looked at. */
  #column = 0;
  #stringAt: Pick<JsonFlaw, 'line' | 'column'> = {line: 1, column: 1};
  /** The first flaw; nothing is looked at behind it. */
  flaw: JsonFlaw | null = null;
  /** The first key that stands twice in its map, and where. */
  twice: {key: string; line: number} | null = null;

  /** @returns false once there is a flaw */
  write(block: Uint8Array): boolean {
    for (let at = 0; at < block.length && this.flaw === null; at++) {
      // Most of a file is plain text in strings.
      if (this.#state === 'string' && !this.#isKey) {
        const next = plainUntil(block, at);
        this.#column += next - at;
        at = next;
        if (at === block.length) break;
      }
      const byte = block[at] as number;
      // A character is counted by its first byte.
      if ((byte & 0xc0) !== 0x80) this.#column++;
      this.#take(byte);
    }
    return this.flaw === null;
  }

  /** There are no more bytes. */
  end(): JsonFlaw | null {
    if (this.flaw !== null) return this.flaw;
    if (numberEnds.has(this.#state)) this.#ended();
    if (this.#state === 'end') return null;
    const inString = ['string', 'escape', 'hex', 'low escape', 'low u', 'utf8'].includes(this.#state);
    this.#column++;
    this.#fail(inString ? 'a string that does not end' : tooEarly, inString ? this.#stringAt : undefined);
    return this.flaw;
  }

  #fail(message: string, where: Pick<JsonFlaw, 'line' | 'column'> | undefined = undefined): undefined {
    const {line, column} = where ?? {line: this.#line, column: Math.max(1, this.#column)};
    this.flaw = {message, line, column};
  }

  /** A value is over. */
  #ended(): undefined {
    this.#state = this.#levels.length === 0 ? 'end' : 'after';
  }

  #take(byte: number): undefined {
    switch (this.#state) {
      case 'string':
        return this.#inString(byte);
      case 'escape':
        return this.#escape(byte);
      case 'hex':
        return this.#hexDigit(byte);
      case 'low escape':
      case 'low u':
        return this.#lowFollows(byte);
      case 'utf8':
        return this.#continuation(byte);
      case 'word':
        if (byte !== this.#rest.charCodeAt(0)) return this.#fail(notJson);
        this.#rest = this.#rest.slice(1);
        return this.#rest === '' ? this.#ended() : undefined;
      case 'minus':
      case 'zero':
      case 'digits':
      case 'point':
      case 'fraction':
      case 'e':
      case 'e sign':
      case 'exponent':
        return this.#inNumber(byte);
      default:
        return this.#between(byte);
    }
  }

  #between(byte: number): undefined {
    if (isSpace(byte)) {
      if (byte === 0x0a) {
        this.#line++;
        this.#column = 0;
      }
      return;
    }
    switch (this.#state) {
      case 'end':
        return this.#fail(byte === 0 ? 'a NUL byte' : afterTheEnd);
      case 'colon':
        if (byte !== colon) return this.#fail('a key without a colon');
        this.#state = 'value';
        return;
      case 'after':
        return this.#separator(byte);
      case 'key or }':
        if (byte === 0x7d) return this.#close();
        return this.#key(byte);
      case 'key':
        return this.#key(byte);
      case 'value or ]':
        if (byte === 0x5d) return this.#close();
        return this.#value(byte);
      default:
        return this.#value(byte);
    }
  }

  #separator(byte: number): undefined {
    const isMap = this.#levels.at(-1) === true;
    if (byte === (isMap ? 0x7d : 0x5d)) return this.#close();
    if (byte !== comma) return this.#fail(`a ${isMap ? 'map' : 'list'} without a comma or an end`);
    this.#state = isMap ? 'key' : 'value';
  }

  #key(byte: number): undefined {
    if (byte !== quote) return this.#fail('a key that is not a string');
    this.#keys.begin();
    this.#beginString(true);
  }

  #beginString(isKey: boolean): undefined {
    this.#isKey = isKey;
    this.#stringAt = {line: this.#line, column: this.#column};
    this.#state = 'string';
  }

  #open(isMap: boolean): undefined {
    if (this.#levels.length === deepest)
      return this.#fail(`more than ${deepest} levels, which PHP does not read`);
    this.#levels.push(isMap);
    this.#keys.open(isMap);
    this.#state = isMap ? 'key or }' : 'value or ]';
  }

  #close(): undefined {
    this.#levels.pop();
    this.#keys.close();
    this.#ended();
  }

  #value(byte: number): undefined {
    if (byte === 0x7b || byte === 0x5b) return this.#open(byte === 0x7b);
    if (byte === quote) return this.#beginString(false);
    const word = words[byte];
    if (word !== undefined) {
      this.#rest = word.slice(1);
      this.#state = 'word';
    } else if (byte === 0x2d) this.#state = 'minus';
    else if (byte === 0x30) this.#state = 'zero';
    else if (isDigit(byte)) this.#state = 'digits';
    else if (byte === 0) this.#fail('a NUL byte');
    else if (byte === 0xef && this.#line === 1 && this.#column === 1)
      this.#fail('a byte order mark, which PHP does not read');
    else this.#fail(notJson);
  }

  #inNumber(byte: number): undefined {
    const state = this.#state;
    const isE = byte === 0x65 || byte === 0x45;
    if (state === 'minus') {
      if (!isDigit(byte)) return this.#fail(notJson);
      this.#state = byte === 0x30 ? 'zero' : 'digits';
    } else if (state === 'point' || state === 'e sign') {
      if (!isDigit(byte)) return this.#fail(notJson);
      this.#state = state === 'point' ? 'fraction' : 'exponent';
    } else if (state === 'e') {
      if (byte === 0x2b || byte === 0x2d) this.#state = 'e sign';
      else if (isDigit(byte)) this.#state = 'exponent';
      else this.#fail(notJson);
    } else if (isDigit(byte) && state !== 'zero') return;
    else if (byte === 0x2e && (state === 'zero' || state === 'digits')) this.#state = 'point';
    else if (isE && state !== 'exponent') this.#state = 'e';
    else {
      this.#ended();
      this.#between(byte);
    }
  }

  #inString(byte: number): undefined {
    if (byte === quote) return this.#endString();
    if (this.#isKey) this.#keys.add(byte);
    if (byte === backslash) this.#state = 'escape';
    else if (byte < 0x20)
      this.#fail(byte === 0 ? 'a NUL byte in a string' : 'a raw control character in a string');
    else if (byte >= 0x80) this.#character(byte);
  }

  #endString(): undefined {
    if (!this.#isKey) return this.#ended();
    if (this.#keys.end()) this.twice = {key: this.#keys.twice ?? '', line: this.#line};
    this.#state = 'colon';
  }

  /** The first of the bytes of a character beyond ASCII (RFC 3629, section 4). */
  #character(byte: number): undefined {
    const bytes =
      byte >= 0xc2 && byte <= 0xdf
        ? 1
        : byte >= 0xe0 && byte <= 0xef
          ? 2
          : byte >= 0xf0 && byte <= 0xf4
            ? 3
            : 0;
    if (bytes === 0) return this.#fail('bytes that are not UTF-8');
    this.#continuing = bytes;
    this.#lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    this.#state = 'utf8';
  }

  #continuation(byte: number): undefined {
    if (byte < this.#lowest || byte > this.#highest) return this.#fail('bytes that are not UTF-8');
    if (this.#isKey) this.#keys.add(byte);
    this.#lowest = 0x80;
    this.#highest = 0xbf;
    this.#continuing--;
    if (this.#continuing === 0) this.#state = 'string';
  }

  #escape(byte: number): undefined {
    if (this.#isKey) this.#keys.add(byte);
    if (byte === 0x75) {
      this.#hex = 0;
      this.#hexLeft = 4;
      this.#state = 'hex';
    } else if (escapable.has(byte)) this.#state = 'string';
    else this.#fail('an unknown escape in a string');
  }

  #hexDigit(byte: number): undefined {
    if (!isHex(byte)) return this.#fail('a broken \\u escape');
    if (this.#isKey) this.#keys.add(byte);
    this.#hex = this.#hex * 16 + Number.parseInt(String.fromCharCode(byte), 16);
    this.#hexLeft--;
    if (this.#hexLeft > 0) return;
    const isLow = this.#hex >= 0xdc00 && this.#hex <= 0xdfff;
    if (isLow !== this.#needsLow) return this.#fail(halfPair, this.#stringAt);
    this.#needsLow = this.#hex >= 0xd800 && this.#hex <= 0xdbff;
    this.#state = this.#needsLow ? 'low escape' : 'string';
  }

  /** `\u` of the second half of a pair. */
  #lowFollows(byte: number): undefined {
    const isFirst = this.#state === 'low escape';
    if (byte !== (isFirst ? backslash : 0x75)) return this.#fail(halfPair, this.#stringAt);
    if (this.#isKey) this.#keys.add(byte);
    if (isFirst) this.#state = 'low u';
    else {
      this.#hex = 0;
      this.#hexLeft = 4;
      this.#state = 'hex';
    }
  }
}
