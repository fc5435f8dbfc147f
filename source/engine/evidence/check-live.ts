import fs from 'node:fs';
import path from 'node:path';
import {checkCopies, type LiveOptions} from './check-copies.ts';
import {checkList} from './check-list.ts';
import {checkLiveFiles} from './check-live-files.ts';
import {type Check, gap} from './checks.ts';
import type {EvidenceRecord} from './schema.ts';

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
export async function* checkLive(
  record: EvidenceRecord,
  sha256: string,
  volatile: string[],
  options: LiveOptions,
): AsyncGenerator<Check, void, undefined> {
  const {host} = record.exported;
  const here = machineId();
  if (
    options.root === null &&
    options.backups === null &&
    host.machine_id !== null &&
    here !== null &&
    host.machine_id !== here
  )
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
