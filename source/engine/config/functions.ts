import path from 'node:path';
import {type Scalar, toNumber, toText, type Value} from './php-value.ts';

/** Laravel-like helpers turn these words into what they mean. */
const meant: Record<string, Scalar> = {
  true: true,
  '(true)': true,
  false: false,
  '(false)': false,
  null: null,
  '(null)': null,
  empty: '',
  '(empty)': '',
};

/** What a string must begin with for PHP to reckon with it; it throws at any other. */
const startsWithNumber = /^\s*[+-]?(?:\d|\.\d)/;

/** The result of a binary operator on two scalars as PHP computes it; undefined where it cannot, or we do not. */
export function operate(operator: string, a: Scalar, b: Scalar): Scalar | undefined {
  if (operator === '.') return toText(a) + toText(b);
  if (operator === '===') return a === b;
  if (operator === '!==') return a !== b;
  if ([a, b].some((each) => typeof each === 'string' && !startsWithNumber.test(each))) return undefined;
  const [x, y] = [toNumber(a), toNumber(b)];
  const result: Record<string, () => number> = {
    '+': () => x + y,
    '-': () => x - y,
    '*': () => x * y,
    '/': () => x / y,
    '%': () => Math.trunc(x) % Math.trunc(y),
    '**': () => x ** y,
  };
  const computed = Object.hasOwn(result, operator) ? result[operator]?.() : undefined;
  return computed !== undefined && Number.isFinite(computed) ? computed : undefined;
}

/**
 * The result of a function that configuration files call; undefined for any other, and for arguments it does not take.
 * @param environment what getenv() finds
 */
export function callFunction(
  name: string,
  given: Value[],
  environment: ReadonlyMap<string, string>,
): Scalar | Value | undefined {
  const [first, second] = given;
  if (first?.kind !== 'scalar') return undefined;
  const text = toText(first.value);
  switch (name) {
    case 'getenv':
      return environment.get(text) ?? false;
    case 'env': {
      const found = environment.get(text);
      if (found === undefined) return second ?? null;
      const lower = found.toLowerCase();
      return Object.hasOwn(meant, lower) ? (meant[lower] as Scalar) : found;
    }
    case 'dirname': {
      const levels =
        second === undefined ? 1 : second.kind === 'scalar' ? toNumber(second.value) : Number.NaN;
      if (!(levels >= 1 && levels < 100)) return undefined;
      let directory = text;
      for (let level = 0; level < levels && directory !== ''; level++) directory = path.dirname(directory);
      return directory;
    }
    case 'rtrim':
      return given.length === 1 ? text.replace(/[ \t\n\r\0\v]+$/, '') : undefined;
    default:
      return undefined;
  }
}
