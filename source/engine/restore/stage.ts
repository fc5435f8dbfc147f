import fs, {constants, type Stats} from 'node:fs';
import type {Directory} from '../base/directory.ts';
import {openExactly, openInside, type Walk} from '../base/open-inside.ts';
import {owns, ownsCopy} from '../base/owner.ts';
import {errorCode} from '../base/problem.ts';
import {passes, reads} from '../base/readers.ts';
import {createNativeHasher} from '../hashing/algorithms.ts';
import {copyBlocks} from '../hashing/copy-files.ts';
import type {JournalItem} from '../session/journal.ts';
import {CancelledRestore, Stopped} from '../session/stopped.ts';
import type {AttributePair} from './attributes.ts';
import {nameOf} from './place.ts';
import {type FileStamp, noNumber, sameStamp, stampOf} from './target.ts';

type Old = Extract<JournalItem['old'], {kind: 'file'}>;

/** The live file, open, and still the one that is written over. */
function openOld(parent: Directory, name: string, {stamp}: Old, volatile: boolean): number {
  const opened = openExactly(`${parent.path}/${name}`, 'it');
  if ('status' in opened) throw new Stopped(`${parent.name}/${name}: ${opened.reason}`);
  const now = stampOf(opened.stats, parent);
  const isIt = now.ino === noNumber ? sameStamp(now, stamp) : now.dev === stamp.dev && now.ino === stamp.ino;
  if (volatile || isIt) return opened.fd;
  fs.closeSync(opened.fd);
  throw new Stopped(
    `${parent.name}/${name} was replaced meanwhile: stop the service that writes, then start again`,
  );
}

/**
 * Owner and mode after the rest, in this order, because a change of the owner clears set-id bits (RESTORE.md).
 * @throws Stopped where they cannot be kept
 */
function takeOwner(parent: Directory, name: string, fd: number, old: Old): void {
  const {uid, gid} = fs.fstatSync(fd);
  if (uid !== old.uid || gid !== old.gid) {
    try {
      fs.fchownSync(fd, old.uid, old.gid);
    } catch (failure) {
      if (errorCode(failure) !== 'EPERM') throw failure;
      throw new Stopped(
        `${parent.name}/${name}: its owner or group cannot be kept by you: run as its owner, or as root`,
      );
    }
  }
  fs.fchmodSync(fd, old.mode);
}

/**
 * Whether who is to have the file could have read the copy, or had the source: in his directory he may have removed a
 * file that was not his, or put one of his own in its place, to be given what he could not read.
 */
const mayHave = ({uid, gid}: Owned, copy: Stats, sourceOwner: number | undefined): boolean =>
  // Only root can give it to somebody else than himself.
  process.getuid?.() !== 0 || uid === 0 || uid === sourceOwner || passes([reads(copy)], {uid, gid});

type Owned = Pick<Stats, 'uid' | 'gid'>;

/** Owner and mode that a file got which are not those that its place gives to it. */
export type Given = {uid: number; gid: number; mode: number};

export type Staging = {
  item: JournalItem & {new: NonNullable<JournalItem['new']>};
  /** Where the backup lies, and the way to its copies. */
  backup: string;
  walk: Walk;
  /** Whether it is to be on the disk by itself; else the caller syncs all. */
  sync: boolean;
  /** The directory that the target lies in. */
  parent: Directory;
  /** The file stays whoever's runs this: nobody gets to read by a drill what he could not. */
  drill: boolean;
  /** For an algorithm that OpenSSL lacks: hashes a file of the target's directory. */
  hashStaged(temporary: string): Promise<string>;
  /** Is given the bytes so far; returning false cancels. */
  onProgress: (bytes: number) => boolean;
};

/** A file that is copied beside its target, and hashed, but has not its attributes yet, and may not be durable. */
export class Half {
  readonly #staging: Staging;
  readonly #fd: number;
  /** The live file; null where there is none. */
  readonly #live: number | null;
  readonly #copy: Stats;
  /** It is for whom its place makes it; else it stays with whom the copy belongs to. */
  readonly #isFor: boolean;

  /** @throws Stopped where the live file is not the one that is written over */
  constructor(staging: Staging, fd: number, copy: Stats) {
    const {item, parent, drill} = staging;
    const {old, volatile} = item;
    this.#staging = staging;
    this.#fd = fd;
    this.#copy = copy;
    this.#live = old.kind === 'file' ? openOld(parent, nameOf(item), old, volatile) : null;
    this.#isFor = drill || mayHave(old.kind === 'file' ? old : parent.stats, copy, item.new.owner);
  }

  /** Null where there are no attributes that it should have. */
  get pair(): AttributePair | null {
    return this.#live === null || !this.#isFor ? null : {live: this.#live, staged: this.#fd};
  }

  get at(): string {
    return `${this.#staging.parent.name}/${nameOf(this.#staging.item)}`;
  }

  /** To be called once its attributes are copied: makes it durable, unless that is done for all. */
  finish(): {stamp: FileStamp; given?: Given} {
    const {item, parent, drill, sync} = this.#staging;
    const {
      old,
      new: {mode},
    } = item;
    const fd = this.#fd;
    if (!this.#isFor) {
      const copy = this.#copy;
      ownsCopy(fd, copy, {...copy, mode: old.kind === 'file' ? old.mode : mode}, []);
    } else if (old.kind === 'file') takeOwner(parent, nameOf(item), fd, old);
    else if (drill) fs.fchmodSync(fd, mode);
    else owns(fd, parent.stats, mode);
    // Restored now: whoever goes by times must see that it changed.
    const now = Date.now() / 1000;
    fs.futimesSync(fd, now, now);
    if (sync) fs.fsyncSync(fd);
    const stamp = stampOf(fs.fstatSync(fd, {bigint: true}), parent);
    if (this.#isFor) return {stamp};
    const {uid, gid, mode: its} = fs.fstatSync(fd);
    return {stamp, given: {uid, gid, mode: its & 0o7777}};
  }

  close(): void {
    fs.closeSync(this.#fd);
    if (this.#live !== null) fs.closeSync(this.#live);
    this.#staging.parent.close();
  }
}

/**
 * Copies a dataset beside its target and hashes it on the way: this pass is the verification, nothing can be swapped in
 * between.
 * @param staging whose parent is closed with what is returned
 * @throws Stopped where the copy is not what was recorded; the system call's error where it cannot be written
 */
export async function stage(staging: Staging): Promise<Half> {
  const {item, backup, walk, parent, hashStaged, onProgress} = staging;
  const {dataset, temporary} = item;
  const opened = openInside(backup, item.new.copy, walk);
  if ('status' in opened) throw new Stopped(`${dataset}: ${opened.reason}`);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let fd: number | undefined;
  try {
    fd = fs.openSync(`${parent.path}/${temporary}`, flags, 0o600);
    const native = await createNativeHasher(item.algorithm);
    const hasher = native ?? {update: () => {}, digest: () => ''};
    const {size, blocks} = opened.stats;
    const stream = {from: opened.fd, to: fd, size, sparse: blocks * 512 < size, hasher, ahead: false};
    const bytes = await copyBlocks(stream, onProgress);
    if (bytes === null) throw new CancelledRestore();
    const hash = native ? hasher.digest() : await hashStaged(temporary);
    if (bytes !== size || hash !== item.new.hash)
      throw new Stopped(`${dataset}: the copy is not what the manifest recorded`);
    return new Half(staging, fd, opened.stats);
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    throw error;
  } finally {
    fs.closeSync(opened.fd);
  }
}
