import fs from 'node:fs';
import path from 'node:path';
import {counted, listed} from '../base/format.ts';
import {describeError} from '../base/problem.ts';
import {loadConfiguration} from '../config/effective.ts';
import {findState} from '../storage/runbook/state-directory.ts';
import {checkCopies, checkLiveFiles, type HashOptions} from './check-hashes.ts';
import {type EvidenceCheck, failed, gap, holds} from './checks.ts';
import {type KnownEvidence, knownEvidence, stateOfEvidence} from './known.ts';
import type {EvidenceRecord} from './schema.ts';

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
 */
async function checkList(root: string, sha256: string, signal?: AbortSignal): Promise<EvidenceCheck> {
  const name = 'list';
  let known: KnownEvidence;
  try {
    known = await knownOf(root, signal);
  } catch (error) {
    return gap(name, `the root's list of evidence cannot be read: ${describeError(error)}`);
  }
  const {missing, changed, unread} = stateOfEvidence(root, known);
  const {inList, unlisted} = known;
  if (changed.length > 0) return failed(name, `evidence of this root was changed: ${listed(changed, 5)}`);
  if (unread.length > 0)
    return gap(name, `evidence of this root cannot be read, as another user's: ${listed(unread, 5)}`);
  if (missing.length > 0) return gap(name, `evidence of this root is gone: ${listed(missing, 5)}`);
  if (unlisted.length > 0) {
    const names = unlisted.map(({file}) => file);
    return gap(
      name,
      `the root's list of evidence does not have what the audit log names: ${listed(names, 5)}`,
    );
  }
  if (!inList.some((entry) => entry.sha256 === sha256))
    return gap(name, "the root's list of evidence does not have this file");
  return holds(
    name,
    `${counted(inList.length, 'evidence file')} of this root, this one among them; none is gone`,
  );
}

/** What this machine calls itself; null where it does not. */
function machineId(): string | null {
  try {
    return fs.readFileSync('/etc/machine-id', 'utf8').trim() || null;
  } catch {
    // Containers have none: then nothing says that this is another machine.
    return null;
  }
}

/**
 * Hashes the backup's copies and the live files again, and tells use since the restore from damage.
 * @param sha256 of the file that is checked
 * @param volatile names of the datasets that change all the time
 */
export async function* checkOnDisk(
  record: EvidenceRecord,
  sha256: string,
  volatile: string[],
  options: HashOptions,
): AsyncGenerator<EvidenceCheck, void, undefined> {
  const {host} = record.exported;
  const here = machineId();
  const isGiven = options.root !== null || options.backups !== null;
  if (!isGiven && host.machine_id !== null && here !== null && host.machine_id !== here)
    return yield gap(
      'live',
      `it was made on ${host.name}, and this is another machine: if its tree is here, --root=DIR`,
    );
  const root = options.root ?? record.asset.root;
  const backups = options.backups ?? record.asset.backups;
  for (const backup of record.backups) yield* await checkCopies(backup, root, backups, options);
  if (root !== null && path.isAbsolute(root) && !root.includes('\0'))
    yield checkList(root, sha256, options.signal);
  if (record.session) yield* await checkLiveFiles(record.session, record.asset.root, root, volatile, options);
}
