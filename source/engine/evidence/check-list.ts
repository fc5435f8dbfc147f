import path from 'node:path';
import {readSmallFile} from '../files.ts';
import {describeError} from '../problem.ts';
import {findState, stateName} from '../runbook/state-directory.ts';
import {type Check, count, failed, gap, listed, ok} from './checks.ts';
import {largestFile} from './parse-file.ts';
import {evidenceName, type IndexEntry, isUnreadable, readIndex, sha256Of} from './place.ts';

const name = 'list';

function entriesOf(root: string): IndexEntry[] {
  const state = findState(root);
  try {
    return readIndex(state);
  } finally {
    state?.close();
  }
}

/**
 * The root's own list of the evidence that was written: whether this file is in it, and whether those that lie with the
 * root are still there. A chain alone does not miss its last file.
 * @param sha256 of the file that is checked
 */
export function checkList(root: string, sha256: string): Check {
  let entries: IndexEntry[];
  try {
    entries = entriesOf(root);
  } catch (error) {
    return gap(name, `the root's list of evidence cannot be read: ${describeError(error)}`);
  }
  const missing: string[] = [];
  const changed: string[] = [];
  const unread: string[] = [];
  for (const {file, sha256: due} of entries) {
    // What was written elsewhere may have been carried away.
    if (path.basename(file) !== file) continue;
    const read = readSmallFile(path.join(root, stateName, evidenceName, file), largestFile);
    if ('missing' in read) missing.push(file);
    else if (isUnreadable(read)) unread.push(file);
    else if (!('data' in read) || sha256Of(read.data) !== due) changed.push(file);
  }
  if (changed.length > 0) return failed(name, `evidence of this root was changed: ${listed(changed)}`);
  if (unread.length > 0)
    return gap(name, `evidence of this root cannot be read, as another user's: ${listed(unread)}`);
  if (missing.length > 0) return gap(name, `evidence of this root is gone: ${listed(missing)}`);
  if (!entries.some((entry) => entry.sha256 === sha256))
    return gap(name, "the root's list of evidence does not have this file");
  return ok(
    name,
    `${count(entries.length, 'evidence file')} of this root, this one among them; none is gone`,
  );
}
