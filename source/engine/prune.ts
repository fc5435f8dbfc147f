import fs from 'node:fs';
import {canRename} from './backup/workplace.ts';
import {describeError, errorCode} from './problem.ts';
import {removeTree} from './remove-tree.ts';
import type {Verdict} from './retention.ts';
import type {Directory} from './runbook/directory.ts';
import {forgetUnfinished, noteUnfinished, removingName} from './runbook/unfinished.ts';

export type PruneEvent =
  /** `left`: it is no backup any more, but its files could not all be removed, and why; null where they were. */
  | {type: 'pruned'; id: string; reason: string; left: string | null}
  /** It is still there, whole; the others are tried. */
  | {type: 'not pruned'; id: string; reason: string};

/** Why what has left the catalog could not be emptied; null when it is gone. */
function emptied(removing: Directory, id: string): string | null {
  try {
    removeTree(removing.path, id);
    return null;
  } catch (error) {
    return `its files stay in ${removing.name}/${id}: ${describeError(error)}`;
  }
}

/**
 * Deletes backups, oldest first. Each goes out of the catalog at once, by a rename, and is emptied where nobody looks for
 * backups; where that is another file system, its manifest goes first, and what is left of it is finished by the next
 * writer. To be called by whoever holds the lock.
 */
export async function* prune(
  state: Directory,
  backups: Directory,
  verdicts: Verdict[],
  signal: AbortSignal,
): AsyncGenerator<PruneEvent, void, undefined> {
  const removing = state.make(removingName);
  try {
    const atOnce = canRename(backups, removing);
    for (const {id, reason} of verdicts.filter(({stays}) => !stays).reverse()) {
      if (signal.aborted) return;
      let left: string | null = null;
      try {
        const stats = fs.lstatSync(`${backups.path}/${id}`, {throwIfNoEntry: false});
        // PHP may have been faster.
        if (!stats) continue;
        if (!stats.isDirectory()) throw new Error('it is no directory any more');
        if (atOnce) {
          removeTree(removing.path, id);
          fs.renameSync(`${backups.path}/${id}`, `${removing.path}/${id}`);
          backups.sync();
          left = emptied(removing, id);
        } else {
          noteUnfinished(state, backups, id);
          fs.rmSync(`${backups.path}/${id}/manifest.json`, {force: true});
          removeTree(backups.path, id);
          forgetUnfinished(state);
        }
      } catch (error) {
        const denied = errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM';
        const advice = denied ? ': run as its owner, or as root' : '';
        yield {type: 'not pruned', id, reason: `${describeError(error)}${advice}`};
        continue;
      }
      yield {type: 'pruned', id, reason, left};
    }
  } finally {
    removing.close();
  }
}
