import {isTruthy, mostPrinted, type Scalar, toNumber, toText, type Value} from './php-value.ts';

const arithmetic = new Set(['+', '-', '*', '/', '%', '**']);

/** What PHP reckons with without a word. */
const isNumeric = (text: string): boolean =>
  /^[ \t\n\r\v\f]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[ \t\n\r\v\f]*$/.test(text);

/** Why PHP throws, or complains, which its kernel's error handler makes fatal; null where it does not. */
export function complaintOn(operator: string, a: Known, b: Known): string | null {
  if (a.kind === 'array' || b.kind === 'array') {
    if (operator === '.') return 'an array stands where a text should';
    return arithmetic.has(operator) ? 'an array is calculated with' : null;
  }
  if (!arithmetic.has(operator)) return null;
  if ([a, b].some(({value}) => typeof value === 'string' && !isNumeric(value)))
    return 'a text that is not a number is calculated with';
  const [x, y] = [toNumber(a.value), toNumber(b.value)];
  if ((operator === '/' || operator === '%') && (operator === '%' ? Math.trunc(y) : y) === 0)
    return 'something is divided by zero';
  return operator === '%' && !(Number.isInteger(x) && Number.isInteger(y))
    ? '% is given a number with a fraction, which is deprecated'
    : null;
}

/** The result of a binary operator on two scalars as PHP computes it; undefined where it cannot, or we do not. */
export function operate(operator: string, a: Scalar, b: Scalar): Scalar | undefined {
  if (operator === '.') return toText(a) + toText(b);
  if (operator === '===' || operator === '!==') {
    // 1 and 1.0 are not identical in PHP, and the same here.
    if (typeof a === 'number' && a === b) return undefined;
    return (a === b) === (operator === '===');
  }
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
  return computed !== undefined && Math.abs(computed) < mostPrinted ? computed : undefined;
}

type Known = Exclude<Value, {kind: 'unknown'}>;

/** The result of an operator that stands before its only operand; undefined where there is none. */
export function unary(operator: string, what: Known): Scalar | undefined {
  if (operator === '!') return !isTruthy(what);
  if (what.kind !== 'scalar') return undefined;
  if (operator === '-') return -toNumber(what.value);
  return operator === '+' ? toNumber(what.value) : undefined;
}

/** What a value is as another type, arrays excepted; undefined where PHP would complain, or we do not know the type. */
export function cast(type: string, value: Known): Scalar | undefined {
  if (type === 'bool' || type === 'boolean') return isTruthy(value);
  if (value.kind !== 'scalar') return undefined;
  if (type === 'int' || type === 'integer') return Math.trunc(toNumber(value.value));
  if (type === 'float' || type === 'double') return toNumber(value.value);
  return type === 'string' ? toText(value.value) : undefined;
}
