import type fs from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {seenAt} from '../base/files.ts';
import {errorCode, isFull, withAdvice} from '../base/problem.ts';
import {removeFile} from '../base/remove-file.ts';
import {checkRemovable, moveAside, removeTree} from '../base/remove-tree.ts';
import {canRename} from '../storage/backups-directory.ts';
import {forgetUnfinished, noteUnfinished, removingName} from '../storage/runbook/unfinished.ts';
import type {Verdict} from './retention.ts';

export type PruneEvent =
  /** `left`: it is no longer a backup, but its files could not all be removed, and why; null where they were. */
  | {type: 'pruned'; id: string; reason: string; left: string | null}
  /** It is still there, whole; the others are tried. */
  | {type: 'not pruned'; id: string; reason: string};

const stays = (path: string, error: unknown, next = 'the next writing command tries again'): string =>
  `it is no longer a backup, but files of it stay in ${path} (${withAdvice(error)}); ${next}`;

/** Where backups go that leave the catalog; null where the disk is too full for even that. */
function openRemoving(state: Directory): Directory | null {
  try {
    return state.make(removingName);
  } catch (error) {
    if (isFull(error)) return null;
    throw error;
  }
}

/**
 * Out of the catalog at once, by a rename.
 * @returns why it could not be emptied; null when it is gone
 * @throws what keeps it whole
 */
function moveAndRemove(state: Directory, backups: Directory, removing: Directory, id: string): string | null {
  let aside: string;
  try {
    aside = moveAside(backups.path, removing.path, id);
  } catch (error) {
    // overlayfs renames no directory of its lower layer, whatever it says of others.
    if (errorCode(error) === 'EXDEV') return removeInPlace(state, backups, id);
    throw error;
  }
  try {
    // Else a power cut could bring it back without its copies.
    backups.sync();
    removeTree(removing.path, aside);
    return null;
  } catch (error) {
    return stays(`${removing.name}/${aside}`, error);
  }
}

/** Pruning makes room: that the note has none is no reason not to. False where it could not be written. */
function noteIfPossible(state: Directory, backups: Directory, id: string, stats: fs.Stats): boolean {
  try {
    noteUnfinished(state, backups, id, stats);
    return true;
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

/**
 * Where nothing can be renamed out of the catalog: the manifest goes first, so that what is left is no backup, and is
 * noted until it is gone.
 * @returns why it could not be emptied; null when it is gone
 * @throws what keeps it whole
 */
function removeInPlace(state: Directory, backups: Directory, id: string): string | null {
  checkRemovable(backups.path, id);
  using directory = backups.find(id);
  if (!directory) return null;
  const noted = noteIfPossible(state, backups, id, directory.stats);
  try {
    removeFile(`${directory.path}/manifest.json`);
  } catch (error) {
    forgetUnfinished(state, backups, id);
    throw error;
  }
  try {
    // Else a power cut could bring the manifest back without its copies.
    directory.sync();
    removeTree(backups.path, id);
    backups.sync();
  } catch (error) {
    return stays(`${backups.name}/${id}`, error, noted ? undefined : 'delete them by hand');
  }
  forgetUnfinished(state, backups, id);
  return null;
}

/**
 * Deletes backups, oldest first. Each goes out of the catalog at once, by a rename, and is emptied where nobody looks for
 * backups; where that is another file system, its manifest goes first, and what is left of it is finished by the next
 * writer. To be called with the lock held.
 */
export async function* prune(
  state: Directory,
  backups: Directory,
  verdicts: Verdict[],
  signal: AbortSignal,
): AsyncGenerator<PruneEvent, void, undefined> {
  using removing = openRemoving(state);
  const way = removing !== null && canRename(backups, removing) ? removing : null;
  for (const {id, reason} of verdicts.filter((verdict) => !verdict.stays).reverse()) {
    if (signal.aborted) return;
    let left: string | null;
    try {
      const stats = seenAt(`${backups.path}/${id}`);
      // PHP may have been faster.
      if (!stats) continue;
      if (!stats.isDirectory()) throw new Error('it is no longer a directory');
      left = way ? moveAndRemove(state, backups, way, id) : removeInPlace(state, backups, id);
    } catch (error) {
      yield {type: 'not pruned', id, reason: withAdvice(error)};
      continue;
    }
    yield {type: 'pruned', id, reason, left};
  }
}
