import path from 'node:path';
import {trim, type Variables} from './env-file.ts';
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

/** PHP's own, whose first argument is a text. */
const takeText = new Set(['dirname', 'trim', 'rtrim', 'ltrim', 'getenv']);

/** Why PHP throws, or calls it deprecated, which ends its kernel's boot; null where it does not. */
export function complaintOnCall(name: string, [first]: Value[], strict: boolean): string | null {
  if (!takeText.has(name) || first === undefined || first.kind === 'unknown') return null;
  if (first.kind === 'array') return `${name}() is given an array`;
  if (first.value === null) return name === 'getenv' ? null : `${name}() is given null`;
  return strict && typeof first.value !== 'string' ? `${name}() is given something that is not text` : null;
}

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
  if (first?.kind !== 'scalar' || (first.value === null && name !== 'env')) return undefined;
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
      for (let level = 0; level < levels && directory !== ''; level++)
        directory = path.dirname(directory).replace(/(?<=.)\/+$/, '');
      return directory;
    }
    case 'trim':
    case 'rtrim':
    case 'ltrim': {
      const signs = second === undefined ? undefined : second.kind === 'scalar' ? second.value : null;
      // Two dots are a range.
      if (signs !== undefined && (typeof signs !== 'string' || signs.includes('..'))) return undefined;
      return trim(text, signs, name === 'trim' ? 'both' : name === 'rtrim' ? 'end' : 'start');
    }
    default:
      return undefined;
  }
}
