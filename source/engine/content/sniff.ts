import {type ContentKind, isDump, isSqlite, kindByName, sqliteHeader} from '../storage/content.ts';

/** Bytes of a file's beginning that tell what it is. */
export const headLength = 512;

/**
 * What a file is, as far as name and first bytes tell. `sure` is what its name or its header says; else it only begins
 * like JSON, and may be something else.
 */
type Sniffed =
  | {kind: ContentKind; sure: boolean}
  /** It is called a database and begins like none: encrypted, or no database. */
  | {kind: 'sqlite'; sure: false; why: string};

/** A header of which a part is gone is a database that was damaged; with nothing of it left it may be anything. */
function likeHeader(head: Buffer): boolean {
  const begin = head.subarray(0, sqliteHeader.length);
  if (begin.every((byte) => byte === 0)) return true;
  const same = begin.filter((byte, index) => byte === sqliteHeader[index]).length;
  return same >= Math.min(begin.length, sqliteHeader.length / 2);
}

/** @param head the first `headLength` bytes, or all there are */
export function sniff(name: string, head: Buffer): Sniffed | null {
  if (isSqlite(head)) return {kind: 'sqlite', sure: true};
  if (isDump(head)) return {kind: 'dump', sure: true};
  const named = kindByName(name);
  if (named === 'json') return {kind: 'json', sure: true};
  if (named === 'sqlite') {
    if (head.length === 0)
      return {kind: 'sqlite', sure: false, why: 'it is empty: there is nothing to check'};
    if (likeHeader(head)) return {kind: 'sqlite', sure: true};
    return {
      kind: 'sqlite',
      sure: false,
      why: 'it is named like a database, and does not begin like one: it may be encrypted',
    };
  }
  // The beginning of a map, or of a list of more than numbers, which dates of a log look like.
  return /^\s*(?:\{\s*["}]|\[\s*[[{"\]])/.test(head.toString('latin1')) ? {kind: 'json', sure: false} : null;
}
