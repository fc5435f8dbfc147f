import type {Directory} from '../base/directory.ts';
import {describeError} from '../base/problem.ts';
import {standingOf} from '../restore/switch.ts';
import {readSession} from '../session/sessions.ts';

/** A restored dataset, and whether its live files are still what the restore left; `reason` where that is not seen. */
export type Since = {dataset: string; state: 'as restored' | 'changed' | 'unseen'; reason: string | null};

/**
 * What became of the live files since a restore, by inode, size and time; nothing is hashed. None for a session that is
 * not done, is signed off, or is not obeyed: a forged journal must not have us look anywhere.
 */
export function sinceRestore(state: Directory, session: number): Since[] {
  const read = readSession(state, session, true)?.read;
  if (read?.state !== 'read' || read.untrusted !== null) return [];
  if (read.journal.phase !== 'done' || read.journal.closed) return [];
  const found = new Map<string, Since>();
  for (const item of read.journal.items) {
    const {dataset} = item;
    // One file that changed says that the dataset did.
    if (found.has(dataset) && found.get(dataset)?.state !== 'as restored') continue;
    try {
      const same = standingOf(item) === 'new';
      found.set(dataset, {dataset, state: same ? 'as restored' : 'changed', reason: null});
    } catch (error) {
      found.set(dataset, {dataset, state: 'unseen', reason: describeError(error)});
    }
  }
  return [...found.values()];
}
