import {JsonChecker} from '../../base/json-checker.ts';

/**
 * A strict JSON reader for manifests. `JSON.parse` will not do: it moves integer-like keys to the front, keeps the
 * last of two equal keys without a word, and nests as deep as the stack; PHP cares about order, and we about all of it
 * (FORMAT.md, "manifest.json"). Accepts what `JSON.parse` accepts, less duplicate keys, lone surrogates and depth. Where
 * a text is no JSON, the checker of whole files says why: there is one grammar.
 */

export type Json<Digits = number> = null | boolean | string | Digits | Json<Digits>[] | JsonMap<Digits>;
/** Keys in the order of the file. */
export type JsonMap<Digits = number> = Map<string, Json<Digits>>;

/** PHP's json_decode, with its depth of 512, refuses deeper nesting: the PHP CLI could not read it either. */
export const maxDepth = 511;

export class JsonError extends Error {
  /** Both begin with 1. */
  readonly line: number;
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

const scalarToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const words = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const needsCare = /[\u0000-\u001f\\\ud800-\udfff]/;

/** What is wrong with a text that is no JSON. */
function flawOf(text: string): JsonError {
  const checker = new JsonChecker();
  checker.write(Buffer.from(text));
  const {message, line, column} = checker.end() ?? {message: 'it cannot be read', line: 1, column: 1};
  return new JsonError(message, line, column);
}

export function parseJson(text: string): Json;
/**
 * @param numberOf what a number is read as, of how it is written; a double else
 * @throws JsonError with the place of what is wrong
 */
export function parseJson<Digits>(text: string, numberOf: (token: string) => Digits): Json<Digits>;
export function parseJson<Digits>(
  text: string,
  numberOf: (token: string) => Digits | number = Number,
): Json<Digits | number> {
  type Value = Json<Digits | number>;
  let at = 0;

  /** What is wrong is found out once more, by what has words for it. */
  const fail = (): never => {
    throw new SyntaxError();
  };

  const refuse = (message: string, offset: number): never => {
    const before = text.slice(0, offset);
    throw new JsonError(message, before.split('\n').length, offset - before.lastIndexOf('\n'));
  };

  /** The character behind spaces. */
  const next = (): string | undefined => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return text[at];
      at++;
    }
  };

  const isEscaped = (quote: number): boolean => {
    let first = quote;
    while (text[first - 1] === '\\') first--;
    return (quote - first) % 2 === 1;
  };

  const string = (): string => {
    const start = at;
    let end = text.indexOf('"', start + 1);
    const content = text.slice(start + 1, end);
    at = end + 1;
    if (end !== -1 && !needsCare.test(content)) return content;
    while (end !== -1 && isEscaped(end)) end = text.indexOf('"', end + 1);
    if (end === -1) fail();
    at = end + 1;
    const result = JSON.parse(text.slice(start, at)) as string;
    return result.isWellFormed() ? result : refuse('half a surrogate pair in a string', start);
  };

  const scalar = (): Value => {
    scalarToken.lastIndex = at;
    const [token] = scalarToken.exec(text) ?? fail();
    at += token.length;
    const word = words.get(token);
    return word === undefined ? numberOf(token) : word;
  };

  const isEmpty = (close: string): boolean => {
    at++;
    if (next() !== close) return false;
    at++;
    return true;
  };

  /** Whether there is one more behind what was read, or the end. */
  const goesOn = (close: string): boolean => {
    const separator = next();
    if (separator !== ',' && separator !== close) fail();
    at++;
    return separator === ',';
  };

  const list = (depth: number): Value[] => {
    const result: Value[] = [];
    if (isEmpty(']')) return result;
    do result.push(value(depth));
    while (goesOn(']'));
    return result;
  };

  const map = (depth: number): Map<string, Value> => {
    const result = new Map<string, Value>();
    if (isEmpty('}')) return result;
    do {
      if (next() !== '"') fail();
      const keyAt = at;
      const key = string();
      if (result.has(key)) refuse(`the key "${key.slice(0, 60)}" twice`, keyAt);
      if (next() !== ':') fail();
      at++;
      result.set(key, value(depth));
    } while (goesOn('}'));
    return result;
  };

  const value = (depth: number): Value => {
    const first = next();
    if (first === '"') return string();
    if (first !== '{' && first !== '[') return scalar();
    if (depth >= maxDepth) refuse(`more than ${maxDepth} levels`, at);
    return first === '{' ? map(depth + 1) : list(depth + 1);
  };

  try {
    const result = value(0);
    return next() === undefined ? result : fail();
  } catch (error) {
    throw error instanceof SyntaxError ? flawOf(text) : error;
  }
}
