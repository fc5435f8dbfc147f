import {type Json, JsonError, type JsonMap, parseJson} from '../storage/manifest/json.ts';

/** A number as it is written: two that a double cannot tell apart are still two. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue = Json<NumberText>;
export type Fields = JsonMap<NumberText>;

/** Levels up to which lines are set in: a text nested 500 deep must not become hundreds of times as long. */
const deepest = 30;
const margin = (depth: number): string => '  '.repeat(Math.min(depth, deepest));

/** What takes one line; null for a list or map that holds something. */
function single(value: JsonValue): string | null {
  if (value instanceof NumberText) return value.text;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : null;
  return value.size === 0 ? '{}' : null;
}

function write(value: JsonValue, depth: number, start: string, end: string, lines: string[]): void {
  const put = (text: string): number => lines.push(margin(depth) + text);
  const one = single(value);
  if (one !== null) {
    put(start + one + end);
    return;
  }
  const list = Array.isArray(value);
  const items = list
    ? value.map((item) => ['', item] as const)
    : [...(value as Fields)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [`${JSON.stringify(key)}: `, item] as const);
  put(start + (list ? '[' : '{'));
  items.forEach(([label, item], index) => {
    write(item, depth + 1, label, index < items.length - 1 ? ',' : '', lines);
  });
  put((list ? ']' : '}') + end);
}

function linesOf(value: JsonValue): string[] {
  const lines: string[] = [];
  write(value, 0, '', '', lines);
  return lines;
}

/** Equal for what says the same, however its keys are ordered. */
export const textOf = (value: JsonValue): string => linesOf(value).join('\n');

/**
 * JSON in lines that depend on nothing but what it says: one value a line, keys sorted, numbers as they are written.
 * @returns the lines, and what was read; for what is not JSON that one reader and another would understand alike (duplicate keys), why
 */
export function jsonLines(text: string): {lines: string[]; value: JsonValue} | {reason: string} {
  try {
    const value = parseJson(text, (written) => new NumberText(written));
    return {lines: linesOf(value), value};
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return {reason: `${error.message}, line ${error.line}`};
  }
}
