import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export function write(root: string, name: string, content: string | Uint8Array): void {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), {recursive: true});
  fs.writeFileSync(file, content);
}

/** JSON of about `entries` × 60 bytes; the revision is said in it. */
export function tenants(entries: number, revision: number): string {
  const list = Array.from({length: entries}, (_, index) => ({
    id: index + 1,
    name: `tenant-${index + 1}`,
    plan: ['free', 'team', 'enterprise'][index % 3],
  }));
  return `${JSON.stringify({revision, tenants: list}, null, 2)}\n`;
}

/** Bytes without a meaning. */
function noise(bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  let state = 0x9e3779b9;
  for (let offset = 0; offset + 4 <= data.length; offset += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data.writeUInt32LE(state, offset);
  }
  return data;
}

/** Bytes of the demonstration's large copy: enough for a progress bar to be seen. */
const archiveBytes = 320 * 1024 * 1024;

/** A sparse file, so that it costs neither time nor disk; returns its SHA-512 as hex. */
export function writeArchive(file: string): string {
  const block = Buffer.alloc(1024 * 1024);
  const hash = createHash('sha512');
  const fd = fs.openSync(file, 'wx');
  try {
    const head = noise(block.length);
    fs.writeSync(fd, head);
    fs.ftruncateSync(fd, archiveBytes);
    hash.update(head);
  } finally {
    fs.closeSync(fd);
  }
  for (let done = block.length; done < archiveBytes; done += block.length) hash.update(block);
  return hash.digest('hex');
}

export const hashOf = (algorithm: string, data: string | Uint8Array): string =>
  createHash(algorithm).update(data).digest('hex');

/** Gives everything below `directory` a time (seconds since the epoch), the directory itself last. */
export function setTimes(directory: string, time: number): void {
  for (const entry of fs.readdirSync(directory, {withFileTypes: true})) {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) setTimes(full, time);
    else fs.utimesSync(full, time, time);
  }
  fs.utimesSync(directory, time, time);
}
