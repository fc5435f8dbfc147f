import fs from 'node:fs';
import path from 'node:path';
import {inspect} from 'node:util';
import {Evaluator} from '../../source/engine/config/evaluate.ts';
import {loadParser} from '../../source/engine/config/layers.ts';
import type {Value} from '../../source/engine/config/php-value.ts';
import type {Node} from '../../source/engine/config/syntax.ts';
import {temporaryDirectory} from './temporary.ts';

const parser = await loadParser();

/** The file that `evaluate` pretends to read. */
export const pretended = '/srv/app/config/base/magds.php';

/** What the code of a file (without `<?php`, which shares its first line) returns. */
export function evaluateCode(
  code: string,
  environment: Record<string, string> = {},
  file: string = pretended,
): Value | undefined {
  const tree = parser.parseCode(`<?php ${code}`, file) as Node;
  return new Evaluator({
    file,
    environment: new Map(Object.entries(environment)),
    secret: false,
    isText: true,
    refuse: () => undefined,
    include: (target, from) => ({...from, kind: 'scalar', value: `required ${target}`}),
  }).file(tree);
}

/** What stands for a value that cannot be told. */
export const unknown = (expression: string, line = 1) => ({unknown: expression, line});

/** A list as an array, another array as an object. */
export function plain(value: Value | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'unknown') return unknown(value.expression, value.line);
  const entries = [...value.items].map(([key, item]) => [key, plain(item)] as const);
  return entries.every(([key], index) => key === String(index))
    ? entries.map(([, item]) => item)
    : Object.fromEntries(entries);
}

export const evaluate = (code: string, environment?: Record<string, string>): unknown =>
  plain(evaluateCode(code, environment));

/** Whether any of it cannot be told. */
export const isPartlyUnknown = (value: Value | undefined): boolean =>
  value?.kind === 'unknown' || (value?.kind === 'array' && [...value.items.values()].some(isPartlyUnknown));

export type Plain = null | boolean | number | string | Plain[] | {[key: string]: Plain};

/** As if it had been read from line 7 of a file. */
export function toValue(data: Plain, file = pretended, line = 7): Value {
  if (data === null || typeof data !== 'object') return {file, line, kind: 'scalar', value: data};
  const items = new Map(Object.entries(data).map(([key, item]) => [key, toValue(item, file, line)]));
  return {file, line, kind: 'array', items};
}

/** PHP source of a value. */
export function phpSource(data: Plain): string {
  if (typeof data === 'string') return `'${data.replace(/[\\']/g, '\\$&')}'`;
  if (data === null || typeof data !== 'object') return String(data);
  const items = Array.isArray(data)
    ? data.map(phpSource)
    : Object.entries(data).map(([key, item]) => `${phpSource(key)} => ${phpSource(item)}`);
  return `[${items.join(', ')}]`;
}

/** A configuration file that returns this. */
export const phpFile = (data: Plain): string => `<?php\n\nreturn ${phpSource(data)};\n`;

/** A new root with these files: text as it is, everything else as a PHP file that returns it. */
export function rootWith(files: Record<string, Plain>): string {
  const root = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), {recursive: true});
    fs.writeFileSync(file, typeof content === 'string' ? content : phpFile(content));
  }
  return root;
}

/** The configuration of `magds.backup`, with what PHP does not boot without. */
export const backup = (settings: Plain): Plain => ({
  magds: {primary: {connection: 'magdsdb'}, backup: settings},
});

/** All that is held, maps included, which JSON would leave out. */
export const everything = (value: unknown): string =>
  inspect(value, {depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity});
