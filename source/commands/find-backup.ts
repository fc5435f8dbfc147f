import fs from 'node:fs';
import {escapeText} from '../engine/base/escape.ts';
import {describeError, exitCode, Problem} from '../engine/base/problem.ts';
import {writeTime} from '../engine/base/time-text.ts';
import {listBackups} from '../engine/catalog/list.ts';
import {readRows} from '../engine/catalog/read-all.ts';
import {suggest, whyBeware} from '../engine/catalog/suggest.ts';
import {backupTime, checkBackupId} from '../engine/storage/backup-id.ts';
import {directoryOf, heldDirectory, isSafetyAt} from '../engine/storage/held.ts';
import type {Place} from '../engine/storage/root.ts';
import {passedText} from '../presenters/suggestion.ts';
import {say} from '../terminal/standard-output.ts';
import {type Invocation, wrongUsage} from './command.ts';
import {didYouMean} from './did-you-mean.ts';
import type {id} from './flags.ts';

/** @throws Problem (wrong usage) where no backup is named */
export const namedId = ({flags, name}: Invocation<{id: typeof id}>): string =>
  flags.id ?? wrongUsage(`Which backup? magds ${name} ID, as "magds backup list" shows it.`);

/** Another day is no slip: it names another backup. */
const sameDay = (id: string, ids: string[]): string[] =>
  ids.filter((each) => each.slice(0, 8) === id.slice(0, 8));

/** What names the newest backup, whatever is known of it: to look at it. */
const latest = 'latest';

/**
 * The id, if it names a directory in the backups directory, or a backup that is held.
 * @param alsoSafety what a restore has saved will do too: nothing but looking is done with it
 * @throws Problem: wrong usage, or exit 10 where there is no such backup
 */
export function findBackup({root, backups}: Place, given: string, alsoSafety = false): string {
  const id = checkBackupId(given);
  const missing = (why: string, near = ''): never => {
    throw new Problem(
      exitCode.notFound,
      `No backup "${escapeText(id)}" in ${escapeText(backups)}: ${why}.${escapeText(near)} "magds backup list" shows what is there.`,
    );
  };
  try {
    const directory = directoryOf(backups, heldDirectory(root), id);
    if (!alsoSafety && isSafetyAt(root, directory))
      missing('it is a safety backup; magds restore --undo=SESSION brings back what it holds');
    const stats = fs.lstatSync(directory, {throwIfNoEntry: false});
    if (!stats && id === latest) return missing('show, diff and verify take that, here give its id');
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

/**
 * As `findBackup`, of a command that takes `latest` too.
 * @throws Problem: wrong usage, or exit 10 where there is no such backup
 */
export function findLatestOr(place: Place, given: string): string {
  if (given !== latest) return findBackup(place, given, true);
  const {ids} = listBackups(place.backups, heldDirectory(place.root));
  // What somebody has called `keep` sorts before all that will ever be made.
  const newest = ids.find((each) => backupTime(each) !== null) ?? ids[0];
  if (newest !== undefined) return newest;
  throw new Problem(exitCode.notFound, `There are no backups in ${escapeText(place.backups)}.`);
}

/** What names the newest backup that is verified, for a drill that runs from a timer. */
export const latestVerified = 'latest-verified';

/**
 * The newest backup that is verified, unchanged since, whole, and not known to be broken inside; where none is whole the
 * newest of the others. What it lacks is said.
 * @param before milliseconds since the epoch; null for now
 * @throws Problem (exit 10) where there is none
 */
export function findLatestVerified(place: Place, before: number | null, configured: string[] | null): string {
  const {listing, rows} = readRows(place);
  const suggestion = suggest({ids: listing.ids, rows}, before ?? Date.now());
  if (suggestion.state === 'suggested') {
    const row = rows.get(suggestion.id);
    const beware = row ? whyBeware(row, configured) : null;
    if (beware !== null) say(`! ${escapeText(`${suggestion.id} ${beware}`)}.`);
    return suggestion.id;
  }
  const when = before === null ? '' : ` from before ${writeTime(before)}`;
  const passed = suggestion.state === 'none' ? passedText(suggestion.passed) : null;
  const next =
    suggestion.state === 'none' && suggestion.next !== null ? ` --id=${suggestion.next}` : ' --all';
  throw new Problem(
    exitCode.notFound,
    `--id=${latestVerified}: no backup${when} is verified${passed === null ? '' : ` and sound (${escapeText(passed)})`}: magds backup verify${next}. Nothing was changed.`,
  );
}
