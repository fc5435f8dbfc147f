import fs from 'node:fs';
import path from 'node:path';
import {scratch} from './support.ts';

export const megabyte = 1024 * 1024;

export type Root = {root: string; clear(): void};

/** A root whose own configuration names these datasets. Made anew, the state of one run does not help the next. */
export function makeRoot(name: string, datasets: {name: string; source: string; type?: string}[]): Root {
  const root = scratch(name);
  fs.mkdirSync(path.join(root, 'storage/backups'), {recursive: true});
  fs.mkdirSync(path.join(root, 'storage/data'), {recursive: true});
  fs.mkdirSync(path.join(root, 'storage/runbook'), {recursive: true});
  const own = {version: 1, backup: {datasets, max_count: 100}};
  fs.writeFileSync(path.join(root, 'storage/runbook/config.json'), JSON.stringify(own));
  const backups = path.join(root, 'storage/backups');
  return {
    root,
    clear() {
      fs.rmSync(backups, {recursive: true, force: true});
      fs.mkdirSync(backups);
      // What the last one left to be written must not be paid for by the next.
      fs.rmSync(path.join(root, 'peer'), {recursive: true, force: true});
    },
  };
}

/** Bytes that neither compress nor repeat, the same each time. */
export function fill(file: string, size: number): void {
  const block = Buffer.alloc(megabyte);
  let state = size >>> 0 || 1;
  for (let at = 0; at < block.length; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    block.writeUInt32LE(state, at);
  }
  const fd = fs.openSync(file, 'w');
  for (let done = 0; done < size; done += block.length)
    fs.writeSync(fd, block, 0, Math.min(block.length, size - done));
  fs.closeSync(fd);
}
