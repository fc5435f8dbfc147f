/** A node of php-parser's tree, as far as it is looked at. */
export type Node = {
  kind: string;
  loc?: {start: {line: number}; source?: string | null} | null;
  [name: string]: unknown;
};

/** What is quoted of an expression: its shape, and no text, number or comment of it that could be a secret. */
export function quote(source: string): string {
  if (source.includes('<<<')) return 'an expression with a heredoc';
  return source
    .replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, "'...'")
    .replace(/\/\*.*?\*\/|\/\/[^\n]*|#[^\n]*/gs, '')
    .replace(/\d{3,}/g, '...')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Functions that change none of their arguments. */
export const byValue = new Set(
  (
    'getenv env dirname basename realpath rtrim ltrim trim sprintf strtolower strtoupper explode implode array_merge ' +
    'array_keys array_values array_filter array_map in_array is_dir is_file file_exists count max min defined constant ' +
    'function_exists class_exists filter_var storage_path base_path config_path config intval'
  ).split(' '),
);

/** Pieces of code that may set a variable, beside the plain assignments that are understood. */
export const effects = new Set([
  'pre',
  'post',
  'assign',
  'assignref',
  'unset',
  'static',
  'global',
  'foreach',
  'closure',
  'eval',
  'new',
  'call',
]);

/** Where a return, or an assignment, is none of the file's own. */
const ownScope = new Set([
  'function',
  'closure',
  'arrowfunc',
  'class',
  'trait',
  'enum',
  'interface',
  'method',
]);

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'kind' in value;

export const callName = (node: Node): string =>
  isNode(node['what']) ? String(node['what']['name']).replace(/^\\/, '').toLowerCase() : '';

export const superglobal = (node: unknown): boolean =>
  isNode(node) && node.kind === 'variable' && (node['name'] === '_ENV' || node['name'] === '_SERVER');

export const children = (node: Node): Node[] =>
  Object.entries(node).flatMap(([name, value]) =>
    name === 'loc' ? [] : (Array.isArray(value) ? value : [value]).filter(isNode),
  );

export function visit(node: Node, action: (node: Node) => void): void {
  action(node);
  for (const child of children(node)) visit(child, action);
}

/** May this code return from the file it stands in? */
export const returns = (node: Node): boolean =>
  node.kind === 'return' || children(node).some((child) => !ownScope.has(child.kind) && returns(child));
