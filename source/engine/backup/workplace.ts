import fs from 'node:fs';
import path from 'node:path';
import {owns} from '../owner.ts';
import {describeError, errorCode, exitCode, Problem} from '../problem.ts';
import {removeTree} from '../remove-tree.ts';
import {Directory} from '../runbook/directory.ts';
import {buildingName, forgetUnfinished, noteUnfinished} from '../runbook/unfinished.ts';

/**
 * The backups directory, opened for writing, made if need be with the owner, group and mode of the one it lies in.
 * @throws Problem that says what is wrong with it
 */
export function openBackups(root: string, backups: string): Directory {
  try {
    // Links on the way are the administrator's; what is opened is what they lead to now.
    if (!fs.existsSync(backups)) {
      // A disk that is not mounted would else be backed up to where it should be.
      if (!backups.startsWith(`${root}/`))
        throw new Problem(
          exitCode.failed,
          `${backups} does not exist: mount it, or make it. Nothing was changed.`,
        );
      const parent = Directory.open(fs.realpathSync(path.dirname(backups)), path.dirname(backups));
      try {
        parent.make(path.basename(backups)).close();
      } finally {
        parent.close();
      }
    }
    const directory = Directory.open(fs.realpathSync(backups), backups);
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
      `${backups} cannot be written to: ${describeError(error)}. Run as its owner, or as root. Nothing was changed.`,
    );
  }
}

/**
 * Whether a rename can take something from one directory to the other: not across file systems, nor across mounts. The
 * kernel finds that out before it looks for what is to be renamed, so something that is not there will do.
 */
export function canRename(from: Directory, to: Directory): boolean {
  const nothing = `.magds-${process.pid}-nothing`;
  try {
    fs.renameSync(`${from.path}/${nothing}`, `${to.path}/${nothing}`);
  } catch (error) {
    if (errorCode(error) === 'EXDEV') return false;
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return true;
}

/** Whether a name is taken in a directory. */
const isTaken = (directory: Directory, name: string): boolean =>
  fs.lstatSync(`${directory.path}/${name}`, {throwIfNoEntry: false}) !== undefined;

/**
 * Where a backup is built: out of PHP's sight, and renamed into the catalog when it is whole. Where the backups lie on
 * another file system, under its own id, with the manifest last (DESIGN.md, "Backup and retention").
 */
export class Workplace {
  readonly #state: Directory;
  readonly #backups: Directory;
  readonly #parent: Directory;
  readonly directory: Directory;
  readonly #id: string;
  /** It is built in the catalog itself. */
  readonly inPlace: boolean;

  constructor(state: Directory, backups: Directory, id: string) {
    this.#state = state;
    this.#backups = backups;
    this.#id = id;
    const building = state.make(buildingName);
    this.inPlace = !canRename(building, backups);
    if (this.inPlace) building.close();
    this.#parent = this.inPlace ? backups : building;
    try {
      fs.mkdirSync(`${this.#parent.path}/${id}`, {mode: 0o700});
      if (this.inPlace) noteUnfinished(state, backups, id);
      const directory = this.#parent.find(id);
      if (!directory) throw new Error(`${this.#parent.name}/${id} vanished as soon as it was made`);
      this.directory = directory;
    } catch (error) {
      if (!this.inPlace) building.close();
      throw error;
    }
  }

  /** A file of the backup itself, durable, with the owner, group and mode that all of it gets. */
  writeFile(name: string, text: string): void {
    const owner = this.#backups.stats;
    this.directory.write(name, text, owner, owner.mode & 0o666);
  }

  /** Gives each directory of the backup to whom the backups directory belongs, and makes its entries durable. */
  settleDirectories(directories: string[][]): void {
    const owner = this.#backups.stats;
    for (const segments of directories) {
      const directory = this.directory.enter(segments);
      try {
        owns(directory.fd, owner, (owner.mode & 0o7777) | 0o700);
        fs.fsyncSync(directory.fd);
      } finally {
        if (directory !== this.directory) directory.close();
      }
    }
  }

  /**
   * Makes the backup appear under an id, whole. False where that id was taken meanwhile: then nothing has happened.
   * @param finish writes what has to be written last, before it can be seen (where it is built in place: after)
   */
  publish(id: string, finish: () => void): boolean {
    const taken = id !== this.#id || !this.inPlace ? isTaken(this.#backups, id) : false;
    if (taken) return false;
    finish();
    this.settleDirectories([[]]);
    if (this.inPlace) {
      this.#backups.sync();
      forgetUnfinished(this.#state);
      return true;
    }
    try {
      fs.renameSync(`${this.#parent.path}/${this.#id}`, `${this.#backups.path}/${id}`);
    } catch (error) {
      if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false;
      throw error;
    }
    this.#backups.sync();
    this.#parent.sync();
    return true;
  }

  /** Removes what has not been published. */
  discard(): void {
    removeTree(this.#parent.path, this.#id);
    if (this.inPlace) forgetUnfinished(this.#state);
  }

  close(): void {
    this.directory.close();
    if (!this.inPlace) this.#parent.close();
  }
}
