import fs from 'node:fs';
import path from 'node:path';

/** The real file of the first `php` on a PATH, in a directory that is named in full; null where there is none. */
export function findPhp(where: string | undefined): string | null {
  for (const directory of (where ?? '').split(':')) {
    if (!path.isAbsolute(directory)) continue;
    try {
      return fs.realpathSync(path.join(directory, 'php'));
    } catch {
      // Not in this one.
    }
  }
  return null;
}
