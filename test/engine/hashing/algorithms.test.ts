import fs from 'node:fs';
import {describe, expect, test} from 'vitest';
import {
  algorithmNames,
  digestLength,
  isSupported,
  isWeak,
} from '../../../source/engine/hashing/algorithms.ts';
import {createHasher} from '../../../source/engine/hashing/wasm-hasher.ts';

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
  'snefru',
  'tiger192,3',
  'gost',
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
  const weak = ['md5', 'md4', 'sha1', 'adler32', 'crc32b', 'crc32c', 'xxh32', 'xxh64', 'xxh3', 'xxh128'];
  expect(algorithmNames.filter(isWeak).sort()).toEqual(weak.sort());
});
