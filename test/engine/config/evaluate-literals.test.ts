import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {evaluate, evaluateCode, type Plain, phpSource, pretended} from '../../support/php-config.ts';

// What is expected here is what PHP 8.2 gave for the same file.

const strings: [string, string, unknown][] = [
  ['single quotes', "'it\\'s \\n \\\\ $x é'", "it's \\n \\ $x é"],
  ['escapes', '"\\n\\t\\$\\"\\\\\\x41\\101\\u{e9}\\e"', '\n\t$"\\AAé\u001b'],
  ['a line break', '"a\nb"', 'a\nb'],
  ['heredoc', '<<<EOT\n  a\\tb\n    "c"\n  EOT', 'a\tb\n  "c"'],
  ['quoted heredoc', '<<<"EOT"\na\nEOT', 'a'],
  ['nowdoc', "<<<'EOT'\n  a $x\n    b\\n\n  EOT", 'a $x\n  b\\n'],
];

test.each(strings)('%s', (_, code, expected) => {
  expect(evaluate(`return ${code};`)).toBe(expected);
});

test.each([
  ['0', 0],
  ['-3', -3],
  ['- 3', -3],
  ['+4', 4],
  ['- -3', 3],
  ['1_000', 1000],
  ['0x1F', 31],
  ['0XfF', 255],
  ['0b11', 3],
  ['017', 15],
  ['0o17', 15],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1.', 1],
  ['1e3', 1000],
  ['TRUE', true],
  ['False', false],
  ['\\true', true],
  ['NULL', null],
])('%s', (code, expected) => {
  expect(evaluate(`return ${code};`)).toBe(expected);
});

describe('arrays', () => {
  const arrays: [string, string, Plain][] = [
    ['short and long syntax', "['a' => array(1, 2), 'b' => array()]", {a: [1, 2], b: []}],
    ['a comma at the end', '[1, 2,]', [1, 2]],
    ['comments everywhere', '[ # one\n1, // two\n/* three */ 2 /** four */]', [1, 2]],
    ['a key that stands twice', "['x' => 'a', 'x' => 'b']", {x: 'b'}],
    ['computed keys', "['k' . 'ey' => 1, 2 + 3 => 'five']", {key: 1, 5: 'five'}],
    [
      'spread',
      "[...['a', 'b'], ...['k' => 1], 'c', ...[7 => 'z'], ...['k' => 2]]",
      {
        0: 'a',
        1: 'b',
        k: 2,
        2: 'c',
        3: 'z',
      },
    ],
    ['no integer before it', "['x' => 1, 'next']", {x: 1, 0: 'next'}],
    ['only a negative one before it', "[-5 => 'a', 'next']", {'-5': 'a', 0: 'next'}],
    ['spread renumbers negative keys', "[...[-5 => 'a', -3 => 'b']]", ['a', 'b']],
    [
      'spread keeps a key that only looks like a number',
      "[...['08' => 'a', '8' => 'b']]",
      {'08': 'a', 0: 'b'},
    ],
  ];
  test.each(arrays)('%s', (_, code, expected) => {
    expect(evaluate(`return ${code};`)).toEqual(expected);
  });

  test.each([
    ["'8'", '8'],
    ["'08'", '08'],
    ["' 8'", ' 8'],
    ["'-3'", '-3'],
    ["'-0'", '-0'],
    ['-0', '0'],
    ['true', '1'],
    ['false', '0'],
    ['1.7', '1'],
    ['-1.7', '-1'],
    ['null', ''],
    ["''", ''],
  ])('%s as a key', (key, expected) => {
    expect(evaluate(`return [${key} => 'v', 'other' => 1];`)).toEqual({[expected]: 'v', other: 1});
  });

  test('an item without a key gets the one after the highest integer', () => {
    expect(evaluate("return [1 => 'a', 'b', '8' => 'c', 'd', '08' => 'e', true => 'f', 'g'];")).toEqual({
      1: 'f',
      2: 'b',
      8: 'c',
      9: 'd',
      '08': 'e',
      10: 'g',
    });
  });

  test('twice as many rows are twice the work', () => {
    const looks = (rows: number): number => {
      const spy = vi.spyOn(RegExp.prototype, 'test');
      const list = Array.from({length: rows}, (_, row) => `['a' => ${row}],`).join('');
      evaluateCode(`return ['first' => 1, ${list} ...[${list}]];`);
      const {length} = spy.mock.calls;
      spy.mockRestore();
      return length;
    };
    expect(looks(2000)).toBeLessThan(3 * looks(1000));
  });

  test('any value comes back as it was written', () => {
    const {value} = fc.letrec<{value: Plain}>((tie) => ({
      value: fc.oneof(
        {depthSize: 'small'},
        fc.constantFrom(null, true, false),
        fc.integer(),
        fc.string({unit: 'grapheme'}),
        fc.array(tie('value'), {maxLength: 4}),
        fc.dictionary(fc.stringMatching(/^[a-z'\\ ]{1,6}$/), tie('value'), {maxKeys: 4, minKeys: 1}),
      ),
    }));
    fc.assert(
      fc.property(value, (data) => {
        expect(evaluate(`return ${phpSource(data)};`)).toEqual(data);
      }),
    );
  });
});

test('each value knows its file and line', () => {
  const value = evaluateCode("\nreturn [\n  'a' => 'x'\n    . 'y',\n  'b' => [\n    -5,\n  ],\n];");
  const {items} = value as {items: Map<string, {file: string; line: number; items: Map<string, unknown>}>};
  expect(value).toMatchObject({file: pretended, line: 2});
  expect(items.get('a')).toMatchObject({file: pretended, line: 3});
  expect(items.get('b')).toMatchObject({line: 5});
  expect(items.get('b')?.items.get('0')).toMatchObject({line: 6});
});

test.each([
  ['declare', 'declare(strict_types=1);\n\nreturn [1];'],
  ['a namespace', 'namespace App\\Config;\nreturn [1];'],
  ['a namespace in braces', 'namespace App { return [1]; }'],
  ['use', 'use A\\B\\Foo; use A\\{E, F as G}; use function A\\f; return [1];'],
  ['a closing tag', 'return [1]; ?>\n'],
  ['a comment before and after', '/** Doc */ # x\nreturn [1]; // end'],
])('%s is no obstacle', (_, code) => {
  expect(evaluate(code)).toEqual([1]);
});
