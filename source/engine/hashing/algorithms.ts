import {createHash} from 'node:crypto';
import {findPhp} from '../base/find-php.ts';

/** A running hash: feed it, then take lower-case hex as PHP's `hash()` prints it. */
export type Hasher = {update(data: Uint8Array): void; digest(): string};

/** What is computed here: by OpenSSL, under its own name, which is much faster, else in WebAssembly or JavaScript. */
const own: Record<string, {bits: number; openssl?: string}> = {
  md5: {bits: 128, openssl: 'md5'},
  sha1: {bits: 160, openssl: 'sha1'},
  sha224: {bits: 224, openssl: 'sha224'},
  sha256: {bits: 256, openssl: 'sha256'},
  sha384: {bits: 384, openssl: 'sha384'},
  sha512: {bits: 512, openssl: 'sha512'},
  'sha512/224': {bits: 224, openssl: 'sha512-224'},
  'sha512/256': {bits: 256, openssl: 'sha512-256'},
  'sha3-224': {bits: 224, openssl: 'sha3-224'},
  'sha3-256': {bits: 256, openssl: 'sha3-256'},
  'sha3-384': {bits: 384, openssl: 'sha3-384'},
  'sha3-512': {bits: 512, openssl: 'sha3-512'},
  ripemd160: {bits: 160, openssl: 'ripemd160'},
  whirlpool: {bits: 512},
  md4: {bits: 128},
  adler32: {bits: 32},
  crc32b: {bits: 32},
  crc32c: {bits: 32},
  xxh32: {bits: 32},
  xxh64: {bits: 64},
  xxh3: {bits: 64},
  xxh128: {bits: 128},
  crc32: {bits: 32},
  fnv132: {bits: 32},
  fnv1a32: {bits: 32},
  fnv164: {bits: 64},
  fnv1a64: {bits: 64},
  joaat: {bits: 32},
  murmur3a: {bits: 32},
};

const tigers = [128, 160, 192].flatMap((bits) => [3, 4].map((passes) => [`tiger${bits},${passes}`, bits]));
const havals = [128, 160, 192, 224, 256].flatMap((bits) =>
  [3, 4, 5].map((passes) => [`haval${bits},${passes}`, bits]),
);

/** What only PHP itself computes. */
const phpBits: Record<string, number> = {
  ...Object.fromEntries([...tigers, ...havals]),
  ripemd128: 128,
  ripemd256: 256,
  ripemd320: 320,
  snefru: 256,
  snefru256: 256,
  gost: 256,
  'gost-crypto': 256,
  md2: 128,
  murmur3c: 128,
  murmur3f: 128,
};

/** Computed here, or by PHP where there is one. */
export const algorithmNames = Object.keys({...own, ...phpBits});

const entryOf = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Whether PHP has to be asked for it. */
export const needsPhp = (algorithm: string): boolean =>
  entryOf(phpBits, algorithm.toLowerCase()) !== undefined;

/**
 * Why nothing can be hashed by it; null where it can. PHP compares names without regard to case.
 * @param where the PATH, on which PHP is looked for
 */
export function whyUnsupported(algorithm: string, where = process.env['PATH']): string | null {
  if (entryOf(own, algorithm.toLowerCase()) !== undefined) return null;
  const isPhps = needsPhp(algorithm);
  if (isPhps && findPhp(where) !== null) return null;
  const only = isPhps ? ': only PHP computes it, and there is no php on the PATH' : '';
  return `the algorithm "${algorithm}" is not supported here${only}`;
}

export const isSupported = (algorithm: string): boolean => whyUnsupported(algorithm) === null;

/** Length of a digest in hex digits; undefined for an algorithm we do not know. */
export function digestLength(algorithm: string): number | undefined {
  const name = algorithm.toLowerCase();
  const bits = entryOf(own, name)?.bits ?? entryOf(phpBits, name);
  return bits === undefined ? undefined : bits / 4;
}

/** These find accidents, not tampering: they are marked wherever they are shown. */
export function isWeak(algorithm: string): boolean {
  return /^(md[245]|sha1|adler32|crc32.*|xxh.*|fnv1.*|joaat|murmur.*|snefru.*|haval.*|ripemd128)$/.test(
    algorithm.toLowerCase(),
  );
}

/** OpenSSL lacks it: it takes a worker with all the others in it, which starts more slowly. */
export const needsWasm = (algorithm: string): boolean => {
  const name = algorithm.toLowerCase();
  return digestLength(name) !== undefined && entryOf(own, name)?.openssl === undefined;
};

export type CreateHasher = (algorithm: string) => Promise<Hasher | null>;

/** A hasher of OpenSSL's for a PHP algorithm name in any case; null for any other. */
export const createNativeHasher: CreateHasher = async (algorithm) => {
  const openssl = entryOf(own, algorithm.toLowerCase())?.openssl;
  if (!openssl) return null;
  const hash = createHash(openssl);
  return {update: (data) => void hash.update(data), digest: () => hash.digest('hex')};
};
