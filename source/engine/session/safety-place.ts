import type {Directory} from '../base/directory.ts';
import {seenAt} from '../base/files.ts';
import {removeBackup} from '../base/remove-tree.ts';
import {syncDirectory} from '../base/replace-file.ts';
import {safetyName} from '../storage/held.ts';
import {removingName} from '../storage/runbook/unfinished.ts';

export {safetyName};

/** Removes a safety backup that proved unnecessary: nothing was restored. */
export function removeSafety(state: Directory, id: string): void {
  using safety = state.find(safetyName);
  if (!safety) return;
  using removing = state.make(removingName);
  if (!seenAt(`${safety.path}/${id}`)) return;
  removeBackup(safety.path, removing.path, id, () => syncDirectory(safety.path));
}
