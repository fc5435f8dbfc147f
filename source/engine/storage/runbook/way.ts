import fs, {type Stats} from 'node:fs';
import path from 'node:path';
import {Directory} from '../../base/directory.ts';
import {directoryFlags, seenAt} from '../../base/files.ts';
import {hasProc} from '../../base/open-inside.ts';
import {userNameOf} from '../../base/owner.ts';
import {describeError, exitCode, Problem} from '../../base/problem.ts';
import {sleep} from '../../base/sleep.ts';

/** Links on one way, as many as the kernel follows. */
const mostLinks = 40;
/** Milliseconds in which the kernel's clock for changes may stand still. */
const tick = 20;

const remedy = 'If it belongs there, "chown -h root" makes it root\'s.';

class ForeignLink extends Problem {
  /** For who only looks, which works all the same. */
  readonly beware: string;

  constructor(shown: string, owner: string) {
    const link = `${shown} is a link of ${owner}'s`;
    super(
      exitCode.failed,
      `${link}, and is not followed: only one of root's or yours is. ${remedy} Nothing was changed.`,
    );
    this.beware = `${link}: what is shown may be another project's, and nothing is written there. ${remedy}`;
  }
}

/** Whose links are followed: root's and those of the user who runs this, also behind the project's directory's own. */
const isTrusted = ({uid}: Stats, project: Stats | null): boolean => {
  const me = process.getuid?.() ?? 0;
  // Who deploys leads the service's user, who runs his code anyway; only root leads root.
  return uid === 0 || uid === me || (me !== 0 && uid === project?.uid);
};

/**
 * Where a link leads; null where there is none.
 * @param shown as the operator knows it
 * @throws Problem where it belongs to another user
 */
function follow(link: string, shown: string, project: Stats | null): string | null {
  for (let tries = 0; tries < 50; tries++) {
    const stats = fs.lstatSync(link);
    if (!stats.isSymbolicLink()) return null;
    if (!isTrusted(stats, project)) throw new ForeignLink(shown, userNameOf(stats.uid));
    const target = fs.readlinkSync(link);
    const now = seenAt(link);
    const isSame = now?.ino === stats.ino && now.dev === stats.dev && now.ctimeMs === stats.ctimeMs;
    // What was read is the link that was looked at: exchanging it would have changed it, unless within one tick.
    if (isSame && Math.abs(Date.now() - stats.ctimeMs) > tick) return target;
    sleep(tick);
  }
  throw new Problem(exitCode.failed, `${shown} keeps being replaced. Nothing was changed.`);
}

/**
 * A directory that was reached, the name of what is looked for in it, and whether a link was on the way, or that
 * itself.
 */
type Way = {directory: Directory; name: string; linked: boolean};

/**
 * Goes from one directory to another one step at a time, through what was opened before: swapping something meanwhile
 * leads nowhere. Links are followed where they belong to root, or to the user who runs this: a directory that another
 * user may write to must not lead root out of it (RESTORE.md, "Where a restore may write").
 * @param from a path whose links count, because the operator has named it
 * @param steps names below it, the last one that of what is looked for
 * @returns the directory that it lies in, to be closed; the last name may be that of nothing
 * @throws Problem that names another user's link; the system call's error
 */
function walk(from: string, steps: string[], name: string): Way {
  let fd = fs.openSync(fs.realpathSync(from), directoryFlags);
  let at = fs.realpathSync(from);
  const project = from === '/' ? null : fs.fstatSync(fd);
  const left = [...steps];
  let links = 0;
  const inside = (step: string): string => (hasProc ? `/proc/self/fd/${fd}/${step}` : path.join(at, step));
  const enter = (next: string, shown: string): void => {
    const opened = fs.openSync(next, directoryFlags);
    fs.closeSync(fd);
    fd = opened;
    at = shown;
  };
  try {
    for (;;) {
      const step = left.shift() ?? '.';
      const shown = path.join(at, step);
      const isLast = left.length === 0;
      const target = isLast && !seenAt(inside(step)) ? null : follow(inside(step), shown, project);
      if (target !== null) {
        if (++links > mostLinks) throw new Problem(exitCode.failed, `${shown}: links in a circle.`);
        left.unshift(...target.split('/').filter((each) => each !== '' && each !== '.'));
        if (target.startsWith('/')) enter('/', '/');
      } else if (isLast) {
        return {directory: new Directory(fd, name), name: step, linked: links > 0};
      } else enter(inside(step), shown);
    }
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** Names below a directory; null where a path is not below it. */
export function below(directory: string, file: string): string[] | null {
  const relative = path.relative(directory, file);
  if (relative === '' || relative === '..' || relative.startsWith('../') || path.isAbsolute(relative))
    return null;
  return relative.split(path.sep);
}

/**
 * The directory that a file or directory of a project lies in, wherever that is configured to be; the links of the
 * project's own directory count, as the operator has named it.
 * @param file absolute
 */
export function wayTo(root: string, file: string): Way {
  const inside = below(root, file) ?? below(fs.realpathSync(root), file);
  const name = path.dirname(file);
  return inside ? walk(root, inside, name) : walk('/', file.split('/').filter(Boolean), name);
}

/**
 * Opens a directory of a project, wherever it is configured to be.
 * @throws Problem that names another user's link on the way; the system call's error where it is not there
 */
export function openPlace(root: string, directory: string, name = directory): Directory {
  const way = wayTo(root, directory);
  using above = way.directory;
  return Directory.open(`${above.path}/${way.name}`, name);
}

/** `storage/` may be a link (deploy layouts): resolved once. What lies in it is never reached through a link. */
export const openStorage = (root: string): Directory => openPlace(root, `${root}/storage`);

/** The real path of `storage/`. */
export function storagePath(root: string): string {
  using storage = openStorage(root);
  return storage.real;
}

/** @throws Problem where another user's link leads to a directory. That it is not there is no matter. */
export function checkNotLed(root: string, directory: string): void {
  const why = whyLed(root, directory);
  if (why !== null) throw new Problem(exitCode.failed, why);
}

/**
 * Why a directory must not be worked in, because another user's link leads there; null where none does. That it is not
 * there is no matter.
 */
export function whyLed(root: string, directory: string): string | null {
  const error = findLed(root, directory);
  return error && describeError(error);
}

/** What a reader of a directory has to know of a link that leads there; null where there is nothing. */
export function bewareLed(root: string, directory: string): string | null {
  const error = findLed(root, directory);
  return error instanceof ForeignLink ? error.beware : null;
}

function findLed(root: string, directory: string): Problem | null {
  try {
    openPlace(root, directory).close();
    return null;
  } catch (error) {
    return error instanceof Problem ? error : null;
  }
}
