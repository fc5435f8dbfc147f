import fs, {type Stats} from 'node:fs';
import {directoryFlags, seenAt} from './files.ts';
import {hasProc, type Walk} from './open-inside.ts';
import {owns} from './owner.ts';
import {errorCode, exitCode, Problem, withAdvice} from './problem.ts';
import {removeFile} from './remove-file.ts';
import {removeEmpty} from './remove-tree.ts';
import {writeWhole} from './write-all.ts';

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

  /** Its path as it is now, without links, as the kernel says: walking it by name could lead elsewhere meanwhile. */
  get real(): string {
    return hasProc ? fs.readlinkSync(this.path) : fs.realpathSync(this.path);
  }

  /**
   * Whether it may be the one that was just made: ours, and empty. A user who may write to the directory above could have
   * put another one there, to have it given away, or written to.
   */
  get isNew(): boolean {
    return this.stats.uid === (process.getuid?.() ?? 0) && fs.readdirSync(this.path).length === 0;
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
      throw new Problem(exitCode.failed, `${this.name}/${name} cannot be opened: ${withAdvice(error)}.`, {
        cause: error,
      });
    }
  }

  /**
   * The directory with this name in this one, made with this one's owner and group if need be. It has its name only once
   * it has them: a kill in between must not leave one that its owner cannot enter.
   * @throws Problem where it cannot be made
   */
  make(name: string, mode = this.stats.mode & 0o7777): Directory {
    const found = this.find(name);
    if (found) return found;
    const cannot = (error: unknown, what: string): never => {
      const message = `${this.name}/${name} ${what}: ${withAdvice(error)}. Nothing else was changed.`;
      throw new Problem(exitCode.failed, message, {cause: error});
    };
    try {
      this.#makeWhole(name, mode);
    } catch (error) {
      // Another process may have been faster.
      return this.find(name) ?? cannot(error, 'cannot be made');
    }
    try {
      this.sync();
    } catch (error) {
      cannot(error, 'was made, but may not survive a power cut');
    }
    return this.find(name) ?? cannot('it vanished as soon as it was made', 'cannot be opened');
  }

  #makeWhole(name: string, mode: number): void {
    const temporary = `${this.path}/.${name}.new`;
    // Of a writer that was killed: nothing is ever put into it.
    removeEmpty(temporary);
    fs.mkdirSync(temporary, 0o700);
    try {
      const made = Directory.open(temporary);
      try {
        if (!made.isNew) throw new Error('it was swapped as soon as it was made');
        owns(made.fd, this.stats, mode);
      } finally {
        made.close();
      }
      fs.renameSync(temporary, `${this.path}/${name}`);
    } catch (error) {
      removeEmpty(temporary);
      throw error;
    }
  }

  /** Whether it is what a name in another directory leads to now. */
  isAt(parent: Directory, name: string): boolean {
    const {dev, ino} = this.stats;
    const there = seenAt(`${parent.path}/${name}`);
    return there?.ino === ino && there.dev === dev;
  }

  /** A new directory in it, private, of the user who runs this. @throws where the name is taken, or it was swapped */
  makeNew(name: string): Directory {
    fs.mkdirSync(`${this.path}/${name}`, {mode: 0o700});
    const made = this.find(name);
    if (made?.isNew) return made;
    made?.close();
    throw new Error(`${this.name}/${name} was swapped as soon as it was made`);
  }

  /**
   * The directory at the end of these steps, each made if need be, private for as long as it is not given away.
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

  /**
   * The same for many directories that come in order: what one has in common with the one before is not walked again.
   * @param walk of this directory alone
   * @returns one to be closed by the caller, in any case
   */
  enterAlong(steps: string[], walk: Walk): Directory {
    const base = `${this.path}/.`;
    let depth = steps.length;
    let reached = walk.to(base, steps);
    while ('status' in reached && reached.status === 'missing' && depth > 0)
      reached = walk.to(base, steps.slice(0, --depth));
    for (; !('status' in reached) && depth < steps.length; depth++) {
      fs.mkdirSync(`${reached.path}/${steps[depth]}`, {mode: 0o700});
      reached = walk.to(base, steps.slice(0, depth + 1));
    }
    const name = [this.name, ...steps].join('/');
    if (!('status' in reached)) return Directory.open(`${reached.path}/.`, name);
    // What is in the way is told by what walks step by step.
    const entered = this.enter(steps);
    return entered === this ? Directory.open(base, name) : entered;
  }

  /**
   * A file in it, replaced whole, its bytes on the disk; that it has this name is so after `sync`.
   * @param owner and mode: to whom it belongs; by default to whom the directory belongs
   */
  write(
    name: string,
    data: string | Uint8Array,
    owner: Pick<Stats, 'uid' | 'gid'> = this.stats,
    mode = this.stats.mode & 0o644,
  ): void {
    const temporary = `${this.path}/.${name}.new`;
    // Of a writer that was killed.
    removeFile(temporary);
    writeWhole(temporary, data, (fd) => owns(fd, owner, mode | 0o600));
    try {
      fs.renameSync(temporary, `${this.path}/${name}`);
    } catch (error) {
      removeFile(temporary);
      throw error;
    }
  }

  /** That its entries are what they are now is on the disk. */
  sync(): void {
    fs.fsyncSync(this.fd);
  }

  close(): void {
    fs.closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
