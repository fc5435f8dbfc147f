import {type SpawnSyncReturns, spawnSync} from 'node:child_process';
import fs, {constants} from 'node:fs';
import {createNativeHasher} from '../hashing/algorithms.ts';
import {copyBlocks} from '../hashing/copy-files.ts';
import {openFile, openInside} from '../open-inside.ts';
import {errorCode} from '../problem.ts';
import type {Directory} from '../runbook/directory.ts';
import type {JournalItem} from './journal.ts';
import {CancelledRestore, Stopped} from './stopped.ts';
import {type FileStamp, stampOf} from './target.ts';

type Old = Extract<JournalItem['old'], {kind: 'file'}>;

export type Staged = {
  stamp: FileStamp;
  /** What could not be carried over to it; null where all was. */
  beware: string | null;
};

/** What GNU cp is told apart by from others, which know no `--attributes-only`. */
const isOther = (stderr: string): boolean => /unrecognized option|invalid option|BusyBox/i.test(stderr);

/**
 * cp is given both files open, never by name: whoever may write to the directory could put a link in the place of what
 * is staged, and cp would hand what that leads to over to the live file's owner.
 */
function copyAttributes(from: number, to: number): SpawnSyncReturns<Buffer> {
  const args = ['--attributes-only', '--preserve=all', '-T', '/proc/self/fd/3', '/proc/self/fd/4'];
  return spawnSync('cp', args, {
    stdio: ['ignore', 'ignore', 'pipe', from, to],
    env: {...process.env, LC_ALL: 'C'},
  });
}

/** The live file, open, and still the one that is written over. */
function openOld(parent: Directory, name: string, {stamp}: Old, volatile: boolean): number {
  const opened = openFile(`${parent.path}/${name}`, 'it');
  if ('status' in opened) throw new Stopped(`${parent.name}/${name}: ${opened.reason}`);
  const {dev, ino} = stampOf(fs.fstatSync(opened.fd, {bigint: true}));
  if (volatile || (dev === stamp.dev && ino === stamp.ino)) return opened.fd;
  fs.closeSync(opened.fd);
  throw new Stopped(
    `${parent.name}/${name} was replaced meanwhile: stop the service that writes, then start again`,
  );
}

/**
 * Gives a staged file the attributes of the live one: what Node cannot carry, ACLs and extended attributes, through cp;
 * owner and mode after it, in this order, because a change of the owner clears set-id bits (RESTORE.md).
 * @throws Stopped where they cannot be kept
 */
function takeAttributes(
  parent: Directory,
  name: string,
  fd: number,
  old: Old,
  volatile: boolean,
): string | null {
  const from = openOld(parent, name, old, volatile);
  let copied: SpawnSyncReturns<Buffer>;
  try {
    copied = copyAttributes(from, fd);
  } finally {
    fs.closeSync(from);
  }
  const {status, stderr, error} = copied;
  const said = (error ? error.message : String(stderr ?? '')).trim();
  const unable = errorCode(error) === 'ENOENT' || (status !== 0 && isOther(said));
  if (status !== 0 && !unable)
    throw new Stopped(
      `${parent.name}/${name}: its attributes cannot be kept: ${said || `cp ended with ${status}`}`,
    );
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
  return unable ? 'ACLs and extended attributes were not carried over: there is no GNU cp here' : null;
}

/** A file that did not exist belongs to whom its directory belongs. */
function giveToDirectory(parent: Directory, fd: number, mode: number): void {
  const {uid, gid} = parent.stats;
  const mine = fs.fstatSync(fd);
  if (process.getuid?.() === 0 && (mine.uid !== uid || mine.gid !== gid)) fs.fchownSync(fd, uid, gid);
  fs.fchmodSync(fd, mode);
}

export type Staging = {
  item: JournalItem & {new: NonNullable<JournalItem['new']>};
  /** Where the backup lies. */
  backup: string;
  /** The directory that the target lies in. */
  parent: Directory;
  /** The file stays whoever's runs this: nobody gets to read by a drill what he could not. */
  drill: boolean;
  /** For an algorithm that OpenSSL lacks: hashes a file of the target's directory. */
  hashStaged(temporary: string): Promise<string>;
  /** Is given the bytes so far; returning false cancels. */
  onProgress: (bytes: number) => boolean;
};

/**
 * Copies a dataset beside its target and hashes it on the way: this pass is the verification, nothing can be swapped in
 * between. Durable before it returns.
 * @throws Stopped where the copy is not what was recorded; the system call's error where it cannot be written
 */
export async function stage({item, backup, parent, drill, hashStaged, onProgress}: Staging): Promise<Staged> {
  const {dataset, temporary, old} = item;
  const opened = openInside(backup, item.new.copy);
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
    const name = item.place.segments.at(-1) as string;
    const beware = old.kind === 'file' ? takeAttributes(parent, name, fd, old, item.volatile) : null;
    if (old.kind === 'absent' && !drill) giveToDirectory(parent, fd, item.new.mode);
    if (drill) fs.fchmodSync(fd, item.new.mode);
    // Restored now: whoever goes by times must see that it changed.
    const now = Date.now() / 1000;
    fs.futimesSync(fd, now, now);
    fs.fsyncSync(fd);
    return {stamp: stampOf(fs.fstatSync(fd, {bigint: true})), beware};
  } finally {
    fs.closeSync(opened.fd);
    if (fd !== undefined) fs.closeSync(fd);
  }
}
