import {describeError} from '../base/problem.ts';
import {loadConfiguration} from '../config/effective.ts';
import {findState} from '../storage/runbook/state-directory.ts';
import {type Check, count, failed, gap, listed, ok} from './checks.ts';
import {type KnownEvidence, knownEvidence, stateOfEvidence} from './known.ts';

const name = 'list';

async function knownOf(root: string, signal: AbortSignal | undefined): Promise<KnownEvidence> {
  const {auditLog} = await loadConfiguration(root, process.env);
  const state = findState(root);
  try {
    return await knownEvidence(state, root, auditLog.value, signal);
  } finally {
    state?.close();
  }
}

/**
 * The evidence that was written for a root, by its own list and its audit log: whether this file is among it, and whether
 * those that lie with the root are still there. A chain alone does not miss its last file.
 * @param sha256 of the file that is checked
 */
export async function checkList(root: string, sha256: string, signal?: AbortSignal): Promise<Check> {
  let known: KnownEvidence;
  try {
    known = await knownOf(root, signal);
  } catch (error) {
    return gap(name, `the root's list of evidence cannot be read: ${describeError(error)}`);
  }
  const {missing, changed, unread} = stateOfEvidence(root, known);
  const {listed: entries, unlisted} = known;
  if (changed.length > 0) return failed(name, `evidence of this root was changed: ${listed(changed)}`);
  if (unread.length > 0)
    return gap(name, `evidence of this root cannot be read, as another user's: ${listed(unread)}`);
  if (missing.length > 0) return gap(name, `evidence of this root is gone: ${listed(missing)}`);
  if (unlisted.length > 0)
    return gap(
      name,
      `the root's list of evidence does not have what the audit log names: ${listed(unlisted.map(({file}) => file))}`,
    );
  if (!entries.some((entry) => entry.sha256 === sha256))
    return gap(name, "the root's list of evidence does not have this file");
  return ok(
    name,
    `${count(entries.length, 'evidence file')} of this root, this one among them; none is gone`,
  );
}
