import fs from 'node:fs';
import path from 'node:path';
import type {Directory} from '../base/directory.ts';
import {errorCode, exitCode, Problem, withAdvice} from '../base/problem.ts';
import {openPlace} from './runbook/way.ts';

const realOf = (directory: string): string | null => {
  try {
    return fs.realpathSync(directory);
  } catch {
    return null;
  }
};

/** @throws Problem where a new file would lie in the backups directory; where it cannot lie at all is for others to say */
export function checkNotAmong(backups: string, file: string): void {
  const [among, at] = [realOf(backups), realOf(path.dirname(file))];
  if (among !== null && at !== null && `${at}/`.startsWith(`${among}/`))
    throw new Problem(
      exitCode.failed,
      `${file} would lie among the backups, where PHP's retention counts and deletes: name another place. Nothing was written.`,
    );
}

/**
 * The backups directory, opened for writing, made if need be with the owner, group and mode of the one it lies in.
 * @throws Problem that says what is wrong with it
 */
export function openBackups(root: string, backups: string): Directory {
  try {
    if (!fs.existsSync(backups)) {
      // A disk that is not mounted would else be backed up to where it should be.
      if (!backups.startsWith(`${root}/`))
        throw new Problem(
          exitCode.failed,
          `${backups} does not exist: mount it, or make it. Nothing was changed.`,
        );
      using parent = openPlace(root, path.dirname(backups));
      parent.make(path.basename(backups)).close();
    }
    const directory = openPlace(root, backups);
    try {
      fs.accessSync(directory.path, fs.constants.W_OK | fs.constants.X_OK);
      return directory;
    } catch (error) {
      directory.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      exitCode.failed,
      `${backups} cannot be written to: ${withAdvice(error)}. Nothing was changed.`,
    );
  }
}

/**
 * Whether a rename can take something from one directory to the other: not across file systems, nor across mounts. The
 * kernel finds that out before it looks for what is to be renamed, so something that is not there will do.
 * @throws Problem where that cannot be told
 */
export function canRename(from: Directory, to: Directory): boolean {
  const nothing = `.magds-${process.pid}-nothing`;
  try {
    fs.renameSync(`${from.path}/${nothing}`, `${to.path}/${nothing}`);
  } catch (error) {
    if (errorCode(error) === 'EXDEV') return false;
    if (errorCode(error) !== 'ENOENT')
      throw new Problem(
        exitCode.failed,
        `Nothing can be moved from ${from.name} to ${to.name}: ${withAdvice(error)}. Nothing was changed.`,
      );
  }
  return true;
}
