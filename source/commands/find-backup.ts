import fs from 'node:fs';
import {escapeText} from '../engine/base/escape.ts';
import {describeError, exitCode, Problem} from '../engine/base/problem.ts';
import {listBackups} from '../engine/catalog/list.ts';
import {checkBackupId} from '../engine/storage/backup-id.ts';
import {directoryOf, heldDirectory} from '../engine/storage/held.ts';
import type {Place} from '../engine/storage/root.ts';
import {type Invocation, wrongUsage} from './command.ts';
import {didYouMean} from './did-you-mean.ts';
import type {id} from './flags.ts';

/** @throws Problem (wrong usage) where no backup is named */
export const namedId = ({flags, name}: Invocation<{id: typeof id}>): string =>
  flags.id ?? wrongUsage(`Which backup? magds ${name} ID, as "magds backup list" shows it.`);

/** Another day is no slip: it names another backup. */
const sameDay = (id: string, ids: string[]): string[] =>
  ids.filter((each) => each.slice(0, 8) === id.slice(0, 8));

/**
 * The id, if it names a directory in the backups directory, or a backup that is held.
 * @throws Problem: wrong usage, or exit 10 where there is no such backup
 */
export function findBackup({root, backups}: Place, given: string): string {
  const id = checkBackupId(given);
  const missing = (why: string, near = ''): never => {
    throw new Problem(
      exitCode.notFound,
      `No backup "${escapeText(id)}" in ${escapeText(backups)}: ${why}.${escapeText(near)} "magds backup list" shows what is there.`,
    );
  };
  try {
    const stats = fs.lstatSync(directoryOf(backups, heldDirectory(root), id), {throwIfNoEntry: false});
    if (!stats)
      return missing('not there', didYouMean(id, sameDay(id, listBackups(backups, heldDirectory(root)).ids)));
    if (stats.isSymbolicLink()) missing('a link; links are not followed');
    if (!stats.isDirectory()) missing('not a directory');
  } catch (error) {
    if (error instanceof Problem) throw error;
    missing(describeError(error));
  }
  return id;
}
