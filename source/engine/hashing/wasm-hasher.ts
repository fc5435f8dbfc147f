import type {IHasher} from 'hash-wasm';
import * as library from 'hash-wasm';
import {type CreateHasher, createNativeHasher, type Hasher, needsPhp} from './algorithms.ts';
import {createPhpHasher} from './php-hasher.ts';
import {smallHashers} from './small-hashers.ts';

const create: Record<string, () => Promise<IHasher>> = {
  whirlpool: () => library.createWhirlpool(),
  md4: () => library.createMD4(),
  adler32: () => library.createAdler32(),
  crc32b: () => library.createCRC32(),
  // Castagnoli's polynomial, reflected.
  crc32c: () => library.createCRC32(0x82f63b78),
  xxh32: () => library.createXXHash32(),
  xxh64: () => library.createXXHash64(),
  xxh3: () => library.createXXHash3(),
  xxh128: () => library.createXXHash128(),
};

/** A hasher for any algorithm that is supported; null for any other. */
export const createHasher: CreateHasher = async (algorithm) => {
  const name = algorithm.toLowerCase();
  if (Object.hasOwn(smallHashers, name)) return (smallHashers[name] as () => Hasher)();
  if (needsPhp(name)) return createPhpHasher(name);
  if (!Object.hasOwn(create, name)) return createNativeHasher(name);
  const hasher = await (create[name] as () => Promise<IHasher>)();
  hasher.init();
  return {update: (data) => void hasher.update(data), digest: () => hasher.digest('hex')};
};
