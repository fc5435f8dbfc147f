import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {deepest, JsonChecker, type JsonFlaw} from '../../../source/engine/base/json-checker.ts';
import {JsonError, maxDepth, parseJson} from '../../../source/engine/storage/manifest/json.ts';
import {jsonText, nearlyJson} from '../../support/arbitraries.ts';

function check(bytes: Uint8Array | string, blockSize = 1 << 20): JsonFlaw | null {
  const checker = new JsonChecker();
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += blockSize) checker.write(all.subarray(at, at + blockSize));
  return checker.end();
}

const said = (bytes: Uint8Array | string): string => {
  const flaw = check(bytes);
  return flaw === null ? 'sound' : `${flaw.line}:${flaw.column} ${flaw.message}`;
};

const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

describe('what is wrong, and where', () => {
  test.each<[string, Uint8Array | string, string]>([
    ['nothing', '', '1:1 the end, too early'],
    ['only space', ' \n ', '2:2 the end, too early'],
    ['a map that is cut', '{"a": {"b": [1, 2', '1:18 the end, too early'],
    ['a string that is cut', '{\n  "name": "amira', '2:11 a string that does not end'],
    ['a byte order mark', '\ufeff{}', '1:1 a byte order mark, which PHP does not read'],
    ['NUL bytes only', Buffer.alloc(4096), '1:1 a NUL byte'],
    ['NUL bytes at the end, as a power cut leaves them', '{}\n\0\0\0', '2:1 a NUL byte'],
    ['a NUL byte in a string', '["a\0"]', '1:4 a NUL byte in a string'],
    ['a line break in a string', '["a\n"]', '1:4 a raw control character in a string'],
    ['a comma too many', '[1,\n2,]', '2:3 something that is not JSON'],
    ['a comma too few', '{"a":1 "b":2}', '1:8 a map without a comma or an end'],
    ['the wrong end', '[1}', '1:3 a list without a comma or an end'],
    ['two texts', '{}\n{}', '2:1 something after the end'],
    ['no colon', '{"a" 1}', '1:6 a key without a colon'],
    ['a key without quotes', '{a:1}', '1:2 a key that is not a string'],
    ['a word that is none', '[nul]', '1:5 something that is not JSON'],
    ['a word of JavaScript', '[NaN]', '1:2 something that is not JSON'],
    ['a number that begins with 0', '[01]', '1:3 a list without a comma or an end'],
    ['a number that ends with a point', '[1.]', '1:4 something that is not JSON'],
    ['a number that is cut', '-', '1:2 the end, too early'],
    ['an unknown escape', '["\\x"]', '1:4 an unknown escape in a string'],
    ['a short escape', '["\\u12"]', '1:7 a broken \\u escape'],
    ['the first half of a pair alone', '["\\ud83d"]', '1:2 half a surrogate pair in a string'],
    ['the second half of a pair alone', '["\\ude00"]', '1:2 half a surrogate pair in a string'],
    ['Latin-1', bytes('["caf', 0xe9, '"]'), '1:7 bytes that are not UTF-8'],
    ['an overlong character', bytes('["', 0xc0, 0xaf, '"]'), '1:3 bytes that are not UTF-8'],
    ['a surrogate in UTF-8', bytes('["', 0xed, 0xa0, 0x80, '"]'), '1:3 bytes that are not UTF-8'],
    ['beyond Unicode', bytes('["', 0xf4, 0x90, 0x80, 0x80, '"]'), '1:3 bytes that are not UTF-8'],
    [
      'a column behind characters of several bytes',
      '["\u00e9\u{1f600}", x]',
      '1:8 something that is not JSON',
    ],
    ['a level too deep', '['.repeat(deepest + 1), '1:513 more than 512 levels, which PHP does not read'],
  ])('%s', (_, text, expected) => {
    expect(said(text)).toBe(expected);
  });
});

test.each<[string, string]>([
  ['the deepest that PHP reads', '['.repeat(deepest) + ']'.repeat(deepest)],
  ['a huge exponent', '[1e999999, -0.0E-999]'],
  ['a number of a million digits', '9'.repeat(1_000_000)],
  ['a pair of escapes', '"\\ud83d\\ude00"'],
  ['a scalar', ' 0 '],
])('%s is sound', (_, text) => {
  expect(said(text)).toBe('sound');
});

describe('a key that stands twice', () => {
  const twice = (text: string) => {
    const checker = new JsonChecker();
    checker.write(Buffer.from(text));
    expect(checker.end()).toBeNull();
    return checker.twice;
  };
  test('is told, however it is written', () => {
    expect(twice('{"a":1,\n"b":2,\n"\\u0061":3}')).toEqual({key: 'a', line: 3});
  });
  test('is none where the maps differ', () => {
    expect(twice('[{"a":1},{"a":{"a":1}},"a","a"]')).toBeNull();
  });
  test('with a million keys memory stays bounded', () => {
    const checker = new JsonChecker();
    checker.write(Buffer.from('{'));
    const long = 'k'.repeat(200);
    for (let key = 0; key < 200_000; key++)
      checker.write(Buffer.from(`${key === 0 ? '' : ','}"${long}${key}":1`));
    checker.write(Buffer.from('}'));
    expect(checker.end()).toBeNull();
    expect(process.memoryUsage().heapUsed).toBeLessThan(512 * 1024 * 1024);
  });
});

/** What the manifests' reader says, less what it minds and JSON does not. */
function readerSays(text: string): boolean | null {
  try {
    parseJson(text);
    return true;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return /twice$/.test(error.message) || error.message.includes(`${maxDepth} levels`) ? null : false;
  }
}

test('agrees with the reader of manifests', () => {
  fc.assert(
    fc.property(fc.oneof(jsonText, nearlyJson), (text) => {
      // What is no text cannot be written as bytes.
      fc.pre(text.isWellFormed());
      const expected = readerSays(text);
      if (expected !== null) expect(check(text) === null).toBe(expected);
    }),
    {numRuns: 2000},
  );
});

test('says the same whatever the blocks', () => {
  fc.assert(
    fc.property(fc.oneof(jsonText, nearlyJson), fc.integer({min: 1, max: 7}), (text, size) => {
      expect(check(text, size)).toEqual(check(text));
    }),
  );
});

test('never throws, and agrees with JSON.parse on what is no JSON', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 60}), (data) => {
      const flaw = check(data);
      if (flaw === null) expect(() => JSON.parse(Buffer.from(data).toString('utf8'))).not.toThrow();
      else expect(Math.min(flaw.line, flaw.column)).toBeGreaterThan(0);
    }),
    {numRuns: 2000},
  );
});
