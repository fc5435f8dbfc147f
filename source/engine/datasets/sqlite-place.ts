import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {Directory} from '../base/directory.ts';
import {exactly, inodeOf, isThere, seenAt} from '../base/files.ts';
import {openDirectoryInside} from '../base/open-inside.ts';
import {isOurs, nearestOwn, whoMaySwap} from '../base/own-way.ts';
import {describeError, errorCode} from '../base/problem.ts';
import {removeTree} from '../base/remove-tree.ts';
import {ownName, removeLeft} from '../storage/runbook/left.ts';
import {TargetError} from './node-sqlite.ts';
import {whyNoRoom} from './space.ts';

/** The names that lead from `/` to a real path. */
export const stepsOf = (real: string): string[] => real.split('/').filter(Boolean);

/** A live database: what is done through `file` is done in the directory that was walked to, whatever is renamed. */
export class LiveDatabase {
  readonly #directory: Directory;
  /** For system calls. */
  readonly file: string;
  /** By its name. Only where nobody else could swap what that leads to may it be opened so. */
  readonly real: string;
  readonly isOurs: boolean;

  private constructor(directory: Directory, real: string) {
    this.#directory = directory;
    this.file = `${directory.path}/${path.basename(real)}`;
    this.real = real;
    this.isOurs = isOurs(path.dirname(real));
  }

  /** @returns null where there is no way to it without a link */
  static open(real: string): LiveDatabase | null {
    const directory = path.dirname(real);
    const opened = openDirectoryInside('/', stepsOf(directory), 'the source');
    return 'status' in opened ? null : new LiveDatabase(new Directory(opened.fd, directory), real);
  }

  /** Which directory it lies in. */
  get directory(): string {
    return inodeOf(this.#directory.stats);
  }

  /** Bytes of it and of what its last writers left beside it. */
  get bytes(): number {
    return ['', '-wal', '-journal'].reduce((sum, end) => sum + (seenAt(this.file + end)?.size ?? 0), 0);
  }

  close(): void {
    this.#directory.close();
  }
}

/** It was swapped, or is just being closed or opened: SQLite's "cannot open", which passes. */
class Moved extends Error {
  readonly errcode = 14;
}

/**
 * A private directory on a way that nobody else can change: SQLite opens files by their names, whatever it is given, and
 * would be led elsewhere in a directory of another user's.
 */
export class SqlitePlace {
  readonly #parent: Directory;
  readonly #path: string;
  /** The database in it, for SQLite: a link to the live one, or a copy. */
  readonly database: string;
  /** Where a copy that SQLite makes goes. */
  readonly copy: string;

  constructor(parent: Directory) {
    this.#parent = parent;
    this.#path = `${parent.name}/${path.basename(fs.mkdtempSync(`${parent.path}/${ownName()}`))}`;
    this.database = `${this.#path}/database`;
    this.copy = `${this.#path}/copy`;
  }

  /**
   * Gives the live files a second name in here: the very ones that are looked at then, their locks included.
   * @param ends of the names, '' for the database itself
   * @returns false where that cannot be: another file system, or another user's file
   */
  link({file}: LiveDatabase, ends: string[]): boolean {
    for (const end of ends) {
      try {
        fs.linkSync(file + end, this.database + end);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') throw new Moved(`${path.basename(file)}${end} is gone`);
        return false;
      }
      if (!fs.lstatSync(this.database + end).isFile())
        throw new Error(`${path.basename(file)}${end} is not a file`);
    }
    return true;
  }

  /** @throws Moved where the live names lead to other files by now than those in here */
  checkLinks({file}: LiveDatabase, ends: string[]): void {
    for (const end of ends) {
      const [one, other] = [file, this.database].map((each) => exactly(each + end));
      if (!one || !other || one.ino !== other.ino || one.dev !== other.dev)
        throw new Moved(`${path.basename(file)}${end} was replaced`);
    }
  }

  /** The journal too, where there is one: only seeing it SQLite tells whether its writer is still at work. */
  linkJournal(live: LiveDatabase): boolean {
    return isThere(`${live.file}-journal`) && this.link(live, ['-journal']);
  }

  close(): void {
    try {
      removeTree(this.#parent.path, path.basename(this.#path));
    } finally {
      this.#parent.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Gives a copy that SQLite made the name that it is to have, which nothing may have yet.
 * @throws TargetError
 */
export function moveCopy(from: string, target: string): void {
  try {
    try {
      fs.linkSync(from, target);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') throw error;
      // Another file system, or one without such links.
      const {COPYFILE_EXCL, COPYFILE_FICLONE} = fs.constants;
      fs.copyFileSync(from, target, COPYFILE_EXCL | COPYFILE_FICLONE);
    }
  } catch (error) {
    throw new TargetError(describeError(error));
  }
}

/**
 * A place with room for so many bytes: beside the copy where its way is ours, else among the temporary files, else above
 * the database, on its file system.
 * @param target the copy's path
 * @param use whether a place will do; by default any
 * @returns null where none will do
 * @throws Error where there is none at all, with why
 */
export function makePlace(
  live: LiveDatabase,
  target: string,
  bytes: number,
  use: (place: SqlitePlace) => boolean = () => true,
): SqlitePlace | null {
  const reasons: string[] = [];
  let found = false;
  for (const where of [path.dirname(target), '/var/tmp', os.tmpdir(), nearestOwn(live.real)]) {
    if (where === null) continue;
    let parent: Directory | null = null;
    let place: SqlitePlace | null = null;
    try {
      const real = fs.realpathSync(where);
      parent = Directory.open(real);
      // The run has counted what it takes beside the copy.
      const why = whoMaySwap(real) ?? (where === path.dirname(target) ? null : whyNoRoom(parent, bytes));
      if (why !== null) {
        reasons.push(why);
        continue;
      }
      if (where !== path.dirname(target)) removeLeft(parent);
      place = new SqlitePlace(parent);
      parent = null;
      found = true;
      if (use(place)) {
        const made = place;
        place = null;
        return made;
      }
    } catch (error) {
      if (error instanceof Moved) throw error;
      reasons.push(`${where}: ${describeError(error)}`);
    } finally {
      parent?.close();
      place?.close();
    }
  }
  if (found) return null;
  throw new Error(`there is no directory for SQLite that nobody else could swap (${reasons.join('; ')})`);
}
