import {isTruthy, type Scalar, toNumber, toText, type Value} from './php-value.ts';

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
