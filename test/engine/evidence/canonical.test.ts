import fc from 'fast-check';
import {expect, test} from 'vitest';
import {asRead, canonicalJson, canonicalParts} from '../../../source/engine/evidence/canonical.ts';
import {parseJson} from '../../../source/engine/storage/manifest/json.ts';

test('keys are sorted at every level, also those that JavaScript would put first', () => {
  expect(canonicalJson({b: [{z: 1, y: null}], a: 'x', 9: true, 10: false})).toBe(
    '{"10":false,"9":true,"a":"x","b":[{"y":null,"z":1}]}',
  );
});

test('it is one line of ASCII', () => {
  expect(canonicalJson({caf\u00e9: 'a\nb\u007f\u{1f600}'})).toBe(
    '{"caf\\u00e9":"a\\nb\\u007f\\ud83d\\ude00"}',
  );
});

test('a key that would be a prototype is a key', () => {
  const value: unknown = JSON.parse('{"__proto__":{"a":1},"b":2}');
  expect(canonicalJson(value)).toBe('{"__proto__":{"a":1},"b":2}');
});

test('what is left out of JSON is left out', () => {
  expect(canonicalJson({a: undefined, b: [undefined]})).toBe('{"b":[null]}');
});

test('any value parses back to itself, has one text, and is JSON to the strict reader', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({stringUnit: 'grapheme', maxDepth: 4, noUnicodeString: false} as fc.JsonSharedConstraints),
      (value) => {
        const text = canonicalJson(value);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.stringify(JSON.parse(text))).toBe(
          JSON.stringify(JSON.parse(JSON.stringify(JSON.parse(text)))),
        );
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        parseJson(text);
      },
    ),
  );
});

test('parts are the same text, and what is read again is what the text says', () => {
  fc.assert(
    fc.property(
      fc.object({values: [fc.string({unit: 'binary'}), fc.double(), fc.constant(undefined)]}),
      (value) => {
        const text = canonicalJson(value);
        expect([...canonicalParts(value)].join('')).toBe(text);
        expect(asRead(value)).toEqual(JSON.parse(text));
      },
    ),
  );
});

test('a long text is cut wherever it may be', () => {
  const value = {a: ['x'], b: `${'x'.repeat(64 * 1024 - 1)}\u{1f600}${'y'.repeat(64 * 1024)}`, c: [], d: {}};
  const parts = [...canonicalParts(value)];
  expect(Math.max(...parts.map(({length}) => length))).toBeLessThan(70_000);
  expect(parts.join('')).toBe(canonicalJson(value));
});
