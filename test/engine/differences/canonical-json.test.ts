import fc from 'fast-check';
import {expect, test} from 'vitest';
import {jsonLines} from '../../../source/engine/differences/canonical-json.ts';
import {readValue, saysSame} from '../../../source/engine/differences/record-values.ts';

const lines = (text: string): string[] => {
  const result = jsonLines(text);
  if ('reason' in result) throw new Error(result.reason);
  return result.lines;
};

test('one value a line, keys sorted', () => {
  expect(lines('{"b": [1, {}, []], "a": {"d": null, "c": "x\\n"}}')).toEqual([
    '{',
    '  "a": {',
    '    "c": "x\\n",',
    '    "d": null',
    '  },',
    '  "b": [',
    '    1,',
    '    {},',
    '    []',
    '  ]',
    '}',
  ]);
});

test('numbers stay as they are written: a double would take these for equal', () => {
  expect(lines('[12345678901234567890, 1.0, 1e2]')).toEqual([
    '[',
    '  12345678901234567890,',
    '  1.0,',
    '  1e2',
    ']',
  ]);
  expect(lines('9007199254740993')).not.toEqual(lines('9007199254740992'));
});

test('__proto__ is a key like any other', () => {
  expect(lines('{"__proto__": 1, "a": 2}')).toEqual(['{', '  "__proto__": 1,', '  "a": 2', '}']);
});

test('a key of one escape is itself, whatever was read before', () => {
  // JSON.parse of Node 26.10 says "\\\\" for each of them once it has read that key.
  JSON.parse('{"\\\\": 1}');
  for (const key of ['\\n', '\\t', '\\u0041', '\\/']) {
    const said = JSON.stringify(JSON.parse(`"${key}"`));
    expect(lines(`{"${key}": 1}`)).toEqual(['{', `  ${said}: 1`, '}']);
    expect(JSON.stringify(readValue(`{"${key}": 1, "a": [{"${key}": null}]}`))).toBe(
      `{${said}:1,"a":[{${said}:null}]}`,
    );
    expect(saysSame(`{"${key}": 1}`, '{"\\\\": 1}')).toBe(false);
  }
  expect(() => readValue('{"\\n": }')).toThrow(SyntaxError);
  // What that reader refuses is none the less an entry.
  expect(readValue('{"\\n": 1, "a": 1, "a": 2, "b": "\\ud800"}')).toMatchObject({a: 2});
});

test('what is no JSON says why, and so does what readers do not agree on', () => {
  expect(jsonLines('{"a": 1')).toEqual({reason: expect.stringMatching(/, line 1$/)});
  expect(jsonLines('{"a": 1,\n "a": 2}')).toEqual({
    reason: expect.stringMatching(/^the key .*, line 2$/),
  });
  expect(jsonLines('')).toEqual({reason: expect.any(String)});
});

test('a text nested as deep as it may be does not become hundreds of times as long', () => {
  const [depth, width] = [500, 5000];
  const text = '['.repeat(depth) + Array(width).fill('1').join(',') + ']'.repeat(depth);
  expect(lines(text).join('\n').length).toBeLessThan(text.length * 100);
});

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
};

test('any JSON says the same however it is formatted, and parses back', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({noUnicodeString: false} as object),
      fc.constantFrom(0, 1, 4),
      (value, indent) => {
        const text = JSON.stringify(value);
        const other = JSON.stringify(shuffled(JSON.parse(text)), null, indent);
        expect(lines(other)).toEqual(lines(text));
        expect(JSON.parse(lines(text).join('\n'))).toEqual(JSON.parse(text));
      },
    ),
  );
});
