import fs, {constants} from 'node:fs';
import {closing} from '../base/files.ts';
import {hasProc, openInside} from '../base/open-inside.ts';
import {describeError} from '../base/problem.ts';
import {takeDatabase} from '../datasets/take-database.ts';
import type {FileAt} from './sides.ts';

/** Times that a live database is copied that is opened and closed meanwhile. */
const mostAttempts = 20;

const stampOf = ({size, mtimeMs, ino}: fs.Stats): string => `${ino} ${size} ${mtimeMs}`;

/**
 * A private copy of a database: of a live one with every committed row in it, and nothing written beside it.
 * @param target where the copy goes, in a directory of our own
 * @returns why there is none; null where there is
 */
export async function takeSide(
  {directory, segments}: FileAt,
  isLive: boolean,
  target: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (!isLive)
    return (await copyAsItLies({directory, segments}, target))
      ? null
      : 'it was written to while it was copied';
  for (let attempt = 1; attempt <= mostAttempts && !signal.aborted; attempt++) {
    const taken = await takeDatabase([directory, ...segments].join('/'), target, signal, () => {});
    if (taken.how === 'copied') return null;
    if (taken.how === 'cancelled') break;
    if (taken.how === 'failed' || taken.how === 'unwritable') return taken.reason;
    try {
      if (await copyAsItLies({directory, segments}, target)) return null;
    } finally {
      if (taken.how === 'locked') taken.release();
    }
    fs.rmSync(target, {force: true});
    if (taken.how === 'plain') await taken.untilOpen();
  }
  return signal.aborted ? 'cancelled' : 'it was written to each time that it was copied';
}

/** @returns false where it was written to meanwhile @throws Error with why it cannot be copied */
async function copyAsItLies({directory, segments}: FileAt, target: string): Promise<boolean> {
  const opened = openInside(directory, segments);
  if ('status' in opened) throw new Error(opened.reason);
  const {fd, stats} = opened;
  using _ = closing(fd);
  try {
    const from = hasProc ? `/proc/self/fd/${fd}` : [directory, ...segments].join('/');
    await fs.promises.copyFile(from, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    fs.chmodSync(target, 0o600);
    return stampOf(fs.fstatSync(fd)) === stampOf(stats);
  } catch (error) {
    throw new Error(`it cannot be copied: ${describeError(error)}`, {cause: error});
  }
}
