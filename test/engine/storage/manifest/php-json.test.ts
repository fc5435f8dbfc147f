import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Json, parseJson} from '../../../../source/engine/storage/manifest/json.ts';
import {type PhpValue, phpJson} from '../../../../source/engine/storage/manifest/php-json.ts';
import {anyKey, anyText} from '../../../support/arbitraries.ts';

test('is what PHP prints', () => {
  const value = new Map<string, PhpValue>([
    ['a', '\u007f\u0001\u2028😀/"\\\n\b\u000b'],
    ['b', 1],
    ['c', new Map()],
    ['d', ['x', new Map([['q', null]])]],
    [
      'e',
      new Map([
        ['0', 'x'],
        ['1', 'y'],
      ]),
    ],
    [
      'f',
      new Map<string, PhpValue>([
        ['1', 'x'],
        ['0', true],
      ]),
    ],
  ]);
  expect(phpJson(value)).toBe(
    [
      '{',
      '    "a": "\u007f\\u0001\\u2028\\ud83d\\ude00/\\"\\\\\\n\\b\\u000b",',
      '    "b": 1,',
      '    "c": [],',
      '    "d": [',
      '        "x",',
      '        {',
      '            "q": null',
      '        }',
      '    ],',
      '    "e": [',
      '        "x",',
      '        "y"',
      '    ],',
      '    "f": {',
      '        "1": "x",',
      '        "0": true',
      '    }',
      '}',
    ].join('\n'),
  );
});

test('parses back, its keys in order', () => {
  const entries = fc.uniqueArray(fc.tuple(anyKey, anyText), {minLength: 1, selector: ([key]) => key});
  fc.assert(
    fc.property(entries, (pairs) => {
      // A first key that no list can have keeps it a map.
      const map = new Map<string, Json & PhpValue>([['x', ''], ...pairs.filter(([key]) => key !== 'x')]);
      const text = phpJson(map);
      expect([...(parseJson(text) as Map<string, Json>)]).toEqual([...map]);
      expect(text).toMatch(/^[\x20-\x7f\n]*$/);
    }),
  );
});
