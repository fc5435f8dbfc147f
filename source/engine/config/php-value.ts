/** Where a value was written. */
export type Origin = {file: string; line: number};

/** A PHP array: keys are strings or integers, which PHP does not tell apart once they look alike. */
export type PhpArray = Map<string, Value>;
export type Scalar = null | boolean | number | string;

/** A value of a configuration file, and where it stands; `unknown` cannot be told without running PHP. */
export type Value = Origin &
  (
    | {kind: 'scalar'; value: Scalar}
    | {kind: 'array'; items: PhpArray}
    | {kind: 'unknown'; expression: string}
  );

/** What PHP takes for an integer key: `"8"` is, `"08"` is not. */
const integerKey = /^(?:0|-?[1-9]\d*)$/;

export const isIntegerKey = (key: string): boolean => integerKey.test(key);

/** The array key a scalar becomes in PHP: `true` is 1, `1.7` is 1, null is the empty string. */
export function toKey(value: Scalar): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return String(Math.trunc(value));
  return value ?? '';
}

/** PHP's idea of true: everything but null, false, 0, "", "0" and the empty array. */
export function isTruthy(value: Value): boolean {
  if (value.kind === 'array') return value.items.size > 0;
  if (value.kind === 'unknown') return false;
  return (
    value.value !== null &&
    value.value !== false &&
    value.value !== 0 &&
    value.value !== '' &&
    value.value !== '0'
  );
}

/** A whole number that a double cannot hold as PHP's integer does. */
export const isInexact = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

/** From here on PHP prints a number with a fraction or an exponent otherwise than a whole one. */
export const mostPrinted = 1e14;

/** The number PHP reads off the front of a string; 0 where there is none. */
export function toNumber(value: Scalar): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string')
    return Number(/^[ \t\n\r\v\f]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(value)?.[0] ?? 0);
  return value ? 1 : 0;
}

/** Fourteen digits, PHP's default precision; exponents as it writes them. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const text = String(Number(value.toPrecision(14)));
  return text.replace(/^(-?\d+)(\.\d+)?e([+-])/, (_, whole, part, sign) => `${whole}${part ?? '.0'}E${sign}`);
}

/** How PHP prints a scalar: true is `1`, false and null are nothing. */
export function toText(value: Scalar): string {
  if (value === null || value === false) return '';
  if (value === true) return '1';
  return typeof value === 'string' ? value : numberText(value);
}

/**
 * One layer over another, by PHP's rule here: recursive on all arrays, lists included, index by index
 * (FORMAT.md, "Configuration"): `[a, b, c]` then `[x]` gives `[x, b, c]`, and `[]` clears nothing.
 */
export function merge(base: Value, over: Value): Value {
  if (base.kind !== 'array' || over.kind !== 'array') return over;
  const items: PhpArray = new Map(base.items);
  for (const [key, value] of over.items) {
    const below = items.get(key);
    items.set(key, below ? merge(below, value) : value);
  }
  // What stands in both was touched last by the layer above.
  return {...over, items};
}

/** The value at a path of keys; undefined where there is none. An unknown on the way is the answer. */
export function valueAt(value: Value | undefined, path: string[]): Value | undefined {
  let current = value;
  for (const key of path) {
    if (current?.kind === 'unknown') return current;
    if (current?.kind !== 'array') return undefined;
    current = current.items.get(key);
  }
  return current;
}
