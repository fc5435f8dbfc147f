import path from 'node:path';
import type {Variables} from './env-file.ts';
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

/**
 * The result of a function that configuration files call; undefined for any other, and for arguments it does not take.
 * @param environment what getenv() finds
 */
export function callFunction(
  name: string,
  given: Value[],
  environment: Variables,
): Scalar | Value | undefined {
  const [first, second] = given;
  if (first?.kind !== 'scalar') return undefined;
  const text = toText(first.value);
  switch (name) {
    case 'getenv': {
      const found = environment.get(text);
      return found === undefined ? false : (found ?? undefined);
    }
    case 'env': {
      const found = environment.get(text);
      if (found === undefined) return second ?? null;
      if (found === null) return undefined;
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
