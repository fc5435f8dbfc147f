import fs from 'node:fs';
import path from 'node:path';
import {beforeEach, describe, expect, test, vi} from 'vitest';
import {fileIdentity, hashFile, hashFiles} from '../../../source/engine/hashing/hash-file.ts';
import {createHasher} from '../../../source/engine/hashing/wasm-hasher.ts';
import {phpHash} from '../../support/backups.ts';
import {makePipe, temporaryDirectory} from '../../support/temporary.ts';

const mebibyte = 1024 * 1024;
let directory: string;
let copy: string;

beforeEach(() => {
  directory = temporaryDirectory();
  fs.mkdirSync(path.join(directory, 'datasets'));
  copy = path.join(directory, 'datasets/copy');
});

describe.each([true, false])('reading ahead: %s', (readAhead) => {
  const run = (onProgress: (bytes: number) => boolean = () => true, algorithm = 'sha256') =>
    hashFile({directory, segments: ['datasets', 'copy'], algorithm, readAhead}, createHasher, onProgress);

  describe('a file', () => {
    test.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte, 3 * mebibyte + 5])(
      'of %i bytes',
      async (length) => {
        const content = Buffer.alloc(length, 'a repeated text that fits no block, ');
        fs.writeFileSync(copy, content);
        const seen: number[] = [];
        const result = await run((bytes) => seen.push(bytes) > 0);
        expect(result).toEqual({
          status: 'read',
          hash: phpHash('sha256', content),
          bytes: length,
          mtimeMs: fs.statSync(copy).mtimeMs,
          identity: fileIdentity(fs.statSync(copy, {bigint: true})),
        });
        expect(seen.at(-1) ?? 0).toBe(length);
        expect(seen).toHaveLength(Math.ceil(length / (readAhead ? mebibyte : mebibyte / 4)));
      },
    );

    test('with an algorithm that is not supported', async () => {
      fs.writeFileSync(copy, 'x');
      expect(await run(undefined, 'rot13')).toEqual({
        status: 'unsupported',
        reason: 'the algorithm rot13 is not supported',
      });
    });
  });

  describe('while it is read', () => {
    beforeEach(() => {
      fs.writeFileSync(copy, '');
      fs.truncateSync(copy, 4 * mebibyte);
    });

    test('it shrinks', async () => {
      const result = await run(() => {
        fs.truncateSync(copy, mebibyte);
        return true;
      });
      expect(result).toMatchObject({
        status: 'unreadable',
        // One block more may have been on its way already.
        reason: expect.stringMatching(
          /^the copy shrank to [12]\d{6} of its 4194304 bytes while it was read$/,
        ),
      });
    });

    test('it grows', async () => {
      const result = await run(() => {
        fs.appendFileSync(copy, 'x');
        return true;
      });
      expect(result).toEqual({
        status: 'unreadable',
        reason: 'the copy grew beyond its 4194304 bytes while it was read',
      });
    });

    test('it grows faster than it is read, and that ends', async () => {
      let calls = 0;
      const result = await run(() => {
        calls++;
        fs.truncateSync(copy, fs.statSync(copy).size + 2 * mebibyte);
        return calls < 100;
      });
      expect(result.status).toBe('unreadable');
      // It stops behind the size it had at first.
      expect(calls).toBe(readAhead ? 4 : 17);
    });

    test('it is cancelled', async () => {
      const seen: number[] = [];
      const result = await run((bytes) => seen.push(bytes) < 2);
      expect(result).toEqual({status: 'cancelled', reason: 'cancelled'});
      const block = readAhead ? mebibyte : mebibyte / 4;
      expect(seen).toEqual([block, 2 * block]);
    });

    test('another is read at the same time', async () => {
      const other = path.join(directory, 'other');
      const content = Buffer.alloc(4 * mebibyte, 'another text');
      fs.writeFileSync(other, content);
      const results = await Promise.all([
        run(),
        hashFile({directory, segments: ['other'], algorithm: 'sha256', readAhead}, createHasher, () => true),
      ]);
      expect(results).toMatchObject([
        {hash: phpHash('sha256', Buffer.alloc(4 * mebibyte))},
        {hash: phpHash('sha256', content)},
      ]);
    });
  });

  describe('what is not opened', () => {
    const cases: [string, () => void, string, string][] = [
      ['nothing', () => {}, 'missing', 'the copy is missing'],
      ['a pipe', () => makePipe(copy), 'unsafe', 'the copy is a pipe (FIFO), not a file'],
      ['a directory', () => fs.mkdirSync(copy), 'unsafe', 'the copy is a directory, not a file'],
      [
        'a link to a device',
        () => fs.symlinkSync('/dev/zero', copy),
        'unsafe',
        'the copy is a link, not a file',
      ],
      [
        'a link to a file beside it',
        () => {
          fs.writeFileSync(path.join(directory, 'datasets/real'), 'x');
          fs.symlinkSync('real', copy);
        },
        'unsafe',
        'the copy is a link, not a file',
      ],
      [
        'a file in a directory that is a link',
        () => {
          fs.renameSync(path.join(directory, 'datasets'), path.join(directory, 'moved'));
          fs.writeFileSync(path.join(directory, 'moved/copy'), 'x');
          fs.symlinkSync('moved', path.join(directory, 'datasets'));
        },
        'unsafe',
        'datasets on the way to the copy is a link',
      ],
      [
        'a file below a file',
        () => {
          fs.rmdirSync(path.join(directory, 'datasets'));
          fs.writeFileSync(path.join(directory, 'datasets'), '');
        },
        'missing',
        'the copy is missing',
      ],
    ];
    test.each(cases)('%s', async (_, make, status, reason) => {
      make();
      expect(await run()).toEqual({status, reason});
    });

    test('a device', async () => {
      expect(
        await hashFile(
          {directory: '/dev', segments: ['null'], algorithm: 'sha256', readAhead},
          createHasher,
          () => true,
        ),
      ).toEqual({
        status: 'unsafe',
        reason: 'the copy is a device, not a file',
      });
    });

    test('a name that is too long', async () => {
      expect(
        await hashFile(
          {directory, segments: ['x'.repeat(300)], algorithm: 'sha256', readAhead},
          createHasher,
          () => true,
        ),
      ).toEqual({status: 'unreadable', reason: 'the copy cannot be opened: the name is too long'});
    });

    test('leaves no file open', async () => {
      const open = () => fs.readdirSync('/proc/self/fd').length;
      await run();
      const before = open();
      for (let round = 0; round < 20; round++) await run();
      fs.writeFileSync(copy, 'x');
      for (let round = 0; round < 20; round++) await run();
      // Others in this process may open something; a leak would show forty times.
      expect(open()).toBeLessThan(before + 20);
    });
  });
});

test('files that come by turns from two directories are walked to once, and answered in their order', async () => {
  const directories = [temporaryDirectory(), temporaryDirectory()];
  const files = Array.from({length: 20}, (_, index) => ({
    directory: directories[index % 2] as string,
    segments: ['far', 'below', `${index}`],
    algorithm: 'sha256',
  }));
  for (const {directory: at, segments} of files) {
    fs.mkdirSync(path.join(at, 'far/below'), {recursive: true});
    fs.writeFileSync(path.join(at, ...segments), segments.join());
  }
  const opened = vi.spyOn(fs, 'openSync');
  const job = {kind: 'hash' as const, algorithm: 'sha256', files, readAhead: false};
  const results = await hashFiles(job, createHasher, () => true);
  // Each file once, and three directories on each way.
  expect(opened).toHaveBeenCalledTimes(20 + 2 * 3);
  opened.mockRestore();
  expect(results.map((each) => 'hash' in each && each.hash)).toEqual(
    files.map(({segments}) => phpHash('sha256', segments.join())),
  );
});
