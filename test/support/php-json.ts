/** What PHP's `json_encode` takes here. Use a Map where key order or integer-like keys matter. */
export type PhpValue =
  | null
  | boolean
  | number
  | string
  | PhpValue[]
  | Map<string, PhpValue>
  | {[key: string]: PhpValue};

/** A string as PHP writes it with JSON_UNESCAPED_SLASHES: ASCII only, `\uXXXX` in lower case. */
export function phpString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * `json_encode($value, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES)`: four spaces, no newline at the end. A map without
 * keys, or with the keys 0, 1, 2… in that order, is a list for PHP.
 */
export function phpJson(value: PhpValue, indent = ''): string {
  if (typeof value === 'string') return phpString(value);
  if (value === null || typeof value !== 'object') return String(value);
  const inner = `${indent}    `;
  const entries: [string, PhpValue][] = Array.isArray(value)
    ? value.map((item, index) => [String(index), item])
    : value instanceof Map
      ? [...value]
      : Object.entries(value);
  if (entries.length === 0) return '[]';
  if (entries.every(([key], index) => key === String(index))) {
    return `[\n${entries.map(([, item]) => inner + phpJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  const lines = entries.map(([key, item]) => `${inner}${phpString(key)}: ${phpJson(item, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
