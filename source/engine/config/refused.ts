import type {Fault} from './configuration.ts';
import {environments} from './environment.ts';
import {type Value, valueAt} from './php-value.ts';
import {isNestedTernary, isNode, type Node, visit} from './syntax.ts';

type Complaint = {line: number; message: string};

/** PHP's compiler works out what is literal before it looks. */
const isFolded = (nested: unknown): boolean =>
  isNode(nested) &&
  isNode(nested['test']) &&
  /^(boolean|number|string|nullkeyword)$/.test(nested['test'].kind);

/** What is wrong with one piece of code for PHP's compiler, whether it is ever run or not. */
function complaintOn(node: Node): string | null {
  if (node.kind === 'encapsedpart' && node['syntax'] === 'simple' && node['curly'] === true)
    return 'a variable in a text as "$" and braces, which is deprecated';
  if (isNestedTernary(node) && !isFolded(node['test'])) return 'one ?: in another needs parentheses';
  const items = node.kind === 'array' && Array.isArray(node['items']) ? node['items'] : [];
  if (items.slice(0, -1).some((item) => isNode(item) && item.kind === 'noop'))
    return 'an array has an empty element';
  return node.kind === 'number' && /^0[0-7_]*[89]/.test(String(node['value']))
    ? 'a number that begins with 0 is octal, and has no 8 or 9'
    : null;
}

/**
 * What PHP refuses wherever in a file it stands: its compiler, or the kernel's error handler, which makes every
 * deprecation fatal (FORMAT.md, "Configuration").
 */
export function refusedInCode(program: Node): Complaint[] {
  const complaints: Complaint[] = [];
  visit(program, (node) => {
    const message = complaintOn(node);
    if (message !== null) complaints.push({line: node.loc?.start.line ?? 1, message});
  });
  const [first, ...later] = (program['children'] as Node[] | undefined) ?? [];
  const strict = first?.kind === 'declare' ? undefined : later.find(isStrict);
  if (strict)
    complaints.push({line: strict.loc?.start.line ?? 1, message: 'strict_types is not the first statement'});
  return complaints;
}

const directives = (node: Node): Node[] =>
  node.kind === 'declare' && Array.isArray(node['directives']) ? node['directives'].filter(isNode) : [];

/** Whether from here on no argument becomes a string by itself. */
export const isStrict = (node: Node): boolean =>
  directives(node).some(({key, value}) => {
    return isNode(key) && key['name'] === 'strict_types' && isNode(value) && value['value'] === '1';
  });

/** What PHP's schema refuses of the merged configuration; what cannot be told is not judged. */
export function refusedBySchema(merged: Value, config: string, isWhole: boolean): Fault[] {
  const refused: Fault[] = [];
  const at = (...keys: string[]): Value | undefined => valueAt(merged, keys);
  const refuse = ({file, line}: Pick<Fault, 'file' | 'line'>, message: string) =>
    void refused.push({file, line, message});
  const isNull = (value: Value | undefined) => value?.kind === 'scalar' && value.value === null;
  for (const keys of [[], ['path'], ['datasets'], ['verification', 'algorithm']]) {
    const value = at('magds', 'backup', ...keys);
    if (value && isNull(value)) refuse(value, `${['magds.backup', ...keys].join('.')} is null`);
  }
  const enabled = at('magds', 'backup', 'enabled');
  if (
    enabled &&
    enabled.kind !== 'unknown' &&
    !(enabled.kind === 'scalar' && typeof enabled.value === 'boolean')
  )
    refuse(enabled, 'magds.backup.enabled is neither true nor false');
  const datasets = at('magds', 'backup', 'datasets');
  for (const entry of datasets?.kind === 'array' ? datasets.items.values() : []) {
    const name = valueAt(entry, ['name']);
    if (name?.kind === 'scalar' && typeof name.value === 'number')
      refuse(name, "a dataset's name is a number");
  }
  const connection = at('magds', 'primary', 'connection');
  if (isWhole && (connection === undefined || isNull(connection)))
    refuse(connection ?? {file: config, line: 0}, 'magds.primary.connection is not set');
  const environment = at('kernel', 'environment');
  if (environment && environment.kind !== 'unknown' && !isEnvironment(environment))
    refuse(environment, `kernel.environment is none that the kernel knows: ${environments.join(', ')}`);
  return refused;
}

const isEnvironment = (value: Value): boolean =>
  value.kind === 'scalar' && typeof value.value === 'string' && environments.includes(value.value);
