import {spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {afterAll, beforeEach, describe, expect, test, vi} from 'vitest';
import {placesOf} from '../../../source/engine/base/readers.ts';
import type {CopyJob, CopyResult} from '../../../source/engine/hashing/copy-files.ts';
import {createHasher} from '../../../source/engine/hashing/wasm-hasher.ts';
import {phpHash} from '../../support/backups.ts';
import {canMount, inNamespace, isRoot} from '../../support/faults.ts';
import {backup, phpFile} from '../../support/php-config.ts';
import {node, program} from '../../support/program.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

const block = 256 * 1024;
const mebibyte = 1024 * 1024;

let from: string;
let to: string;
let source: string;
let copy: string;
let copyFiles: typeof import('../../../source/engine/hashing/copy-files.ts').copyFiles;

beforeEach(async () => {
  // Which file systems cannot share blocks is remembered: each test asks anew.
  vi.resetModules();
  ({copyFiles} = await import('../../../source/engine/hashing/copy-files.ts'));
  from = temporaryDirectory();
  to = temporaryDirectory();
  source = path.join(from, 'source');
  copy = path.join(to, 'copy');
});

type Options = Partial<CopyJob> & {onProgress?: (bytes: number) => boolean};

async function copyMany({onProgress = () => true, ...job}: Options = {}): Promise<CopyResult[]> {
  const whole: CopyJob = {
    kind: 'copy',
    directory: from,
    segments: [],
    files: [{name: 'source', as: 'copy'}],
    to,
    algorithm: 'sha256',
    owner: {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o40755},
    sync: true,
    ahead: false,
    // Temporary directories are private ones.
    common: placesOf(from),
    ...job,
  };
  return copyFiles(whole, createHasher, onProgress);
}

const copyOne = async (options: Options = {}): Promise<CopyResult> =>
  (await copyMany(options))[0] as CopyResult;

/** A copy that is what its result says, and the hash of which is that of its bytes. */
function expectCopied(result: CopyResult): Extract<CopyResult, {status: 'copied'}> {
  if (result.status !== 'copied') throw new Error(`${result.status}: ${result.reason}`);
  const data = fs.readFileSync(copy);
  expect(result.bytes).toBe(data.length);
  expect(result.hash).toBe(phpHash('sha256', data));
  return result;
}

/** Content of which no two blocks are the same. */
const content = (length: number): Buffer => {
  const data = Buffer.alloc(length);
  for (let at = 0; at + 8 <= length; at += 8) data.writeDoubleLE(at, at);
  return data;
};

describe.each([false, true])('writing ahead: %s', (ahead) => {
  test.each([0, 1, block - 1, block, block + 1, mebibyte + 5, 3 * mebibyte])(
    'a file of %i bytes',
    async (length) => {
      const data = content(length);
      fs.writeFileSync(source, data);
      const seen: number[] = [];
      const result = await copyOne({ahead, onProgress: (bytes) => seen.push(bytes) > 0});
      expect(expectCopied(result)).toMatchObject({changed: false, hash: phpHash('sha256', data)});
      expect(fs.readFileSync(copy).equals(data)).toBe(true);
      expect(seen).toHaveLength(Math.ceil(length / block));
      expect(seen.at(-1) ?? 0).toBe(length);
    },
  );

  test('several files, their progress added up', async () => {
    const names = ['a', 'b', 'c'];
    for (const name of names) fs.writeFileSync(path.join(from, name), content(block + name.charCodeAt(0)));
    const seen: number[] = [];
    const results = await copyMany({
      ahead,
      files: names.map((name) => ({name, as: `copy of ${name}`})),
      onProgress: (bytes) => seen.push(bytes) > 0,
    });
    expect(results.map(({status}) => status)).toEqual(['copied', 'copied', 'copied']);
    expect(fs.readdirSync(to).sort()).toEqual(['copy of a', 'copy of b', 'copy of c']);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(3 * block + 97 + 98 + 99);
  });

  describe('while it is read', () => {
    const old = content(4 * block + 7);
    beforeEach(() => fs.writeFileSync(source, old));

    /** Does something once, behind the second block. */
    const once = (action: () => void) => {
      let done = false;
      return (bytes: number): boolean => {
        if (!done && bytes === 2 * block) {
          done = true;
          action();
        }
        return true;
      };
    };

    test('it is written to: it is read again', async () => {
      const data = Buffer.from(old);
      data.fill('new', 0, 10);
      const write = () => {
        const fd = fs.openSync(source, 'r+');
        fs.writeSync(fd, data, 0, 10, 0);
        fs.closeSync(fd);
      };
      const result = expectCopied(await copyOne({ahead, onProgress: once(write)}));
      expect(result.changed).toBe(false);
      expect(fs.readFileSync(copy).equals(data)).toBe(true);
    });

    test('it is written to behind what was read, with its times set back', async () => {
      const data = Buffer.from(old);
      data.fill('new', 0, 10);
      const write = () => {
        const {atime, mtime} = fs.statSync(source);
        const fd = fs.openSync(source, 'r+');
        fs.writeSync(fd, data, 0, 10, 0);
        fs.closeSync(fd);
        fs.utimesSync(source, atime, mtime);
      };
      expect(expectCopied(await copyOne({ahead, onProgress: once(write)})).changed).toBe(false);
      expect(fs.readFileSync(copy).equals(data)).toBe(true);
    });

    test('it grows: it is read again', async () => {
      const append = () => fs.appendFileSync(source, 'more');
      const result = expectCopied(await copyOne({ahead, onProgress: once(append)}));
      expect(result.changed).toBe(false);
      expect(fs.readFileSync(copy).equals(Buffer.concat([old, Buffer.from('more')]))).toBe(true);
    });

    test.each([0, 1, block, 3 * block])('it is cut off to %i bytes: it is read again', async (length) => {
      const cut = () => fs.truncateSync(source, length);
      const result = expectCopied(await copyOne({ahead, onProgress: once(cut)}));
      expect(result.changed).toBe(false);
      expect(fs.readFileSync(copy).equals(old.subarray(0, length))).toBe(true);
    });

    test('another file is put in its place: all of the one or all of the other', async () => {
      const other = randomBytes(3 * block);
      const replace = () => {
        fs.writeFileSync(`${source}.new`, other);
        fs.renameSync(`${source}.new`, source);
      };
      const result = expectCopied(await copyOne({ahead, onProgress: once(replace)}));
      expect(result.changed).toBe(false);
      const data = fs.readFileSync(copy);
      expect(data.equals(old) || data.equals(other)).toBe(true);
    });

    test('it changes each time: that is told', async () => {
      let times = 0;
      const result = expectCopied(
        await copyOne({
          ahead,
          onProgress: (bytes) => {
            if (bytes === block) fs.writeFileSync(source, content(3 * block + ++times));
            return true;
          },
        }),
      );
      expect(result.changed).toBe(true);
      expect(times).toBe(3);
    });

    test('it grows all the time: the end is not waited for', async () => {
      const grow = () => {
        fs.appendFileSync(source, 'x'.repeat(block));
        return true;
      };
      const result = expectCopied(await copyOne({ahead, onProgress: grow}));
      expect(result.changed).toBe(true);
    });

    test('it is cancelled: nothing is left, and those behind it are not begun', async () => {
      fs.writeFileSync(path.join(from, 'other'), 'x');
      const files = ['source', 'other'].map((name) => ({name, as: name}));
      const results = await copyMany({ahead, files, onProgress: (bytes) => bytes < 2 * block});
      expect(results).toEqual([
        {status: 'cancelled', reason: 'cancelled'},
        {status: 'cancelled', reason: 'cancelled'},
      ]);
      expect(fs.readdirSync(to)).toEqual([]);
    });
  });

  test('holes stay holes', async () => {
    const fd = fs.openSync(source, 'w');
    fs.writeSync(fd, 'first', 0);
    fs.writeSync(fd, 'last', 20 * mebibyte);
    fs.ftruncateSync(fd, 40 * mebibyte + 3);
    fs.closeSync(fd);
    expectCopied(await copyOne({ahead}));
    expect(fs.readFileSync(copy).equals(fs.readFileSync(source))).toBe(true);
    expect(fs.statSync(source).blocks * 512).toBeLessThan(mebibyte);
    expect(fs.statSync(copy).blocks * 512).toBeLessThanOrEqual(2 * block);
  });

  test('a file that is nothing but a hole', async () => {
    fs.writeFileSync(source, '');
    fs.truncateSync(source, 3 * mebibyte + 1);
    expectCopied(await copyOne({ahead}));
    expect(fs.statSync(copy)).toMatchObject({size: 3 * mebibyte + 1, blocks: 0});
  });
});

describe('attributes', () => {
  beforeEach(() => fs.writeFileSync(source, 'x'));

  test.each([
    [0o644, 0o755, 0o644],
    [0o664, 0o755, 0o644],
    [0o644, 0o750, 0o640],
    [0o600, 0o777, 0o600],
    [0o666, 0o700, 0o600],
    [0o6755, 0o2775, 0o644],
    [0o400, 0o755, 0o600],
  ])('mode %o, in a directory of mode %o', async (mode, directory, expected) => {
    fs.chmodSync(source, mode);
    const owner = {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o40000 | directory};
    const {attributes} = expectCopied(await copyOne({owner}));
    expect((fs.statSync(copy).mode & 0o7777).toString(8)).toBe(expected.toString(8));
    expect(attributes.mode).toBe(mode.toString(8).padStart(4, '0'));
  });

  const hasAcl = ['setfacl', 'getfattr'].every((tool) => spawnSync(tool, ['--version']).status === 0);

  test.skipIf(!hasAcl).each([
    ['g::---', 0o600],
    ['g::r--', 0o640],
    ['g::rw-', 0o640],
  ])("what the file's own group may, its access control list says: %s", async (own, expected) => {
    fs.chmodSync(source, 0o640);
    const {status} = spawnSync('setfacl', ['-m', `u:4321:r--,${own},m::r--`, source]);
    expect([status, fs.statSync(source).mode & 0o777]).toEqual([0, 0o640]);
    const owner = {uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o40755};
    const {attributes} = expectCopied(await copyOne({owner}));
    expect((fs.statSync(copy).mode & 0o777).toString(8)).toBe(expected.toString(8));
    expect(attributes.mode).toBe(expected.toString(8).padStart(4, '0'));
  });

  test.skipIf(!isRoot)(
    'owner and group of the directory, not of the source (only root may give)',
    async () => {
      fs.chownSync(source, 1001, 1002);
      const {attributes} = expectCopied(await copyOne({owner: {uid: 33, gid: 34, mode: 0o40755}}));
      expect(fs.statSync(copy)).toMatchObject({uid: 33, gid: 34});
      expect(attributes).toMatchObject({uid: 1001, gid: 1002});
    },
  );

  test('the time, to the microsecond', async () => {
    for (let time = 0; time < 100; time++) {
      const micros = 1_700_000_000_000_000n + BigInt(time) * 12_345_678_901_237n;
      const seconds = `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`;
      spawnSync('touch', ['-d', `@${seconds}`, source]);
      expect(fs.statSync(source, {bigint: true}).mtimeNs / 1000n).toBe(micros);
      fs.rmSync(copy, {force: true});
      const {attributes} = expectCopied(await copyOne());
      const copied = fs.statSync(copy, {bigint: true}).mtimeNs;
      expect(copied / 1000n).toBe(micros);
      const iso = new Date(Number(micros / 1000n)).toISOString().slice(0, 19);
      expect(attributes.mtime).toBe(`${iso}.${String(micros % 1_000_000n).padStart(6, '0')}000Z`);
    }
  });
});

describe('times that few files have', () => {
  // On a file system that holds any.
  const place = fs.existsSync('/dev/shm') ? fs.mkdtempSync('/dev/shm/magds-test-') : null;
  afterAll(() => place !== null && fs.rmSync(place, {recursive: true}));

  test.runIf(place !== null).each([
    ['-0.5', '1969-12-31T23:59:59.500000000Z'],
    ['-1', '1969-12-31T23:59:59.000000000Z'],
    ['-86400.000001', '1969-12-30T23:59:59.999999000Z'],
    ['-2000000000.25', '1906-08-16T20:26:39.750000000Z'],
    ['-99999999999.5', '-001199-02-15T14:13:20.500000000Z'],
    ['253402300800.5', '+010000-01-01T00:00:00.500000000Z'],
    ['9999999999999', '@9999999999999.000000000'],
    ['-9999999999999.5', '@-10000000000000.500000000'],
  ])('%s is recorded as %s, and the copy has it', async (seconds, recorded) => {
    const file = path.join(place as string, 'source');
    fs.writeFileSync(file, 'x');
    spawnSync('touch', ['-d', `@${seconds}`, file]);
    const as = path.join(place as string, 'copies');
    fs.mkdirSync(as, {recursive: true});
    fs.rmSync(path.join(as, 'copy'), {force: true});
    const result = await copyOne({directory: place as string, to: as});
    expect(result).toMatchObject({status: 'copied', attributes: {mtime: recorded}});
    const [there, here] = [file, path.join(as, 'copy')].map(
      (each) => fs.statSync(each, {bigint: true}).mtimeNs,
    );
    expect((here as bigint) / 1000n).toBe((there as bigint) / 1000n);
  });
});

describe('a source that cannot be copied', () => {
  const expectNothing = () => expect(fs.readdirSync(to)).toEqual([]);

  test('missing', async () => {
    expect(await copyOne()).toEqual({status: 'missing', reason: 'the source is missing'});
    expectNothing();
  });

  test('a link', async () => {
    fs.writeFileSync(path.join(from, 'real'), 'x');
    fs.symlinkSync('real', source);
    expect(await copyOne()).toMatchObject({status: 'unsafe', reason: expect.stringContaining('a link')});
    expectNothing();
  });

  test('a link on the way', async () => {
    fs.mkdirSync(path.join(from, 'real'));
    fs.writeFileSync(path.join(from, 'real/source'), 'x');
    fs.symlinkSync('real', path.join(from, 'link'));
    expect(await copyOne({segments: ['link']})).toMatchObject({status: 'unsafe'});
    expectNothing();
  });

  test('a pipe: it does not wait for the other end', async () => {
    makePipe(source);
    expect(await copyOne()).toEqual({
      status: 'unsafe',
      reason: 'the source is a pipe (FIFO), not a file',
    });
    expectNothing();
  });

  test('a directory', async () => {
    fs.mkdirSync(source);
    expect(await copyOne()).toEqual({status: 'unsafe', reason: 'the source is a directory, not a file'});
    expectNothing();
  });

  test('with an algorithm that is not supported', async () => {
    fs.writeFileSync(source, 'x');
    expect(await copyOne({algorithm: 'rot13'})).toEqual({
      status: 'unsupported',
      reason: 'the algorithm rot13 is not supported',
    });
    expectNothing();
  });

  test('does not keep the others from being copied', async () => {
    fs.writeFileSync(path.join(from, 'a'), 'x');
    fs.writeFileSync(path.join(from, 'c'), 'y');
    const files = ['a', 'b', 'c'].map((name) => ({name, as: name}));
    const results = await copyMany({files});
    expect(results.map(({status}) => status)).toEqual(['copied', 'missing', 'copied']);
    expect(fs.readdirSync(to).sort()).toEqual(['a', 'c']);
  });
});

describe('a target that cannot be written', () => {
  test.each([3, mebibyte])(
    'there is something already: it stays, and nothing behind it is begun (%i bytes)',
    async (length) => {
      fs.writeFileSync(path.join(from, 'source'), content(length));
      fs.writeFileSync(path.join(from, 'other'), 'new');
      fs.writeFileSync(copy, 'old');
      const files = [
        {name: 'source', as: 'copy'},
        {name: 'other', as: 'other'},
      ];
      const results = await copyMany({files});
      expect(results.map(({status}) => status)).toEqual(['failed', 'failed']);
      expect(fs.readdirSync(to)).toEqual(['copy']);
      expect(fs.readFileSync(copy).toString()).toBe('old');
    },
  );

  test('there is something already, and the source is missing: it stays', async () => {
    fs.writeFileSync(copy, 'old');
    expect(await copyOne()).toMatchObject({status: 'missing'});
    expect(fs.readFileSync(copy).toString()).toBe('old');
  });

  test.each([3, mebibyte])('a link lies there: it is not followed (%i bytes)', async (length) => {
    fs.writeFileSync(source, content(length));
    const elsewhere = path.join(temporaryDirectory(), 'elsewhere');
    fs.symlinkSync(elsewhere, copy);
    expect(await copyOne()).toMatchObject({status: 'failed'});
    expect(fs.existsSync(elsewhere)).toBe(false);
  });

  test('its directory is gone', async () => {
    fs.writeFileSync(source, 'new');
    fs.rmdirSync(to);
    expect(await copyOne()).toEqual({status: 'failed', reason: 'not there'});
    fs.mkdirSync(to);
  });
});

const hasXfs =
  canMount &&
  spawnSync('sh', ['-c', 'command -v mkfs.xfs && command -v losetup && grep -qw xfs /proc/filesystems'])
    .status === 0;

describe.skipIf(!hasXfs)('where the file system shares blocks (needs mkfs.xfs and loop devices)', () => {
  test('the copy takes no room, and stays what it was', {timeout: 60_000}, async () => {
    const place = temporaryDirectory();
    const root = path.join(place, 'mounted');
    const script = `truncate -s 400M "$1/image" && mkfs.xfs -q "$1/image" && mkdir "$1/mounted" &&
      mount -o loop "$1/image" "$1/mounted" && cp -r "$1/root/." "$1/mounted/"`;
    const used = `sync -f "$0"; df --output=used -k "$0" | tail -n 1`;
    const commands = `
      cd "$0"; before=$(${used}); "$1" "$2" backup run --root "$0"; after=$(${used})
      echo "took $((after - before))"
      printf changed | dd of=storage/data/archive.bin conv=notrunc status=none
      "$1" "$2" backup verify --all --root "$0"`;
    fs.mkdirSync(path.join(place, 'root/config/base'), {recursive: true});
    fs.mkdirSync(path.join(place, 'root/storage/backups'), {recursive: true});
    fs.mkdirSync(path.join(place, 'root/storage/data'));
    const datasets = [{name: 'archive', source: 'storage/data/archive.bin'}];
    fs.writeFileSync(path.join(place, 'root/config/base/magds.php'), phpFile(backup({datasets})));
    fs.writeFileSync(path.join(place, 'root/storage/data/archive.bin'), randomBytes(20 * mebibyte));
    const outcome = await inNamespace(script, [place], ['bash', '-c', commands, root, node, program]);
    expect(outcome).toMatchObject({code: 0, stderr: '', stdout: expect.stringContaining('1 passed')});
    expect(Number(/^took (-?\d+)$/m.exec(outcome.stdout)?.[1])).toBeLessThan(4 * 1024);
  });
});
