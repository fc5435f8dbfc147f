/** A node of php-parser's tree, as far as it is looked at. */
export type Node = {
  kind: string;
  loc?: {start: {line: number}; source?: string | null} | null;
  [name: string]: unknown;
};

/** Characters of an expression that is quoted. */
const longestQuoted = 4096;

/** What is quoted of an expression: its shape, and no text, number or comment of it that could be a secret. */
export function quote(source: string): string {
  // Each part of a long one that is not known is quoted.
  if (source.length > longestQuoted) return `an expression of ${source.length} characters`;
  if (source.includes('<<<')) return 'an expression with a heredoc';
  return source
    .replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, "'...'")
    .replace(/\/\*.*?\*\/|\/\/[^\n]*|#[^\n]*/gs, '')
    .replace(/\d{3,}/g, '...')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Escapes of single bytes beyond ASCII, of half a character, or of a quote in a heredoc: the parser reads them as others. */
export function hasByteEscapes({raw, kind, type, isDoubleQuote}: Node): boolean {
  if (typeof raw !== 'string' || (kind === 'string' && isDoubleQuote === false)) return false;
  const bytes = /\\(?:[xX][89a-fA-F][0-9a-fA-F]|[2-7][0-7]{2}|u\{0*[dD][89a-fA-F])/;
  return bytes.test(raw) || (type === 'heredoc' && raw.includes('\\"'));
}

/** `a ? b : c ? d : e`, which PHP does not take, and the parser does. */
export const isNestedTernary = (node: Node): boolean => {
  const {test} = node;
  if (node.kind !== 'retif' || !isNode(test) || test.kind !== 'retif') return false;
  const isShort = [node, test].every(({trueExpr}) => !isNode(trueExpr));
  return test['parenthesizedExpression'] !== true && !isShort;
};

/** Sums that are grouped already, down to their first part: each part of a long one is asked for again. */
const grouped = new WeakSet<Node>();

/** `a . b + c`, which the parser groups from the left, as PHP 8 does: `+` and `-` before `.`. */
export function regrouped(node: Node): Node {
  if (node.kind !== 'bin' || (node['type'] !== '+' && node['type'] !== '-') || !isNode(node['left']))
    return node;
  if (grouped.has(node)) return node;
  const left = regrouped(node['left']);
  const result =
    left.kind === 'bin' && left['type'] === '.' && left['parenthesizedExpression'] !== true
      ? {...left, right: regrouped({...node, left: left['right']})}
      : {...node, left};
  grouped.add(result);
  return result;
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
