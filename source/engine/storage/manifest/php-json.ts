/** What PHP's encoder is given: maps keep their order, also of integer-like keys. */
export type PhpValue = null | boolean | number | string | PhpValue[] | Map<string, PhpValue>;

const escapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function phpString(text: string): string {
  const escaped = text.replace(
    /["\\\u0000-\u001f\u0080-\uffff]/g,
    (unit) => escapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/**
 * JSON as PHP writes it with `JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES`, no newline at the end (FORMAT.md): four
 * spaces, empty maps and lists `[]`, and a map whose keys are 0, 1, 2 … becomes a list, because PHP has one array type.
 */
export function phpJson(value: PhpValue, indent = ''): string {
  if (typeof value === 'string') return phpString(value);
  if (value === null || typeof value !== 'object') return String(value);
  const isList = Array.isArray(value) || [...value.keys()].every((key, index) => key === String(index));
  const items = Array.isArray(value) ? value : [...value.values()];
  if (items.length === 0) return '[]';
  const inner = `${indent}    `;
  const keys = Array.isArray(value) ? [] : [...value.keys()];
  const lines = items.map((item, index) => {
    const key = isList ? '' : `${phpString(keys[index] as string)}: `;
    return `${inner}${key}${phpJson(item, inner)}`;
  });
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
