import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {vi} from 'vitest';
import {execute} from './run.ts';
import {temporaryDirectory} from './temporary.ts';

export type FileSystem = {name: string; make: string[]; size: string; options: string};

/** No transaction of its own accord: what is on the disk is what was asked for. */
const rarely = 'commit=300';

export const fileSystems: FileSystem[] = [
  {name: 'ext4', make: ['mkfs.ext4', '-q'], size: '32M', options: rarely},
  {
    name: 'ext4 (noauto_da_alloc,data=writeback)',
    make: ['mkfs.ext4', '-q'],
    size: '32M',
    options: `${rarely},noauto_da_alloc,data=writeback`,
  },
  {name: 'XFS', make: ['mkfs.xfs', '-q'], size: '320M', options: 'nouuid'},
];

async function run(file: string, ...args: string[]): Promise<string> {
  const {code, stdout, stderr} = await execute(file, args);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** A file system in a file, mounted, whose power can be cut. */
export class Disk {
  readonly #image: string;
  readonly #options: string;
  /** Where it is mounted; nothing else lies there but what was put on it. */
  readonly root = temporaryDirectory();

  private constructor(image: string, options: string) {
    this.#image = image;
    this.#options = options;
  }

  static async from(image: string, {options}: FileSystem): Promise<Disk> {
    const own = path.join(temporaryDirectory(), 'image');
    await run('cp', '--sparse=always', image, own);
    const disk = new Disk(own, options);
    await disk.#mount(await disk.#device());
    return disk;
  }

  #device = async (): Promise<string> => (await run('losetup', '--find', '--show', this.#image)).trim();

  async #mount(device: string): Promise<void> {
    try {
      await run('mount', '-o', this.#options, device, this.root);
    } finally {
      // Once nobody uses it any more.
      await run('losetup', '--detach', device);
    }
  }

  /** What a process that was killed had started may hold it for a moment. */
  unmount = (): Promise<string> =>
    vi.waitFor(() => run('umount', this.root), {timeout: 20_000, interval: 20});

  /** What is only in memory is lost, in the journal of the file system too; and the device gets another number. */
  async cut(): Promise<void> {
    await run('xfs_io', '-x', '-c', 'shutdown', this.root);
    const next = await this.#device();
    await this.unmount();
    await this.#mount(next);
  }
}

/** An image of a file system that holds what a directory holds. */
export async function imageOf(directory: string, {make, size}: FileSystem): Promise<string> {
  const image = path.join(temporaryDirectory(), 'image');
  execFileSync('truncate', ['-s', size, image]);
  const [file = '', ...args] = make;
  await run(file, ...args, image);
  const at = temporaryDirectory();
  await run('mount', '-o', 'loop', image, at);
  try {
    await run('cp', '-a', `${directory}/.`, at);
    fs.rmSync(path.join(at, 'lost+found'), {recursive: true, force: true});
  } finally {
    await run('umount', at);
  }
  return image;
}

/** Why no power can be cut here; null where it can. */
export function whyNoCut({make, size, options}: FileSystem): string | null {
  const script = `set -e
    for each in ${make[0]} xfs_io losetup; do command -v $each > /dev/null || { echo "there is no $each"; exit 1; }; done
    truncate -s ${size} image; mkdir at; ${make.join(' ')} image; mount -o loop,${options} image at
    xfs_io -x -c shutdown at || failed=1; umount at; [ -z "$failed" ]`;
  const cwd = fs.mkdtempSync('/tmp/magds-test-disk-');
  try {
    const {status, stdout, stderr} = spawnSync('unshare', ['-m', 'bash', '-c', script], {
      cwd,
      encoding: 'utf8',
    });
    if (status === 0) return null;
    return (stdout || stderr || 'no mounts are allowed').trim().split('\n')[0] ?? '';
  } finally {
    fs.rmSync(cwd, {recursive: true, force: true});
  }
}
