import type {Stats} from 'node:fs';
import path from 'node:path';
import type {Directory} from '../../base/directory.ts';
import {seenAt} from '../../base/files.ts';
import {below, openStorage, wayTo} from '../../storage/runbook/way.ts';

/** The directory that a log lies in, and whether that is reached from `storage/` without a link. */
export type LogPlace = {directory: Directory; name: string; inside: boolean; storage: Stats};

/**
 * Where a log lies. Directories on the way are opened one after the other, and never through a link of another user's.
 * @param make makes those in `storage/` that are not there
 */
export function placeOf(root: string, file: string, make: boolean): LogPlace {
  let directory = openStorage(root);
  const storage = directory.stats;
  try {
    const real = directory.real;
    const steps = below(path.join(root, 'storage'), file) ?? below(real, file);
    for (const [index, step] of (steps ?? []).entries()) {
      const isLast = index === (steps?.length ?? 0) - 1;
      const stats = seenAt(`${directory.path}/${step}`);
      if (stats?.isSymbolicLink()) break;
      if (isLast) return {directory, name: step, inside: true, storage};
      const next = make ? directory.make(step) : directory.find(step);
      // It would be made here, and the log in it.
      if (!next) return {directory, name: step, inside: true, storage};
      directory.close();
      directory = next;
    }
    const {directory: there, name} = wayTo(root, steps ? path.join(real, ...steps) : file);
    directory.close();
    return {directory: there, name, inside: false, storage};
  } catch (error) {
    directory.close();
    throw error;
  }
}
