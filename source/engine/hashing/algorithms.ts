import {createHash} from 'node:crypto';

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

/** OpenSSL lacks it: it takes a worker with WebAssembly in it, which starts more slowly. */
export const needsWasm = (algorithm: string): boolean => {
  const name = algorithm.toLowerCase();
  return own(digestBits, name) !== undefined && own(native, name) === undefined;
};

export type CreateHasher = (algorithm: string) => Promise<Hasher | null>;

/** A hasher of OpenSSL's for a PHP algorithm name in any case; null for any other. */
export const createNativeHasher: CreateHasher = async (algorithm) => {
  const openssl = own(native, algorithm.toLowerCase());
  if (!openssl) return null;
  const hash = createHash(openssl);
  return {update: (data) => void hash.update(data), digest: () => hash.digest('hex')};
};
