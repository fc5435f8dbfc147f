import {applyEdits, type JSONPath, type ModificationOptions, modify} from 'jsonc-parser';
import {type Json, parseJson} from './json.ts';
import {asMap} from './schema.ts';

export type VerificationMark = {
  /** UTC, DATE_ATOM. */
  at: string;
  result: 'passed' | 'failed';
};

function styleOf(text: string): ModificationOptions {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  // One line stays one line.
  if (!text.trimEnd().includes('\n')) return {};
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '    ';
  const insertSpaces = !indent.includes('\t');
  return {
    formattingOptions: {
      insertSpaces,
      tabSize: insertSpaces ? indent.length : 1,
      eol,
      insertFinalNewline: false,
    },
  };
}

/**
 * Sets `metadata.last_verification`, and on a pass `metadata.last_verified_at`, leaving every other byte alone, in the
 * style the text already has (FORMAT.md: what we write, PHP would have written).
 * @returns the new text, or null where `metadata` is something that PHP could not add to either
 */
export function markVerified(text: string, tree: Json, mark: VerificationMark): string | null {
  const metadata = tree instanceof Map ? tree.get('metadata') : undefined;
  const map = asMap(metadata);
  if (!(tree instanceof Map) || (metadata !== undefined && metadata !== null && !map)) return null;
  const style = styleOf(text);
  const set = (current: string, path: JSONPath, value: unknown) =>
    applyEdits(current, modify(current, path, value, style));
  let result = text;
  if (!(metadata instanceof Map)) {
    // PHP turns a list into a map as soon as it sets a string key in it.
    const numbered = Object.fromEntries([...(map ?? [])].map(([key, item]) => [key, toPlain(item)]));
    result = set(result, ['metadata'], {...numbered, last_verification: mark});
  }
  if (mark.result === 'passed') result = set(result, ['metadata', 'last_verified_at'], mark.at);
  result = set(result, ['metadata', 'last_verification'], {at: mark.at, result: mark.result});
  // An edit that would damage the manifest must not reach the disk, whatever made it.
  parseJson(result);
  return result;
}

function toPlain(value: Json): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
}
