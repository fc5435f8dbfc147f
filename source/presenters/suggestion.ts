import type {PassedOver} from '../engine/catalog/suggest.ts';

/** `20261123_000002_nightly is verified too, but ledger is broken inside`; null where none was passed over. */
export function passedText([newest, ...others]: PassedOver[]): string | null {
  if (!newest) return null;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  return `${newest.id} is verified too, but ${newest.why}${more}`;
}
