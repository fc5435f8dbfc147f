import fs, {constants} from 'node:fs';
import os from 'node:os';
import {Directory} from '../base/directory.ts';
import {inodeOf} from '../base/files.ts';
import {whoMaySwap} from '../base/own-way.ts';
import {describeError} from '../base/problem.ts';
import {removeTree} from '../base/remove-tree.ts';
import {whyNoRoom} from '../datasets/space.ts';
import {checkingName, ownName, removeLeft} from '../storage/runbook/left.ts';
import {findState} from '../storage/runbook/state-directory.ts';

type Into = {path: string; inode: string};

const openReal = (directory: string): Directory => Directory.open(fs.realpathSync(directory));

/** A private directory for one copy, made when the first is needed; gone with `close`. */
export class PrivatePlace {
  readonly #root: string | null;
  readonly #readOnly: boolean;
  #made: {parent: Directory; name: string; into: Into} | null = null;

  /** @param root whose own state is the first choice: mostly on the disk of the backups, which may share blocks */
  constructor(root: string | null, readOnly: boolean) {
    this.#root = root;
    this.#readOnly = readOnly;
  }

  /** A directory with room for so many bytes, or why there is none. */
  prepare(bytes: number): Into | {reason: string} {
    if (this.#readOnly) return {reason: 'SQLite is asked on a private copy, and --read-only writes nothing'};
    this.close();
    const reasons: string[] = [];
    for (const candidate of [
      () => this.#inState(),
      () => openReal(os.tmpdir()),
      () => openReal('/var/tmp'),
    ]) {
      let parent: Directory | null = null;
      try {
        parent = candidate();
        if (!parent) continue;
        // SQLite opens its copy by name.
        const why = whoMaySwap(parent.real) ?? whyNoRoom(parent, bytes);
        removeLeft(parent);
        if (why === null) return this.#make(parent);
        reasons.push(why);
      } catch (error) {
        reasons.push(`${parent?.name ?? os.tmpdir()}: ${describeError(error)}`);
      }
      parent?.close();
    }
    return {reason: `there is no place for a private copy (${reasons.join('; ')})`};
  }

  /** Looking makes no state of ours: only where there is some. */
  #inState(): Directory | null {
    using state = this.#root === null ? null : findState(this.#root);
    if (!state) return null;
    fs.accessSync(state.path, constants.W_OK);
    const parent = state.make(checkingName);
    try {
      fs.accessSync(parent.path, constants.W_OK);
      return parent;
    } catch (error) {
      parent.close();
      throw error;
    }
  }

  #make(parent: Directory): Into {
    const made = fs.mkdtempSync(`${parent.path}/${ownName()}`);
    const name = made.slice(made.lastIndexOf('/') + 1);
    const into = {path: `${parent.name}/${name}`, inode: inodeOf(fs.lstatSync(made))};
    this.#made = {parent, name, into};
    return into;
  }

  /** Removes it with what is in it. @returns why it stays; null where nothing does */
  close(): string | null {
    if (!this.#made) return null;
    const {parent, name, into} = this.#made;
    this.#made = null;
    try {
      removeTree(parent.path, name);
      return null;
    } catch (error) {
      return `${into.path} stays (${describeError(error)}); the next check removes it`;
    } finally {
      parent.close();
    }
  }
}
