import path from 'node:path';
import {isInexact, mostPrinted, type Scalar} from './php-value.ts';
import {isNode, type Node} from './syntax.ts';

const constants: Record<string, Scalar> = {
  PHP_EOL: '\n',
  DIRECTORY_SEPARATOR: '/',
  PATH_SEPARATOR: ':',
  E_ALL: 32_767,
};

/** The number that is written; undefined where PHP's is another than can be held here. */
export function numberOf(node: Node): number | undefined {
  const text = String(node['value']).replaceAll('_', '');
  const octal = /^0[0-7]+$/.test(text);
  const value = octal ? Number.parseInt(text, 8) : Number(text);
  // PHP prints 0.0 and 1e15 as other texts than 0 and 1000000000000000; here they are one.
  const isFloat = /^[^xX]*[.eE]/.test(text) && (value === 0 || Math.abs(value) >= mostPrinted);
  return Number.isNaN(value) || isInexact(value) || isFloat ? undefined : value;
}

/** `__DIR__` and its like, in that file. */
export function magicOf(node: Node, file: string): Scalar | undefined {
  if (node['value'] === '__DIR__') return path.dirname(file);
  if (node['value'] === '__FILE__') return file;
  return node['value'] === '__LINE__' ? (node.loc?.start.line ?? 0) : undefined;
}

export function constantOf(node: Node): Scalar | undefined {
  const name = String(node['name']).replace(/^\\/, '');
  const lower = name.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (lower === 'null') return null;
  return Object.hasOwn(constants, name) ? constants[name] : undefined;
}

/**
 * `Foo::class`.
 * @param namespaced names of classes mean something else than what is written
 */
export function classOf({what, offset}: Node, namespaced: boolean): string | undefined {
  const isClass =
    isNode(offset) &&
    offset['name'] === 'class' &&
    isNode(what) &&
    what.kind === 'name' &&
    typeof what['name'] === 'string';
  if (!isClass || (what['resolution'] !== 'fqn' && namespaced)) return undefined;
  return String(what['name']).replace(/^\\/, '');
}
