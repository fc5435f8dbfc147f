import {deepStrictEqual} from 'node:assert/strict';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Json, JsonError, maxDepth, parseJson} from '../../../../source/engine/storage/manifest/json.ts';
import {jsonText, nearlyJson} from '../../../support/arbitraries.ts';

/** As `JSON.parse` would give it: own properties, also for `__proto__`. */
function plain(value: Json): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

function refusal(text: string): {message: string; column: number} | null {
  try {
    parseJson(text);
    return null;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return {message: error.message, column: error.column};
  }
}

/**
 * After an object with a backslash in a key, JSON.parse of Node 26.10 takes another key for that one where what stands in
 * the text begins alike: `"\\n"` for `"\\\\"`. Such texts are no measure.
 */
const measurable = (text: string): void => fc.pre(!/\\\\|\\(?:[^u]|u[\da-f]{4})"/i.test(text));

const keysOf = (text: string) => [...(parseJson(text) as Map<string, Json>).keys()];

test('a key is read as it stands, whatever was read before it', () => {
  for (const text of ['{"k":1,"\\\\":2}', '{"k":1,"\\"":2}'])
    expect(keysOf(text)).toEqual(['k', text.includes('\\\\') ? '\\' : '"']);
});

describe('agreement with JSON.parse', () => {
  test('on every JSON text', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        measurable(text);
        deepStrictEqual(plain(parseJson(text)), JSON.parse(text));
      }),
      {numRuns: 1000},
    );
  });

  test('on text that may be broken, but for the documented refusals', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        measurable(text);
        let expected: {value: unknown} | null = null;
        try {
          expected = {value: JSON.parse(text)};
        } catch {}
        const refused = refusal(text);
        if (expected && refused) {
          expect(refused.message).toMatch(/^the key ".*" twice$|^half a surrogate pair in a string$/s);
        } else if (expected) {
          deepStrictEqual(plain(parseJson(text)), expected.value);
        } else {
          expect(refused).not.toBeNull();
        }
      }),
      {numRuns: 3000},
    );
  });

  test.each(['-0', '1e999', '12345678901234567890', '0.1e-7', '"\\u0000"', '"\u2028"', '"\u007f"'])(
    'on %j',
    (text) => {
      expect(parseJson(text)).toStrictEqual(JSON.parse(text));
    },
  );
});

describe('keys', () => {
  test('that look like integers keep their place', () => {
    expect(keysOf('{"b":1,"10":2,"2":3,"a":4}')).toEqual(['b', '10', '2', 'a']);
  });

  test('that mean something to JavaScript are ordinary', () => {
    const map = parseJson('{"__proto__":{"polluted":1},"constructor":2,"hasOwnProperty":3}') as Map<
      string,
      Json
    >;
    expect([...map.keys()]).toEqual(['__proto__', 'constructor', 'hasOwnProperty']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test.each([
    ['{"a":1,"a":2}', 'the key "a" twice', 8],
    ['{"a":1,"\\u0061":1}', 'the key "a" twice', 8],
    ['[{"__proto__":1,"__proto__":1}]', 'the key "__proto__" twice', 17],
    ['{"":{},"":{}}', 'the key "" twice', 8],
  ])('twice in one map are refused: %s', (text, message, column) => {
    expect(refusal(text)).toEqual({message, column});
  });

  test('may come again in another map', () => {
    expect(keysOf('{"a":{"a":{"a":1}}}')).toEqual(['a']);
  });

  test('twice, and endless, do not fill the screen', () => {
    const key = 'k'.repeat(1000);
    expect(refusal(`{"${key}":1,"${key}":2}`)?.message).toBe(`the key "${'k'.repeat(60)}" twice`);
  });
});

describe('surrogates', () => {
  test.each(['"\\ud800"', '"\\udc00"', '"\\ude00\\ud83d"', '"a\ud800"', '{"\\ud83d":1}'])(
    'half a pair is refused: %j',
    (text) => {
      expect(refusal(text)?.message).toBe('half a surrogate pair in a string');
    },
  );

  test('a pair is one character, escaped or not', () => {
    expect(parseJson('["\\ud83d\\ude00","😀","\\uD83D\ude00"]')).toEqual(['😀', '😀', '😀']);
  });
});

describe('depth', () => {
  const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const maps = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const message = `more than ${maxDepth} levels`;

  test.each([
    ['lists', lists, 1],
    ['maps', maps, 5],
  ])('%s up to the limit, and not one more', (_, nest, width) => {
    expect(refusal(nest(maxDepth))).toBeNull();
    expect(refusal(nest(maxDepth + 1))).toEqual({message, column: maxDepth * width + 1});
  });

  test.each([
    ['lists', lists(100_000)],
    ['lists that never close', '['.repeat(100_000)],
    ['maps', maps(100_000)],
  ])('100,000 levels of %s are refused, not a crash', (_, text) => {
    expect(refusal(text)?.message).toBe(message);
  });
});

describe('what is wrong, and where: the words of the checker', () => {
  test.each([
    ['', 'the end, too early', 1],
    ['{', 'the end, too early', 2],
    ['{"a', 'a string that does not end', 2],
    ['{"a"', 'the end, too early', 5],
    ['{"a":', 'the end, too early', 6],
    ['{"a":1', 'the end, too early', 7],
    ['{"a":1,', 'the end, too early', 8],
    ['{"a":1,}', 'a key that is not a string', 8],
    ['{"a" 1}', 'a key without a colon', 6],
    ['[1', 'the end, too early', 3],
    ['[1,]', 'something that is not JSON', 4],
    ['[01]', 'a list without a comma or an end', 3],
    ['{"a":1 "b":2}', 'a map without a comma or an end', 8],
    ['1 2', 'something after the end', 3],
    ['"a\nb"', 'a raw control character in a string', 3],
    ['"\\x41"', 'an unknown escape in a string', 3],
    ['"\\u12g4"', 'a broken \\u escape', 6],
    ['"a\\"', 'a string that does not end', 1],
    ['nul', 'the end, too early', 4],
    ['-', 'the end, too early', 2],
    ["{'a':1}", 'a key that is not a string', 2],
    ['/* */1', 'something that is not JSON', 1],
    ['\ufeff1', 'a byte order mark, which PHP does not read', 1],
  ])('%j', (text, message, column) => {
    expect(refusal(text)).toEqual({message, column});
  });
});
