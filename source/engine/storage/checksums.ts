import fs from 'node:fs';
import {readSmallFile} from '../base/files.ts';
import {errorCode} from '../base/problem.ts';
import {createFile} from '../base/replace-file.ts';
import {locateCopy, namesOf} from './manifest/copy-path.ts';
import type {ManifestContent} from './manifest/schema.ts';

/** Beside the copies, for `sha256sum -c`: it proves them without this program (DESIGN.md, "Verification"). */
export const checksumsName = 'SHA256SUMS';

const largest = 16 * 1024 * 1024;

/** One line as GNU sha256sum writes and reads it: names with a backslash or a line break are escaped, and marked. */
function line(hash: string, name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === name ? '' : '\\'}${hash.toLowerCase()}  ${escaped}\n`;
}

/**
 * The file's content for a backup whose copies all matched; null unless every dataset's algorithm is SHA-256.
 * @param id the name of the backup's directory
 */
export function checksums(manifest: ManifestContent, id: string): string | null {
  const ids = namesOf(id, manifest.id);
  const lines = manifest.datasets.map(({algorithm, hash, backup}) => {
    const located = locateCopy(backup ?? '', ids);
    if (algorithm?.toLowerCase() !== 'sha256' || hash === null || 'unsafe' in located) return null;
    return line(hash, located.segments.join('/'));
  });
  return lines.length === 0 || lines.includes(null) ? null : lines.join('');
}

/** Whether the file is there, and says that; throws where it says something else. */
function says(file: string, content: string): boolean {
  const existing = readSmallFile(file, largest);
  if ('missing' in existing) return false;
  if ('data' in existing && existing.data.equals(Buffer.from(content))) return true;
  throw new Error('it says something else than the manifest, and was left as it is');
}

/**
 * Puts the file there, whole or not at all, if there is none. One that says something else is another's, and stays.
 * Several may do so at once.
 * @throws Error that says so, or the system call's error
 */
export function writeChecksums(directory: string, content: string): void {
  const file = `${directory}/${checksumsName}`;
  if (says(file, content)) return;
  const owner = fs.statSync(directory);
  try {
    createFile(directory, checksumsName, content, owner, owner.mode & 0o666);
  } catch (error) {
    // Another verification of the same backup was quicker.
    if (errorCode(error) !== 'EEXIST' || !says(file, content)) throw error;
  }
}
