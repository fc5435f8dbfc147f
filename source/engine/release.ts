import fs from 'node:fs';
import {readRow} from './catalog/row.ts';
import {heldName} from './held.ts';
import {exitCode, Problem, withAdvice} from './problem.ts';
import {removeTree} from './remove-tree.ts';
import type {Directory} from './runbook/directory.ts';
import {removingName} from './runbook/unfinished.ts';

/** Whether what lies in the backups directory could take the place of what is held. */
function isWhole(backups: string, id: string): boolean {
  if (!fs.lstatSync(`${backups}/${id}`, {throwIfNoEntry: false})?.isDirectory()) return false;
  const {state, datasets, verification} = readRow(backups, id, Date.now());
  const sound = datasets.length > 0 && datasets.every(({flaw}) => flaw === null);
  return state === 'complete' && sound && verification.state !== 'failed';
}

/**
 * Lets a backup go. What is held there may be all that is left of it: then only if that is asked for.
 * @param evenTheLast removes it for good where PHP has deleted the other
 * @throws Problem where it is not held, or is the last
 */
export function release(
  state: Directory,
  backups: string,
  id: string,
  evenTheLast: boolean,
): {last: boolean} {
  const held = state.find(heldName);
  try {
    if (!held || !fs.lstatSync(`${held.path}/${id}`, {throwIfNoEntry: false}))
      throw new Problem(exitCode.notFound, `${id} is not pinned. Nothing was changed.`);
    const last = !isWhole(backups, id);
    if (last && !evenTheLast) {
      throw new Problem(
        exitCode.failed,
        `${id} lies whole in ${held.name} only: to unpin it is to delete it for good. If that is meant: --yes=${id}. Nothing was changed.`,
      );
    }
    const removing = state.make(removingName);
    try {
      takeOut(held, removing, id);
    } finally {
      removing.close();
    }
    return {last};
  } finally {
    held?.close();
  }
}

function takeOut(held: Directory, removing: Directory, id: string): void {
  try {
    removeTree(removing.path, id);
    fs.renameSync(`${held.path}/${id}`, `${removing.path}/${id}`);
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `${id} cannot be unpinned: ${withAdvice(error)}. Nothing was changed.`,
    );
  }
  try {
    held.sync();
    removeTree(removing.path, id);
  } catch (error) {
    throw new Problem(
      exitCode.failed,
      `${id} is held no longer, but files of it stay in ${removing.name}/${id} (${withAdvice(error)}); the next writing command tries again.`,
    );
  }
}
