import type {Hasher} from './algorithms.ts';

const hex = (...words: number[]): string =>
  words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');

/** One 32-bit word that each byte changes. */
function wordHasher(
  start: number,
  add: (word: number, byte: number) => number,
  end: (word: number) => number,
) {
  return (): Hasher => {
    let word = start;
    return {
      update(data) {
        for (const byte of data) word = add(word, byte);
      },
      digest: () => hex(end(word)),
    };
  };
}

const same = (word: number): number => word;
const fnvPrime = 0x01000193;
const fnvStart = 0x811c9dc5;

/** FNV of 64 bits in two words; its prime is 2^40 + 0x1b3. */
function fnv64(xorFirst: boolean): () => Hasher {
  return () => {
    let [high, low] = [0xcbf29ce4, 0x84222325];
    return {
      update(data) {
        for (const byte of data) {
          if (xorFirst) low = (low ^ byte) >>> 0;
          const product = low * 0x1b3;
          high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
          low = product >>> 0;
          if (!xorFirst) low = (low ^ byte) >>> 0;
        }
      },
      digest: () => hex(high, low),
    };
  };
}

/** Each byte's part of bzip2's CRC. */
const bzip2 = Uint32Array.from({length: 256}, (_, byte) => {
  let word = byte << 24;
  for (let bit = 0; bit < 8; bit++) word = word < 0 ? (word << 1) ^ 0x04c11db7 : word << 1;
  return word;
});

const swapped = (word: number): number =>
  ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);

function endJoaat(given: number): number {
  let word = (given + (given << 3)) | 0;
  word ^= word >>> 11;
  return (word + (word << 15)) | 0;
}

const mix = (block: number): number => {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
};

function murmur3a(): Hasher {
  let [word, block, length] = [0, 0, 0];
  return {
    update(data) {
      for (const byte of data) {
        block |= byte << (8 * (length & 3));
        length++;
        if ((length & 3) !== 0) continue;
        word ^= mix(block);
        word = (Math.imul((word << 13) | (word >>> 19), 5) + 0xe6546b64) | 0;
        block = 0;
      }
    },
    digest() {
      let end = word ^ mix(block) ^ length;
      end = Math.imul(end ^ (end >>> 16), 0x85ebca6b);
      end = Math.imul(end ^ (end >>> 13), 0xc2b2ae35);
      return hex(end ^ (end >>> 16));
    },
  };
}

/** What neither OpenSSL nor hash-wasm has and is a few lines; as PHP computes it. */
export const smallHashers: Record<string, () => Hasher> = {
  crc32: wordHasher(
    -1,
    (word, byte) => (word << 8) ^ (bzip2[(word >>> 24) ^ byte] as number),
    (word) => swapped(~word),
  ),
  fnv132: wordHasher(fnvStart, (word, byte) => Math.imul(word, fnvPrime) ^ byte, same),
  fnv1a32: wordHasher(fnvStart, (word, byte) => Math.imul(word ^ byte, fnvPrime), same),
  fnv164: fnv64(false),
  fnv1a64: fnv64(true),
  joaat: wordHasher(
    0,
    (word, byte) => {
      const sum = (word + byte) | 0;
      const shifted = (sum + (sum << 10)) | 0;
      return shifted ^ (shifted >>> 6);
    },
    endJoaat,
  ),
  murmur3a,
};
