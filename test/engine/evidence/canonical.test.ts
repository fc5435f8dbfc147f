import fc from 'fast-check';
import {expect, test} from 'vitest';
import {canonicalJson} from '../../../source/engine/evidence/canonical.ts';
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
