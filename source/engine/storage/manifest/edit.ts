import {findNodeAtLocation, type Node, parseTree} from 'jsonc-parser';
import {phpJson} from './php-json.ts';

export type VerificationMark = {
  /** UTC, DATE_ATOM. */
  at: string;
  result: 'passed' | 'failed';
};

/** How a text lays out its maps; `eol` is null where all stands on one line. */
type Style = {eol: string | null; unit: string; colon: string};
type Edit = {offset: number; length: number; text: string};

function styleOf(text: string): Style {
  const eol = text.trimEnd().includes('\n') ? (text.includes('\r\n') ? '\r\n' : '\n') : null;
  const unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '    ';
  return {eol, unit, colon: eol === null && !/":\s/.test(text) ? ':' : ': '};
}

/** A map laid out as PHP would, in the text's own style; the values are JSON texts already. */
function mapText(entries: [string, string][], indent: string, {eol, unit, colon}: Style): string {
  const items = entries.map(([key, value]) => `${JSON.stringify(key)}${colon}${value}`);
  if (eol === null) return `{${items.join(colon === ':' ? ',' : ', ')}}`;
  return `{${eol}${items.map((item) => indent + unit + item).join(`,${eol}`)}${eol}${indent}}`;
}

const markText = ({at, result}: VerificationMark, indent: string, style: Style) =>
  mapText(
    [
      ['at', phpJson(at)],
      ['result', phpJson(result)],
    ],
    indent,
    style,
  );

/** The white space that a property's line begins with; null where it does not stand on a line of its own. */
function indentOf(text: string, property: Node): string | null {
  const start = text.lastIndexOf('\n', property.offset - 1) + 1;
  const lead = text.slice(start, property.offset);
  return start > 0 && /^[ \t]*$/.test(lead) ? lead : null;
}

/** Sets a key of a map: its value is replaced where it has one, else it is added behind the last. */
function setKey(text: string, map: Node, key: string, value: (indent: string) => string, style: Style): Edit {
  const properties = map.children ?? [];
  const existing = properties.find((property) => property.children?.[0]?.value === key);
  const old = existing?.children?.[1];
  if (existing && old) {
    return {offset: old.offset, length: old.length, text: value(indentOf(text, existing) ?? '')};
  }
  const last = properties.at(-1) as Node;
  const indent = indentOf(text, last);
  const separator =
    indent === null || style.eol === null ? (style.colon === ':' ? ',' : ', ') : `,${style.eol}${indent}`;
  return {
    offset: last.offset + last.length,
    length: 0,
    text: `${separator}${JSON.stringify(key)}${style.colon}${value(indent ?? '')}`,
  };
}

const apply = (text: string, {offset, length, text: replacement}: Edit): string =>
  text.slice(0, offset) + replacement + text.slice(offset + length);

/** The items of a list under their positions: so PHP turns it into a map as soon as a string key is set in it. */
const numbered = (text: string, list: Node | undefined): [string, string][] =>
  list?.type === 'array'
    ? (list.children ?? []).map(({offset, length}, index) => [
        String(index),
        text.slice(offset, offset + length),
      ])
    : [];

/**
 * Sets `metadata.last_verification`, and on a pass `metadata.last_verified_at`, leaving every other byte alone, in the
 * style the text already has (FORMAT.md: what we write, PHP would have written).
 * @param text of a manifest that has been parsed, without a byte order mark
 * @returns the new text, or null where `metadata` is something that PHP could not add to either
 */
export function markVerified(text: string, mark: VerificationMark): string | null {
  const root = parseTree(text);
  if (root?.type !== 'object') return null;
  const style = styleOf(text);
  const metadata = findNodeAtLocation(root, ['metadata']);
  const passed = mark.result === 'passed';
  if (metadata?.type === 'object' && (metadata.children ?? []).length > 0) {
    let result = text;
    const set = (key: string, value: (indent: string) => string): void => {
      const node = findNodeAtLocation(parseTree(result) as Node, ['metadata']) as Node;
      // A map on one line stays on it, whatever the rest looks like.
      const lines = result.slice(node.offset, node.offset + node.length).includes('\n');
      result = apply(result, setKey(result, node, key, value, lines ? style : {...style, eol: null}));
    };
    if (passed) set('last_verified_at', () => phpJson(mark.at));
    const inLines = text.slice(metadata.offset, metadata.offset + metadata.length).includes('\n');
    set('last_verification', (indent) => markText(mark, indent, inLines ? style : {...style, eol: null}));
    return result;
  }
  const replaceable =
    !metadata || metadata.type === 'null' || metadata.type === 'array' || metadata.type === 'object';
  if (!replaceable || (root.children ?? []).length === 0) return null;
  const value = (indent: string): string => {
    const inner = indent + style.unit;
    const entries = numbered(text, metadata);
    if (passed) entries.push(['last_verified_at', phpJson(mark.at)]);
    entries.push(['last_verification', markText(mark, inner, style)]);
    return mapText(entries, indent, style);
  };
  return apply(text, setKey(text, root, 'metadata', value, style));
}

/**
 * Names other places for the copies of all datasets, leaving every other byte alone.
 * @param text as for `markVerified`
 * @param placeOf the new path for a recorded one; null leaves it
 */
export function relocateCopies(text: string, placeOf: (recorded: string) => string | null): string {
  const datasets = findNodeAtLocation(parseTree(text) as Node, ['datasets']);
  const entries =
    datasets?.type === 'array' ? datasets.children : datasets?.children?.map((each) => each.children?.[1]);
  const edits = (entries ?? []).flatMap((entry): Edit[] => {
    const field = entry?.children?.find((property) => property.children?.[0]?.value === 'backup')
      ?.children?.[1];
    const place = field?.type === 'string' ? placeOf(field.value as string) : null;
    return field && place !== null
      ? [{offset: field.offset, length: field.length, text: phpJson(place)}]
      : [];
  });
  const pieces: string[] = [];
  let at = 0;
  for (const edit of edits) {
    pieces.push(text.slice(at, edit.offset), edit.text);
    at = edit.offset + edit.length;
  }
  return pieces.join('') + text.slice(at);
}
