import type {Directory} from '../../base/directory.ts';
import {isThere} from '../../base/files.ts';
import {removeFile} from '../../base/remove-file.ts';

/** There from the first command that is run before a backup until those after it have been. */
export const hooksDueName = 'hooks-due';

/** Noted before they are run: a process that is killed in between cannot say any more that something was stopped. */
export function noteHooksDue(state: Directory): void {
  try {
    state.write(hooksDueName, `${process.pid}\n`);
    state.sync();
  } catch {
    // On a full disk the backup says that it failed; only a kill in that very moment would go unnoticed.
  }
}

export function forgetHooksDue(state: Directory): void {
  removeFile(`${state.path}/${hooksDueName}`);
}

/**
 * Whether a backup that was killed has run the hooks before it, and not those after it; of one at work it is no news.
 */
export const areHooksDue = (state: Directory): boolean => isThere(`${state.path}/${hooksDueName}`);

export const hooksDueText =
  'a backup that was killed had run the hooks before it, and not those after it: see that what they stopped runs again';
