import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {phpDate} from '../source/engine/base/php-date.ts';
import {type PhpValue, phpJson} from '../source/engine/storage/manifest/php-json.ts';

const files = {
  kernel_state: 'storage/state/system.json',
  tenants: 'storage/data/tenants.json',
  ledger: 'storage/data/ledger.sqlite',
  media_index: 'storage/data/media/index.json',
};

const idOf = (time: number, label: string) =>
  `${new Date(time * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_')}_${label}`;

function writeManifest(directory: string, id: string, time: number, datasets: Map<string, PhpValue>): void {
  const metadata = new Map([
    ['label', 'nightly'],
    ['connection', 'magdsdb'],
  ]);
  const manifest = new Map<string, PhpValue>([
    ['id', id],
    ['created_at', phpDate(new Date(time * 1000))],
    ['datasets', datasets],
    ['metadata', metadata],
  ]);
  fs.writeFileSync(path.join(directory, 'manifest.json'), phpJson(manifest));
}

/** A root with `count` backups of four small datasets, one every 37 minutes. */
export function manyBackups(root: string, count: number, now: number): void {
  const backups = path.join(root, 'storage/backups');
  for (let index = 0; index < count; index++) {
    const time = now - 3600 - index * 37 * 60;
    const id = idOf(time, 'nightly');
    const directory = path.join(backups, id);
    fs.mkdirSync(path.join(directory, 'datasets'), {recursive: true});
    const datasets = new Map<string, PhpValue>();
    for (const [name, file] of Object.entries(files)) {
      const content = `${name} ${Math.floor(index / 3)}\n`;
      const copy = path.join(directory, 'datasets', path.basename(file));
      fs.writeFileSync(copy, content);
      datasets.set(
        name,
        new Map([
          ['algorithm', 'sha256'],
          ['hash', createHash('sha256').update(content).digest('hex')],
          ['source', path.join(root, file)],
          ['backup', copy],
        ]),
      );
    }
    writeManifest(directory, id, time, datasets);
  }
}

/** A root with one backup of `count` copies of `size` bytes each, of random content. @returns its id */
export function largeBackup(root: string, count: number, size: number, now: number): string {
  const id = idOf(now - 3600, 'large');
  const directory = path.join(root, 'storage/backups', id);
  fs.mkdirSync(path.join(directory, 'datasets'), {recursive: true});
  const datasets = new Map<string, PhpValue>();
  const block = Buffer.alloc(1024 * 1024);
  for (let index = 0; index < count; index++) {
    const copy = path.join(directory, 'datasets', `large${index}.bin`);
    const hash = createHash('sha256');
    const fd = fs.openSync(copy, 'wx');
    for (let done = 0; done < size; done += block.length) {
      for (let offset = 0; offset < block.length; offset += 4096)
        block.writeUInt32LE((Math.random() * 2 ** 32) >>> 0, offset);
      const part = block.subarray(0, Math.min(block.length, size - done));
      fs.writeSync(fd, part);
      hash.update(part);
    }
    fs.closeSync(fd);
    datasets.set(
      `large${index}`,
      new Map([
        ['algorithm', 'sha256'],
        ['hash', hash.digest('hex')],
        ['source', path.join(root, `storage/data/large${index}.bin`)],
        ['backup', copy],
      ]),
    );
  }
  writeManifest(directory, id, now - 3600, datasets);
  return id;
}
