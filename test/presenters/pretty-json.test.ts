import fc from 'fast-check';
import {expect, test} from 'vitest';
import {prettyJson} from '../../source/presenters/pretty-json.ts';

test('a line a value, set in; empty ones in one', () => {
  expect(prettyJson('{"a":[1,{"b\\"{,":-2.5e7}],"c":{},"d": [ ] ,"e":null}')).toEqual([
    '{',
    '  "a": [',
    '    1,',
    '    {',
    '      "b\\"{,": -2.5e7',
    '    }',
    '  ],',
    '  "c": {},',
    '  "d": [],',
    '  "e": null',
    '}',
  ]);
});

test('it says what the text says, character by character: no number is rounded, no name is lost', () => {
  expect(prettyJson('{"a":12345678901234567890,"a":1.0,"__proto__":"\\u00e9"}').join('')).toBe(
    '{  "a": 12345678901234567890,  "a": 1.0,  "__proto__": "\\u00e9"}',
  );
});

test('any value comes back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(prettyJson(text).join('\n')).toBe(JSON.stringify(JSON.parse(text), null, 2));
    }),
  );
});

test('what is nested without end, or has no end of values, stays bounded', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const lines = prettyJson(deep);
  expect(lines.length).toBeLessThan(100);
  expect(lines.join('').replaceAll(' ', '')).toBe(deep);
  const long = `[${'1,'.repeat(300_000)}1]`;
  const many = prettyJson(long);
  expect(many.length).toBe(5001);
  expect(many.join('').replaceAll(' ', '')).toBe(long);
});
