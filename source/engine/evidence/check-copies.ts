import fs from 'node:fs';
import {describeError} from '../base/problem.ts';
import type {Pool} from '../hashing/pool.ts';
import {safetyName} from '../session/safety-place.ts';
import {directoryOf, heldDirectory} from '../storage/held.ts';
import {manifestDigest} from '../storage/manifest/digest.ts';
import {readManifest} from '../storage/manifest/read.ts';
import {stateName} from '../storage/runbook/state-directory.ts';
import {type Check, count, failed, gap, listed, ok} from './checks.ts';
import type {EvidenceBackup} from './schema.ts';

export type LiveOptions = {
  /** The project, where it lies elsewhere than the record says; null for where it says. */
  root: string | null;
  /** Its backups, where they lie elsewhere. */
  backups: string | null;
  pool: Pool;
  signal?: AbortSignal | undefined;
};

const isName = (id: string): boolean => !/[/\0]/.test(id) && id !== '' && id !== '.' && id !== '..';

/** Where a backup lies now: among the others, held, or as a safety backup; null where it is gone. */
function findBackup(id: string, root: string | null, backups: string): string | null {
  if (!isName(id)) return null;
  const candidates = [
    directoryOf(backups, heldDirectory(root), id),
    ...(root === null ? [] : [`${root}/${stateName}/${safetyName}/${id}`]),
  ];
  return candidates.find((each) => fs.lstatSync(each, {throwIfNoEntry: false})?.isDirectory()) ?? null;
}

/** The copies of a backup, hashed again, against what the record says of each. */
export async function checkCopies(
  backup: EvidenceBackup,
  root: string | null,
  backups: string,
  {pool, signal}: LiveOptions,
): Promise<Check[]> {
  const name = 'backup';
  const {id, datasets, manifest} = backup;
  let directory: string | null;
  try {
    directory = findBackup(id, root, backups);
  } catch (error) {
    return [gap(name, `${id} cannot be looked for: ${describeError(error)}`)];
  }
  if (directory === null)
    return [gap(name, `${id} is not there any more: pruned, deleted, or not on this machine`)];
  const checks: Check[] = [];
  if (manifest.digest !== null) {
    const read = readManifest(directory);
    if (read.state !== 'read') checks.push(failed(name, `${id}: its manifest cannot be read any more`));
    else if (manifestDigest(read.manifest.tree) !== manifest.digest)
      checks.push(failed(name, `${id}: its manifest was changed since (verifications aside)`));
  }
  const damaged: string[] = [];
  const without: string[] = [];
  let same = 0;
  await Promise.all(
    datasets.map(async (dataset) => {
      const due = (dataset.actual ?? dataset.expected)?.toLowerCase() ?? null;
      const segments = dataset.copy?.split('/') ?? [];
      if (due === null || dataset.algorithm === null || segments.length === 0 || !segments.every(isName))
        return without.push(dataset.name);
      const result = await pool.hash({directory, segments, algorithm: dataset.algorithm}, signal).result;
      if (result.status === 'read') {
        if (result.hash === due) same++;
        else damaged.push(`${dataset.name} (the copy is not what it was)`);
      } else if (result.status === 'cancelled') without.push(dataset.name);
      else damaged.push(`${dataset.name} (${result.reason})`);
      return undefined;
    }),
  );
  if (damaged.length > 0) checks.push(failed(name, `${id}: damaged since: ${listed(damaged.sort())}`));
  if (without.length > 0)
    checks.push(gap(name, `${id}: nothing to compare with, or cancelled: ${listed(without.sort())}`));
  if (checks.length === 0 && same > 0)
    checks.push(ok(name, `${id}: ${count(same, 'copy', 'copies')} as the record says`));
  if (checks.length === 0) checks.push(gap(name, `${id}: the record has no copy of it to hash`));
  return checks;
}
