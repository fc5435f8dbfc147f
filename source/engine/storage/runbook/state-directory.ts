import fs, {constants, type Stats} from 'node:fs';
import type {Directory} from '../../base/directory.ts';
import {readSmallFile} from '../../base/files.ts';
import {userNameOf} from '../../base/owner.ts';
import {
  describeError,
  errorCode,
  exitCode,
  isFull,
  Problem,
  reasonOf,
  withAdvice,
} from '../../base/problem.ts';
import {openStorage} from './way.ts';

/** Where our own state of a root lies; never in the backups directory, where PHP would count it (FORMAT.md). */
export const stateName = 'storage/runbook';

/** What the layout of that directory is called; another one belongs to another version of this program. */
const stateVersion = '1';

function explain(error: unknown, directory: string, owner: Stats | undefined): never {
  const isOwn = owner?.uid === process.geteuid?.();
  const denied = !isOwn && (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM');
  const absent = errorCode(error) === 'ENOENT' && !owner;
  const advice =
    denied && owner
      ? ` Run as ${userNameOf(owner.uid)}, to whom it belongs${owner.uid === 0 ? '' : ', or as root'}.`
      : absent
        ? ' Mount it, or make it, as the user whose service writes there.'
        : '';
  const why = isOwn ? withAdvice(error) : describeError(error);
  throw new Problem(exitCode.failed, `${directory}: ${why}.${advice} Nothing was changed.`);
}

function storageOf(root: string): Directory {
  try {
    return openStorage(root);
  } catch (error) {
    if (error instanceof Problem) throw error;
    return explain(error, `${root}/storage`, undefined);
  }
}

/** The state directory if there is one; nothing is made. */
export function findState(root: string): Directory | null {
  try {
    using storage = openStorage(root);
    return storage.find('runbook');
  } catch {
    // Looking does not need it; a writer gets the reason from `openState`.
    return null;
  }
}

/** Looks into it, and closes it again: what is found is there at once. */
export function inState<Found>(root: string | null, look: (state: Directory | null) => Found): Found {
  using state = root === null ? null : findState(root);
  return look(state);
}

/**
 * Looking is refused too where another version keeps it in another way: what it holds would be read wrongly.
 * @throws Problem that says so
 */
export function checkKnownState(root: string): void {
  inState(root, (state) => state && checkVersion(state, false));
}

/** What waits for there to be a state directory, by root. */
const waiting = new Map<string, (state: Directory) => void>();

/** Has this done as soon as this process opens the root's state for writing; once. */
export const onceOpened = (root: string, keep: (state: Directory) => void): unknown =>
  waiting.set(root, keep);

function keepWaiting(root: string, state: Directory): void {
  try {
    waiting.get(root)?.(state);
    waiting.delete(root);
  } catch {
    // What can be found again holds no writer up: the next one keeps it.
  }
}

/**
 * The state directory for writing, made if need be, with the owner and group of `storage/`.
 * @throws Problem where it may not be made or written, is a link, or was made by another version
 */
export const openState = (root: string): Directory => open(root, true) as Directory;

/** Why there is no working in the state directory; null where there is, or it could be made. Nothing is changed. */
export function whyNoState(root: string): string | null {
  try {
    open(root, false)?.close();
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** @param change false makes nothing: null then says that it is not there, and could be made */
function open(root: string, change: boolean): Directory | null {
  const name = `${root}/${stateName}`;
  using storage = storageOf(root);
  const owner = storage.stats;
  try {
    const found = storage.find('runbook');
    if (!found && !change) {
      checkMayMake(storage.name, owner);
      fs.accessSync(storage.path, constants.W_OK);
      return null;
    }
    const state = found ?? makeState(storage, owner);
    try {
      fs.accessSync(state.path, constants.W_OK);
      checkVersion(state, change);
      if (change) keepWaiting(root, state);
    } catch (error) {
      const {stats} = state;
      const isReplaced = change && !found && !state.isAt(storage, 'runbook');
      state.close();
      // Another one has made it in the same moment, and put his in the place of this one, empty as it was.
      if (isReplaced) return open(root, change);
      if (error instanceof Problem) throw error;
      explain(error, name, stats);
    }
    return state;
  } catch (error) {
    if (error instanceof Problem) throw error;
    return explain(error, name, owner);
  }
}

/** @throws Problem where another user has to make it */
function checkMayMake(storage: string, owner: Stats): void {
  const me = process.getuid?.() ?? 0;
  if (me !== 0 && me !== owner.uid) {
    const user = userNameOf(owner.uid);
    const way = owner.uid === 0 ? 'root' : `${user} (sudo -u ${user} magds …) or as root`;
    throw new Problem(
      exitCode.failed,
      `${storage} belongs to ${user}, and ${stateName} has to belong to the same: run this once as ${way}. Nothing was changed.`,
    );
  }
}

function makeState(storage: Directory, owner: Stats): Directory {
  checkMayMake(storage.name, owner);
  // Not writable by others, whatever storage/ is: what lies in it is obeyed (RESTORE.md).
  return storage.make('runbook', owner.mode & 0o7755);
}

function checkVersion(state: Directory, change: boolean): void {
  const file = `${state.path}/version`;
  const read = readSmallFile(file, 100);
  if ('missing' in read) {
    if (!change) return;
    try {
      state.write('version', `${stateVersion}\n`);
      state.sync();
    } catch (error) {
      // Pruning makes room; the next writer writes it then.
      if (!isFull(error)) throw error;
    }
    return;
  }
  if ('reason' in read)
    throw new Problem(
      exitCode.failed,
      `${state.name}/version ${read.reason}: move it away. Nothing was changed.`,
    );
  const found = read.data.toString('latin1').trim();
  if (found === stateVersion) return;
  throw new Problem(
    exitCode.failed,
    `${state.name}/version says "${found.slice(0, 40)}", and this program knows "${stateVersion}": use the version of magds that wrote it. Nothing was changed.`,
  );
}
