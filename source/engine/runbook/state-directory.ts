import fs, {constants, type Stats} from 'node:fs';
import path from 'node:path';
import {readSmallFile} from '../files.ts';
import {hasProc} from '../open-inside.ts';
import {owns, userNameOf} from '../owner.ts';
import {describeError, errorCode, exitCode, Problem} from '../problem.ts';
import {syncDirectory} from '../replace-file.ts';

/** Where our own state of a root lies; never in the backups directory, where PHP would count it (FORMAT.md). */
export const stateName = 'storage/runbook';

/** What the layout of that directory is called; another one belongs to another version of this program. */
const stateVersion = '1';

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * An open directory: what is done through `path` is done in this very directory, whatever is put in its place
 * meanwhile (RESTORE.md, "Where a restore may write").
 */
export class Directory {
  readonly fd: number;
  /** For system calls. */
  readonly path: string;
  /** For the operator. */
  readonly name: string;

  constructor(fd: number, name: string) {
    this.fd = fd;
    this.name = name;
    this.path = hasProc ? `/proc/self/fd/${fd}` : name;
  }

  static open(directory: string, name = directory): Directory {
    return new Directory(fs.openSync(directory, directoryFlags), name);
  }

  get stats(): Stats {
    return fs.fstatSync(this.fd);
  }

  /** An existing directory in this one, not through a link; null where there is none. */
  find(name: string): Directory | null {
    try {
      return Directory.open(`${this.path}/${name}`, `${this.name}/${name}`);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT') return null;
      if (code === 'ELOOP' || code === 'ENOTDIR')
        throw new Problem(
          exitCode.failed,
          `${this.name}/${name} is a link or a file, where a directory belongs: move it away. Nothing was changed.`,
        );
      throw error;
    }
  }

  /** The directory with this name in this one, made with this one's owner, group and mode if need be. */
  make(name: string): Directory {
    const found = this.find(name);
    if (found) return found;
    fs.mkdirSync(`${this.path}/${name}`, 0o700);
    const made = this.find(name);
    if (!made) throw new Error(`${this.name}/${name} vanished as soon as it was made`);
    owns(made.fd, this.stats, this.stats.mode & 0o7777);
    syncDirectory(this.path);
    return made;
  }

  /**
   * The directory at the end of these steps, each made if need be, private for as long as nobody gives it away.
   * @returns this one where there are no steps; else one to be closed by the caller
   */
  enter(steps: string[]): Directory {
    let current: Directory = this;
    for (const name of steps) {
      try {
        fs.mkdirSync(`${current.path}/${name}`, {mode: 0o700});
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const next = current.find(name);
      if (current !== this) current.close();
      if (!next) throw new Error(`${this.name}/${steps.join('/')} vanished as soon as it was made`);
      current = next;
    }
    return current;
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}

function explain(error: unknown, directory: string, owner: Stats | undefined): never {
  const denied = errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM';
  const advice = denied && owner ? ` Run as ${userNameOf(owner.uid)}, to whom it belongs, or as root.` : '';
  throw new Problem(exitCode.failed, `${directory}: ${describeError(error)}.${advice} Nothing was changed.`);
}

/** `storage/` may be a link (deploy layouts): resolved once. What lies in it is never reached through a link. */
function storageOf(root: string): string {
  try {
    return fs.realpathSync(`${root}/storage`);
  } catch (error) {
    return explain(error, `${root}/storage`, undefined);
  }
}

/** The state directory if there is one; nothing is made. */
export function findState(root: string): Directory | null {
  try {
    return Directory.open(path.join(storageOf(root), 'runbook'), `${root}/${stateName}`);
  } catch {
    // Looking does not need it; whoever writes gets the reason from `openState`.
    return null;
  }
}

/**
 * The state directory for writing, made if need be, with the owner and group of `storage/`.
 * @throws Problem where it may not be made or written, is a link, or was made by another version
 */
export function openState(root: string): Directory {
  const name = `${root}/${stateName}`;
  const storage = Directory.open(storageOf(root), `${root}/storage`);
  const owner = storage.stats;
  try {
    const found = storage.find('runbook');
    const state = found ?? makeState(storage, owner);
    try {
      fs.accessSync(state.path, constants.W_OK);
      checkVersion(state);
    } catch (error) {
      const {stats} = state;
      state.close();
      if (error instanceof Problem) throw error;
      explain(error, name, stats);
    }
    return state;
  } catch (error) {
    if (error instanceof Problem) throw error;
    return explain(error, name, owner);
  } finally {
    storage.close();
  }
}

function makeState(storage: Directory, owner: Stats): Directory {
  const me = process.getuid?.() ?? 0;
  if (me !== 0 && me !== owner.uid) {
    const user = userNameOf(owner.uid);
    throw new Problem(
      exitCode.failed,
      `${storage.name} belongs to ${user}, and ${stateName} has to belong to the same: run this once as ${user} (sudo -u ${user} magds …) or as root. Nothing was changed.`,
    );
  }
  fs.mkdirSync(`${storage.path}/runbook`, 0o700);
  const state = storage.find('runbook');
  if (!state) throw new Error('it vanished as soon as it was made');
  // Not writable by others, whatever storage/ is: what lies in it is obeyed (RESTORE.md).
  owns(state.fd, owner, owner.mode & 0o7755);
  syncDirectory(storage.path);
  return state;
}

function checkVersion(state: Directory): void {
  const file = `${state.path}/version`;
  const read = readSmallFile(file, 100);
  if ('missing' in read) {
    const temporary = `${file}.${process.pid}`;
    // Numbers of processes repeat, in containers soon: one that was killed may have left it.
    fs.rmSync(temporary, {force: true});
    const fd = fs.openSync(temporary, 'wx', 0o600);
    try {
      fs.writeSync(fd, `${stateVersion}\n`);
      owns(fd, state.stats, state.stats.mode & 0o644);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
    syncDirectory(state.path);
    return;
  }
  const found = 'data' in read ? read.data.toString('latin1').trim() : read.reason;
  if (found === stateVersion) return;
  throw new Problem(
    exitCode.failed,
    `${state.name}/version says "${found.slice(0, 40)}", and this program knows "${stateVersion}": use the version of magds that wrote it. Nothing was changed.`,
  );
}
