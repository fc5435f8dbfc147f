import {JsonKeys} from './json-keys.ts';
import {halfPair, isDigit, JsonString, plainUntil} from './json-string.ts';

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
const comma = 0x2c;
const colon = 0x3a;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const words: Record<number, string> = {116: 'true', 102: 'false', 110: 'null'};

const notJson = 'something that is not JSON';
/** Of what was cut short. */
export const tooEarly = 'the end, too early';
export const noStringEnd = 'a string that does not end';

/** Text after the first value, as in JSON lines. */
export const afterTheEnd = 'something after the end';

/**
 * Whether bytes are one JSON text that PHP's json_decode takes, fed block by block: nothing is built, so that memory does
 * not grow with the file, and its size is no matter. Strict as the manifests' reader (storage/manifest/json.ts): UTF-8, no byte
 * order mark, no halves of surrogate pairs, at most 512 levels. A key that stands twice is no flaw; `twice` has the first.
 */
export class JsonChecker {
  readonly #keys = new JsonKeys();
  /** Whether each open level is a map. */
  readonly #levels: boolean[] = [];
  #state: State = 'value';
  #isKey = false;
  #string = new JsonString();
  /** What is left of a word. */
  #rest = '';
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
      if (this.#state === 'string' && !this.#isKey && this.#string.isPlain) {
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
    const inString = this.#state === 'string';
    this.#column++;
    this.#fail(inString ? noStringEnd : tooEarly, inString ? this.#stringAt : undefined);
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
    const said = this.#string.take(byte);
    if (said === '') return this.#endString();
    if (said !== null) return this.#fail(said, said === halfPair ? this.#stringAt : undefined);
    if (this.#isKey) this.#keys.add(byte);
  }

  #endString(): undefined {
    if (!this.#isKey) return this.#ended();
    if (this.#keys.end()) this.twice = {key: this.#keys.twice ?? '', line: this.#line};
    this.#state = 'colon';
  }
}
