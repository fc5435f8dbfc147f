import fs from 'node:fs';
import {isThere} from '../base/files.ts';
import 'node:path';
import type {Directory} from '../base/directory.ts';
import {Walk} from '../base/open-inside.ts';
import {owns} from '../base/owner.ts';
import {describeError, errorCode, withAdvice} from '../base/problem.ts';
import {removeEmpty} from '../base/remove-tree.ts';
import {canRename} from '../storage/backups-directory.ts';
import {
  beginBuilding,
  buildingName,
  forgetUnfinished,
  makeLocked,
  noteUnfinished,
  publishBuilt,
  removeBuilt,
} from '../storage/runbook/unfinished.ts';

/** Whether a name is taken in a directory. */
const isTaken = (directory: Directory, name: string): boolean => isThere(`${directory.path}/${name}`);

/** A backup that is there; and what keeps it from being sure to outlast a power cut, null where nothing does. */
export type Published = {unsure: string | null};

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
  #published = false;
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
      this.directory = this.inPlace ? this.#makeInPlace() : this.#make();
    } catch (error) {
      if (!this.inPlace) building.close();
      throw error;
    }
  }

  #make(): Directory {
    return this.inPlace ? makeLocked(this.#parent, this.#id) : beginBuilding(this.#parent, this.#id);
  }

  /** Noted before it is there: PHP counts it from then on, so whoever comes after a kill has to know of it. */
  #makeInPlace(): Directory {
    noteUnfinished(this.#state, this.#backups, this.#id, null);
    let directory: Directory | undefined;
    try {
      directory = this.#make();
      noteUnfinished(this.#state, this.#backups, this.#id, directory.stats);
      return directory;
    } catch (error) {
      directory?.close();
      this.#undo(error);
      throw error;
    }
  }

  /** Removes what was made a moment ago, unless somebody else did; where that fails it stays noted, for the next writer. */
  #undo(failure: unknown): void {
    try {
      if (errorCode(failure) !== 'EEXIST') removeEmpty(`${this.#backups.path}/${this.#id}`);
      forgetUnfinished(this.#state, this.#backups, this.#id);
    } catch {
      // What failed first is what is told.
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
    using walk = new Walk();
    for (const segments of directories) {
      using directory = this.directory.enterAlong(segments, walk);
      owns(directory.fd, owner, (owner.mode & 0o7777) | 0o700);
      fs.fsyncSync(directory.fd);
    }
  }

  /**
   * Makes the backup appear under an id, whole. Null where that id was taken meanwhile: then nothing has happened.
   * @param finish writes what has to be written last, the manifest at the end
   */
  publish(id: string, finish: () => void): Published | null {
    if (!this.inPlace && isTaken(this.#backups, id)) return null;
    finish();
    if (!this.inPlace) {
      this.settleDirectories([[]]);
      try {
        publishBuilt(this.directory, this.#parent, this.#id, this.#backups, id);
      } catch (error) {
        if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return null;
        throw error;
      }
    }
    if (this.inPlace) this.#checkNamed();
    this.#published = true;
    try {
      if (this.inPlace) this.settleDirectories([[]]);
      this.#backups.sync();
      if (!this.inPlace) this.#parent.sync();
    } catch (error) {
      // It is there, and not to be taken back: who has it is better off than who has not.
      // Where it stays noted, what a power cut leaves of it without a manifest is tidied up.
      return {unsure: describeError(error)};
    }
    if (this.inPlace) forgetUnfinished(this.#state, this.#backups, this.#id);
    return {unsure: null};
  }

  /** In the catalog somebody else may put something in its place. */
  #checkNamed(): void {
    if (this.directory.isAt(this.#parent, this.#id)) return;
    throw new Error(
      `${this.#parent.name}/${this.#id} was replaced by something else meanwhile: find out by whom`,
    );
  }

  /** Removes it all, unless it has been published. @returns why some of it stays; null where all is gone */
  discard(): string | null {
    if (this.#published) return null;
    try {
      removeBuilt(this.directory, this.#parent, this.#id);
    } catch (error) {
      return `what was written stays in ${this.#parent.name}/${this.#id} (${withAdvice(error)}); the next writing command tries to remove it`;
    }
    if (this.inPlace) forgetUnfinished(this.#state, this.#backups, this.#id);
    return null;
  }

  close(): void {
    this.directory.close();
    if (!this.inPlace) this.#parent.close();
  }
}
