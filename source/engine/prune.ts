import fs from 'node:fs';
import {canRename} from './backup/workplace.ts';
import {describeError, errorCode} from './problem.ts';
import {removeTree} from './remove-tree.ts';
import {syncDirectory} from './replace-file.ts';
import type {Verdict} from './retention.ts';
import type {Directory} from './runbook/state-directory.ts';
import {forgetUnfinished, noteUnfinished, removingName} from './runbook/unfinished.ts';

export type PruneEvent =
  | {type: 'pruned'; id: string; reason: string}
  /** It is still there, whole; the others are tried. */
  | {type: 'not pruned'; id: string; reason: string};

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
      try {
        const stats = fs.lstatSync(`${backups.path}/${id}`, {throwIfNoEntry: false});
        // PHP may have been faster.
        if (!stats) continue;
        if (!stats.isDirectory()) throw new Error('it is no directory any more');
        if (atOnce) {
          removeTree(removing.path, id);
          fs.renameSync(`${backups.path}/${id}`, `${removing.path}/${id}`);
          syncDirectory(backups.path);
          removeTree(removing.path, id);
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
      yield {type: 'pruned', id, reason};
    }
  } finally {
    removing.close();
  }
}
