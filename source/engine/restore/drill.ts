import fs from 'node:fs';
import path from 'node:path';
import {isThere, seenAt} from '../base/files.ts';
import {userNameOf} from '../base/owner.ts';
import {describeError, errorCode, exitCode, Problem} from '../base/problem.ts';
import {storagePath} from '../storage/runbook/way.ts';

/** A path with the links of what is there resolved: a drill's directory may have to be made yet. */
export const realOf = (directory: string): string =>
  fs.existsSync(directory)
    ? fs.realpathSync(directory)
    : path.join(fs.realpathSync(path.dirname(directory)), path.basename(directory));

/**
 * Where a drill puts its files: an existing directory, or one to be made in one that exists; never one where PHP or a
 * service would find them. Nothing is written.
 * @param cwd what a relative path starts from
 * @param named how the operator knows it: `--into=/var/tmp/drill`
 * @returns its absolute path
 * @throws Problem (wrong usage) where it is no place for a drill
 */
export function drillDirectory(given: string, cwd: string, root: string, named: string): string {
  const into = path.resolve(cwd, given);
  const wrong = (why: string): never => {
    throw new Problem(exitCode.usage, `${named}${why} Nothing was changed.`);
  };
  try {
    const parent = path.dirname(into);
    if (!fs.existsSync(parent)) wrong(`: ${parent} is not there: make it first, or name another directory.`);
    const real = realOf(into);
    const project = fs.realpathSync(root);
    const storage = storagePath(root);
    if ([project, storage].some((each) => real === each || real.startsWith(`${each}/`)))
      wrong(' lies in the project: a drill goes to a directory of its own, such as /var/tmp/drill.');
    // Who may make the directory first, where everybody may, would choose where the files go, and replace them.
    const there = seenAt(into);
    const me = process.getuid?.() ?? 0;
    if (there?.isSymbolicLink()) wrong(' is a link: name the directory that it leads to.');
    if (there && !there.isDirectory()) wrong(' is not a directory.');
    if (there && there.uid !== 0 && there.uid !== me)
      wrong(
        ` belongs to ${userNameOf(there.uid)}, not to you or root: a drill goes to a directory of your own.`,
      );
    return into;
  } catch (error) {
    if (error instanceof Problem) throw error;
    return wrong(`: ${describeError(error)}.`);
  }
}

/** The same name, or that with a number, of which there is nothing yet: a drill replaces no file of an earlier one. */
export function freeDirectory(wanted: string): string {
  let into = wanted;
  for (let number = 2; isThere(into); number++) into = `${wanted}-${number}`;
  return into;
}

/**
 * Makes the directory of a drill that was agreed to, for nobody else to look into; one that is there stays as it is.
 * @returns whether it was made
 * @throws Problem where somebody else has made it meanwhile, or it cannot be made
 */
export function makeDrillDirectory(into: string, root: string): boolean {
  let isMade = true;
  try {
    fs.mkdirSync(into, {mode: 0o700});
  } catch (error) {
    if (errorCode(error) !== 'EEXIST')
      throw new Problem(
        exitCode.failed,
        `${into} cannot be made: ${describeError(error)}. Nothing was changed.`,
      );
    isMade = false;
  }
  drillDirectory(into, '/', root, into);
  return isMade;
}
