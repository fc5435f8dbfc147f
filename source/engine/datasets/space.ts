import fs from 'node:fs';
import path from 'node:path';
import type {Directory} from '../base/directory.ts';
import {formatBytes} from '../base/format.ts';
import type {PlannedDataset} from './type.ts';

/** What a file system says of its room, in bytes; `free` is null where it does not say. */
type Room = {free: number | null; block: number};

/** Bytes that a dump of a database is taken to have: compressed, it has half of them, more often than not far fewer. */
export const dumpEstimate = (bytes: number): number => bytes / 2;

const usualBlock = 4096;
/** Network file systems say instead how much they like to send at once. */
const largestBlock = 64 * 1024;

/** Of the file system that a path lies on, or will lie on; null where that cannot be told. */
export function roomAt(directory: string): Room | null {
  for (let at = directory; ; at = path.dirname(at)) {
    try {
      // What is reserved for root may be so for another one than ours: not counted.
      const {blocks, bavail, bsize} = fs.statfsSync(at);
      // One in memory (ramfs), and some on the network, has no size: that says nothing of what is free.
      return {
        free: blocks === 0 ? null : bavail * bsize,
        block: bsize > 0 && bsize <= largestBlock ? bsize : usualBlock,
      };
    } catch {
      // It is about to be made: its parent's will do.
      if (at === path.dirname(at)) return null;
    }
  }
}

/** Bytes free for us where a path lies or will lie; null where that cannot be told. */
export const freeSpace = (directory: string): number | null => roomAt(directory)?.free ?? null;

/** Kept free beside what is counted: for a live file that grows meanwhile. */
const margin = 1024 * 1024;
/** Bytes of an entry of the manifest and a line of the checksums beside names and paths: keys, hash, owner, times. */
const entry = 500;

/**
 * Bytes that a backup will take on the disk: its copies, each in whole blocks, their directories, and roughly what is
 * said about them.
 * @param prefix the path of the backup, which stands before each copy's in the manifest
 */
export function neededSpace(datasets: PlannedDataset[], room: Room | null, prefix: string): number {
  const block = room?.block ?? usualBlock;
  const inBlocks = (bytes: number): number => Math.ceil(bytes / block) * block;
  let needed = margin;
  let said = 0;
  const directories = new Set<string>();
  for (const {dataset, files, copyAt} of datasets) {
    for (const {name, segments, below, allocated} of files) {
      const at = [...copyAt, ...below];
      directories.add(at.slice(0, -1).join('/'));
      needed += inBlocks(allocated);
      // The source's path, the copy's in the manifest, and the copy's in the checksums.
      said +=
        entry +
        name.length +
        dataset.source.length +
        segments.join('/').length +
        prefix.length +
        2 * at.join('/').length;
    }
  }
  return needed + inBlocks(said) + directories.size * block;
}

/** Bytes kept free beside a private copy. */
const keptFree = 16 * 1024 * 1024;

/** Bytes of a copy that may lie in memory, where temporary files do. */
const mostInMemory = 64 * 1024 * 1024;

/** What statfs calls a file system in memory (linux/magic.h, TMPFS_MAGIC and RAMFS_MAGIC). */
const inMemory = new Set([0x01021994, 0x858458f6]);

/** Why a copy of so many bytes does not go into a directory; null where it does. */
export function whyNoRoom(directory: Directory, bytes: number): string | null {
  const free = freeSpace(directory.path);
  if (bytes > mostInMemory && inMemory.has(fs.statfsSync(directory.path).type))
    return `${directory.name} is in memory`;
  if (free === null || free >= bytes + keptFree) return null;
  return `${formatBytes(bytes)} are needed, ${formatBytes(free)} are free in ${directory.name}`;
}
