/** Where a copy lies inside its backup, or why the recorded path must not be used. */
type CopyPath = {segments: string[]; recordedBackups: string} | {unsafe: string};

/**
 * The names a backup goes by in recorded paths: its directory's, then the manifest's own, for it may have been renamed.
 */
export const namesOf = (id: string, recorded: string | null): string[] =>
  recorded !== null && recorded !== '' && recorded !== id ? [id, recorded] : [id];

/** Takes `..` out; null where it climbs out of what the segments start in. */
function normalise(segments: string[]): string[] | null {
  const result: string[] = [];
  for (const segment of segments) {
    if (segment !== '..') result.push(segment);
    else if (result.pop() === undefined) return null;
  }
  return result;
}

/**
 * The part of a recorded path after `/<id>/` (DESIGN.md, "Verification"): a tree may have been copied elsewhere, and
 * a recorded path is never opened as it stands. Recorded paths are not normalised (`/./storage//backups//…`).
 *
 * @param ids names the backup goes by (`namesOf`)
 * @returns the path's segments below the backup, and the backups directory it was recorded under
 */
export function locateCopy(recorded: string, ids: Iterable<string>): CopyPath {
  if (recorded.includes('\0')) return {unsafe: 'its recorded path contains a NUL character'};
  const segments = recorded.split('/').filter((segment) => segment !== '' && segment !== '.');
  const names = [...ids];
  // The way PHP writes it, `<id>/datasets`, and the first of those: what a file of a directory dataset is called, below,
  // is up to the users who may write there; what lies above is not.
  const first = segments.findIndex(
    (segment, index) => names.includes(segment) && segments[index + 1] === 'datasets',
  );
  const at = first === -1 ? names.map((id) => segments.lastIndexOf(id)).find((each) => each !== -1) : first;
  if (at === undefined) return {unsafe: 'its recorded path lies outside the backup'};
  const inside = normalise(segments.slice(at + 1));
  if (inside === null) return {unsafe: 'its recorded path leads out of the backup ("..")'};
  if (inside.length === 0) return {unsafe: 'its recorded path is the backup itself'};
  const lead = recorded.startsWith('/') ? '/' : '';
  return {segments: inside, recordedBackups: lead + segments.slice(0, at).join('/')};
}
