/**
 * A strict JSON reader for manifests. `JSON.parse` will not do: it moves integer-like keys to the front, keeps the
 * last of two equal keys without a word, and nests as deep as the stack; PHP cares about order, and we about all of it
 * (FORMAT.md, "manifest.json"). Accepts what `JSON.parse` accepts, less duplicate keys, lone surrogates and depth.
 */

export type Json = null | boolean | number | string | Json[] | JsonMap;
/** Keys in the order of the file. */
export type JsonMap = Map<string, Json>;

/** PHP's json_decode, with its depth of 512, refuses deeper nesting: the PHP CLI could not read it either. */
export const maxDepth = 511;

export class JsonError extends Error {
  /** Offset in UTF-16 units. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const needsCare = /[\u0000-\u001f\\\ud800-\udfff]/;
const escapes: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** @throws JsonError with the offset of what is wrong */
export function parseJson(text: string): Json {
  let at = 0;

  const fail = (message: string, offset = at): never => {
    throw new JsonError(message, offset);
  };

  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  };

  const hexUnit = (): string => {
    const digits = text.slice(at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail('a broken \\u escape');
    at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  };

  const carefulString = (start: number): string => {
    let result = '';
    at = start;
    for (;;) {
      const character = text[at];
      if (character === undefined) return fail('a string that does not end', start - 1);
      if (character === '"') break;
      if (character < ' ') fail('a raw control character in a string');
      if (character !== '\\') {
        result += character;
        at++;
        continue;
      }
      const letter = text[at + 1] ?? '';
      if (letter === 'u') {
        result += hexUnit();
      } else {
        const meant = escapes[letter];
        if (meant === undefined) return fail('an unknown escape in a string');
        result += meant;
        at += 2;
      }
    }
    at++;
    if (!result.isWellFormed()) fail('half a surrogate pair in a string', start - 1);
    return result;
  };

  const string = (): string => {
    const start = ++at;
    const end = text.indexOf('"', start);
    if (end === -1) fail('a string that does not end', start - 1);
    const content = text.slice(start, end);
    if (needsCare.test(content)) return carefulString(start);
    at = end + 1;
    return content;
  };

  /** What is left is the beginning of what should stand here: it was cut, and not mistyped. */
  const isBeginning = (expected: string): boolean => expected.startsWith(text.slice(at).trimEnd());

  const word = <T extends Json>(expected: string, result: T): T => {
    if (!text.startsWith(expected, at))
      return isBeginning(expected)
        ? fail('the end, too early', text.length)
        : fail('something that is not JSON');
    at += expected.length;
    return result;
  };

  const number = (): number => {
    numberToken.lastIndex = at;
    const match = numberToken.exec(text);
    if (!match)
      return isBeginning('-') ? fail('the end, too early', text.length) : fail('something that is not JSON');
    at += match[0].length;
    // Nothing of the kind goes on after a number. What is left is looked at only there: it may be long, each time.
    if (/[.eE]/.test(text[at] ?? '') && /^(?:\.|\.?\d*[eE][+-]?)$/.test(text.slice(at).trimEnd()))
      fail('the end, too early', text.length);
    return Number(match[0]);
  };

  const list = (depth: number): Json[] => {
    const result: Json[] = [];
    at++;
    skipSpace();
    if (text[at] === ']') {
      at++;
      return result;
    }
    for (;;) {
      result.push(value(depth));
      skipSpace();
      const separator = text[at++];
      if (separator === ']') return result;
      if (separator !== ',') fail('a list without a comma or an end', at - 1);
    }
  };

  const map = (depth: number): JsonMap => {
    const result: JsonMap = new Map();
    at++;
    skipSpace();
    if (text[at] === '}') {
      at++;
      return result;
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') fail(at < text.length ? 'a key that is not a string' : 'the end, too early');
      const keyAt = at;
      const key = string();
      if (result.has(key)) fail(`the key "${key.slice(0, 60)}" twice`, keyAt);
      skipSpace();
      if (text[at] !== ':') fail('a key without a colon');
      at++;
      result.set(key, value(depth));
      skipSpace();
      const separator = text[at++];
      if (separator === '}') return result;
      if (separator !== ',') fail('a map without a comma or an end', at - 1);
    }
  };

  const value = (depth: number): Json => {
    skipSpace();
    switch (text[at]) {
      case '{':
      case '[':
        if (depth >= maxDepth) fail(`more than ${maxDepth} levels`);
        return text[at] === '{' ? map(depth + 1) : list(depth + 1);
      case '"':
        return string();
      case 't':
        return word('true', true);
      case 'f':
        return word('false', false);
      case 'n':
        return word('null', null);
      default:
        return number();
    }
  };

  const result = value(0);
  skipSpace();
  if (at < text.length) fail('something after the end');
  return result;
}
