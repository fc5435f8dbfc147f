import type {Stats} from 'node:fs';

/** What a directory of a directory dataset was, but for its entries. */
export type DirectoryRecord = {
  /** Permission, set-id and sticky bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Extended attributes, ACLs among them: names, and their values in Base64. */
  attributes: [string, string][];
};

/** Those that a manifest may hand out: none that says what a program may do. */
export const isKept = (attribute: string): boolean =>
  /^(user\..|system\.posix_acl_(access|default)$)/s.test(attribute);

export const recordOfDirectory = (
  {mode, uid, gid}: Pick<Stats, 'mode' | 'uid' | 'gid'>,
  attributes: [string, string][],
): DirectoryRecord => ({mode: mode & 0o7777, uid, gid, attributes});

/**
 * A directory's key in the manifest's `metadata.directories`. It ends with a slash, so that PHP takes none for a number.
 * @param name the dataset's, with the directories below it: `uploads/2026`
 */
export const directoryKey = (name: string): string => `${name}/`;

/** `2770 33:33 user.note=a2VwdA==`: a string, because PHP rewrites a manifest (FORMAT.md). */
export function directoryText({mode, uid, gid, attributes}: DirectoryRecord): string {
  const kept = attributes.map(([name, value]) => ` ${encodeURIComponent(name)}=${value}`);
  return `${mode.toString(8).padStart(4, '0')} ${uid}:${gid}${kept.join('')}`;
}

function readAttribute(text: string): [string, string][] {
  const [, name = '', value = ''] = /^([^=]+)=([A-Za-z0-9+/]*={0,2})$/.exec(text) ?? [];
  try {
    const decoded = decodeURIComponent(name);
    return isKept(decoded) ? [[decoded, value]] : [];
  } catch {
    // Not written by us: as if it were not there.
    return [];
  }
}

/** What such a text says; null where it says nothing. */
export function readDirectory(text: string): DirectoryRecord | null {
  const [, mode, uid, gid, more = ''] = /^([0-7]{4}) (\d{1,10}):(\d{1,10})((?: \S+)*)$/.exec(text) ?? [];
  if (mode === undefined) return null;
  const attributes = more.split(' ').filter(Boolean).flatMap(readAttribute);
  return {mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), attributes};
}
