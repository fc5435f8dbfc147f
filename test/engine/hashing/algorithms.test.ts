import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {
  algorithmNames,
  digestLength,
  isSupported,
  isWeak,
  whyUnsupported,
} from '../../../source/engine/hashing/algorithms.ts';
import {createHasher} from '../../../source/engine/hashing/wasm-hasher.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

type Vectors = Record<string, {empty: string; abc: string; megabyte: string}>;
const vectors = JSON.parse(
  fs.readFileSync(new URL('./php-vectors.json', import.meta.url), 'utf8'),
) as Vectors;
const megabyte = Uint8Array.from({length: 1024 * 1024}, (_, i) => (i * 7 + (i >> 8)) & 255);

async function hash(algorithm: string, ...pieces: (string | Uint8Array)[]): Promise<string | undefined> {
  const hasher = await createHasher(algorithm);
  for (const piece of pieces) hasher?.update(Buffer.from(piece));
  return hasher?.digest();
}

test('every algorithm is proved against PHP', () => {
  expect(Object.keys(vectors).sort()).toEqual([...algorithmNames].sort());
});

describe.each(Object.entries(vectors))('%s', (name, expected) => {
  test('gives what PHP gives', async () => {
    expect({
      empty: await hash(name),
      abc: await hash(name, 'abc'),
      megabyte: await hash(name, megabyte),
    }).toEqual(expected);
  });

  test('in pieces of any length', async () => {
    const cuts = [0, 1, 64, 65, 4099, 700_001, megabyte.length];
    const pieces = cuts.slice(1).map((end, index) => megabyte.subarray(cuts[index], end));
    expect(await hash(name, ...pieces)).toBe(expected.megabyte);
  });

  test('by its name in any case', async () => {
    const upper = name.toUpperCase();
    expect(await hash(upper, 'abc')).toBe(expected.abc);
    expect(isSupported(upper)).toBe(true);
    expect(digestLength(upper)).toBe(expected.abc.length);
    expect(isWeak(upper)).toBe(isWeak(name));
  });

  test('two at once do not disturb each other', async () => {
    const [one, other] = [await createHasher(name), await createHasher(name)];
    one?.update(Buffer.from('a'));
    other?.update(megabyte);
    one?.update(Buffer.from('bc'));
    expect([one?.digest(), other?.digest()]).toEqual([expected.abc, expected.megabyte]);
  });
});

test.each([
  '',
  'sha',
  'sha512-256',
  'tiger192',
  'tiger192,5',
  'gost-',
  'haval128,6',
  'md2 ',
  'constructor',
  '__proto__',
  'sha256 ',
  'ſha256',
])('"%s" is not supported', async (name) => {
  expect(await createHasher(name)).toBeNull();
  expect(isSupported(name)).toBe(false);
  expect(digestLength(name)).toBeUndefined();
});

test('what only finds accidents is weak', () => {
  const strong = /^(sha[235]|whirlpool|tiger|gost|ripemd(160|256|320))/;
  expect(algorithmNames.filter(isWeak)).toEqual(algorithmNames.filter((name) => !strong.test(name)));
});

test('what only PHP computes is asked of a php on the PATH, and of no other', async () => {
  const lacks =
    'the algorithm "TIGER192,3" is not supported here: only PHP computes it, and there is no php on the PATH';
  for (const where of ['', '/nowhere', 'relative:.']) expect(whyUnsupported('TIGER192,3', where)).toBe(lacks);
  const bin = temporaryDirectory();
  vi.stubEnv('PATH', bin);
  try {
    expect([await createHasher('tiger192,3'), isSupported('tiger192,3')]).toEqual([null, false]);
    // One that lacks the algorithm, or is none.
    fs.writeFileSync(`${bin}/php`, '#!/bin/sh\nexit 255\n', {mode: 0o755});
    expect([await createHasher('tiger192,3'), isSupported('tiger192,3')]).toEqual([null, true]);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('PHP is given more than it is given at once', async () => {
  const large = Buffer.alloc(40_000_000, megabyte);
  const php = spawnSync('php', ['-n', '-r', "echo hash('tiger192,3', stream_get_contents(STDIN));"], {
    input: large,
  });
  const pieces = Array.from({length: 10}, (_, index) =>
    large.subarray(index * 4_000_000, (index + 1) * 4_000_000),
  );
  expect(await hash('tiger192,3', ...pieces)).toBe(php.stdout.toString());
});
