import {createHash} from 'node:crypto';
import type {IHasher} from 'hash-wasm';

/** A running hash: feed it, then take lower-case hex as PHP's `hash()` prints it. */
export type Hasher = {update(data: Uint8Array): void; digest(): string};

/** PHP name -> OpenSSL name, for what OpenSSL computes (much faster than WebAssembly). */
const native: Record<string, string> = {
  md5: 'md5',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  'sha512/224': 'sha512-224',
  'sha512/256': 'sha512-256',
  'sha3-224': 'sha3-224',
  'sha3-256': 'sha3-256',
  'sha3-384': 'sha3-384',
  'sha3-512': 'sha3-512',
  ripemd160: 'ripemd160',
};

type Wasm = typeof import('hash-wasm');
const wasm: Record<string, (library: Wasm) => Promise<IHasher>> = {
  whirlpool: (library) => library.createWhirlpool(),
  md4: (library) => library.createMD4(),
  adler32: (library) => library.createAdler32(),
  crc32b: (library) => library.createCRC32(),
  // Castagnoli's polynomial, reflected.
  crc32c: (library) => library.createCRC32(0x82f63b78),
  xxh32: (library) => library.createXXHash32(),
  xxh64: (library) => library.createXXHash64(),
  xxh3: (library) => library.createXXHash3(),
  xxh128: (library) => library.createXXHash128(),
};

const digestBits: Record<string, number> = {
  md5: 128,
  sha1: 160,
  sha224: 224,
  sha256: 256,
  sha384: 384,
  sha512: 512,
  'sha512/224': 224,
  'sha512/256': 256,
  'sha3-224': 224,
  'sha3-256': 256,
  'sha3-384': 384,
  'sha3-512': 512,
  ripemd160: 160,
  whirlpool: 512,
  md4: 128,
  adler32: 32,
  crc32b: 32,
  crc32c: 32,
  xxh32: 32,
  xxh64: 64,
  xxh3: 64,
  xxh128: 128,
};

export const algorithmNames = Object.keys(digestBits);

const own = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** PHP compares algorithm names without regard to case. */
export const isSupported = (algorithm: string): boolean =>
  own(digestBits, algorithm.toLowerCase()) !== undefined;

/** Length of a digest in hex digits; undefined for an algorithm we do not know. */
export function digestLength(algorithm: string): number | undefined {
  const bits = own(digestBits, algorithm.toLowerCase());
  return bits === undefined ? undefined : bits / 4;
}

/** These find accidents, not tampering: they are marked wherever they are shown. */
export function isWeak(algorithm: string): boolean {
  return /^(md[45]|sha1|adler32|crc32.*|xxh.*)$/.test(algorithm.toLowerCase());
}

/** A hasher for a PHP algorithm name in any case; null when it is not supported. */
export async function createHasher(algorithm: string): Promise<Hasher | null> {
  const name = algorithm.toLowerCase();
  const openssl = own(native, name);
  if (openssl) {
    const hash = createHash(openssl);
    return {update: (data) => void hash.update(data), digest: () => hash.digest('hex')};
  }
  const create = own(wasm, name);
  if (!create) return null;
  const hasher = await create(await import('hash-wasm'));
  hasher.init();
  return {update: (data) => void hasher.update(data), digest: () => hasher.digest('hex')};
}
