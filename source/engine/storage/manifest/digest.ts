import {createHash} from 'node:crypto';
import type {Json} from './json.ts';

/**
 * One line for each equal content: keys in their order, numbers and strings as JavaScript writes them. PHP has one
 * array type, so a map that counts from 0 is the list it would be rewritten as, and so is an empty one.
 */
function canonical(value: Json): string {
  if (value instanceof Map) {
    if ([...value.keys()].every((key, index) => key === String(index))) return canonical([...value.values()]);
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  return JSON.stringify(value);
}

/** Of what was parsed, which nothing changes: a long manifest takes half a second. */
const digests = new WeakMap<ReadonlyMap<string, Json>, string>();

/**
 * SHA-256 (hex) over a manifest's content. `metadata.last_verif*` is left out, because verifying must not make a
 * manifest another one; so is an empty `metadata`, which PHP may add (DESIGN.md, "Verification").
 */
export function manifestDigest(tree: Json): string {
  const known = tree instanceof Map ? digests.get(tree) : undefined;
  if (known !== undefined) return known;
  const digest = digestOf(tree);
  if (tree instanceof Map) digests.set(tree, digest);
  return digest;
}

function digestOf(tree: Json): string {
  let subject = tree;
  if (tree instanceof Map) {
    const metadata = tree.get('metadata');
    const kept =
      metadata instanceof Map
        ? new Map([...metadata].filter(([key]) => !key.startsWith('last_verif')))
        : metadata;
    const entries = [...tree].filter(([key]) => key !== 'metadata');
    const empty = kept === undefined || kept === null || canonical(kept) === '[]';
    subject = new Map(empty ? entries : [...entries, ['metadata', kept as Json]]);
  }
  return createHash('sha256').update(canonical(subject)).digest('hex');
}
