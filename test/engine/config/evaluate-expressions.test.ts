import {describe, expect, test} from 'vitest';
import {evaluate, evaluateCode, pretended, unknown} from '../../support/php-config.ts';

// What is expected here is what PHP 8.2 gave for the same expression.

test.each([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['10 - 3 - 2', 5],
  ['100 / 10 / 2', 5],
  ['7 / 2', 3.5],
  ['7 % 3', 1],
  ['-7 % 3', -1],
  ['8 % 5 % 2', 1],
  ['2 ** 3 ** 2', 512],
  ['-2 ** 2', -4],
  ['60 * 60 * 24', 86_400],
  ["'5' + '1.5'", 6.5],
  ["' 5' + 1", 6],
  ["'1e2' + 1", 101],
  ['true + true', 2],
  ['null + 5', 5],
  ["'a' . 1 . 'b'", 'a1b'],
  ["'x' . 1.5 . true . null . false . -3", 'x1.51-3'],
  ["1 + 2 . 'x'", '3x'],
  ["'a' . 'b' === 'ab'", true],
  ["'1' === 1", false],
  ["'a' !== 'b'", true],
  ['!true || true', true],
  ["'' || '0'", false],
  ["true && 'x'", true],
  ['!0', true],
  ['!!5', true],
])('%s', (code, expected) => {
  expect(evaluate(`return ${code};`)).toBe(expected);
});

test.each([
  ["(int) '12abc'", 12],
  ["(integer) '1e3'", 1000],
  ['(int) 1.9', 1],
  ['(int) -1.9', -1],
  ["(int) 'abc'", 0],
  ['(int) null', 0],
  ['(int) true', 1],
  ["(float) '1.5'", 1.5],
  ["(bool) '0'", false],
  ["(bool) '0.0'", true],
  ['(boolean) 1', true],
  ['(bool) []', false],
  ['(bool) [0]', true],
  ['(string) 5', '5'],
  ['(string) false', ''],
  ["(array) 'x'", ['x']],
  ['(array) null', []],
  ['(array) [1]', [1]],
])('%s', (code, expected) => {
  expect(evaluate(`return ${code};`)).toEqual(expected);
});

test.each([
  ["true ? 'a' : 'b'", 'a'],
  ["1 ? 'a' : (0 ? 'b' : 'c')", 'a'],
  ["'' ?: 'd'", 'd'],
  ["'0' ?: 'd'", 'd'],
  ["'v' ?: 'd'", 'v'],
  ["[] ?: 'e'", 'e'],
  ["null ?? 'd'", 'd'],
  ["false ?? 'd'", false],
  ["$never ?? 'd'", 'd'],
  ["$never['a']['b'] ?? 'd'", 'd'],
  ['null ?? null ?? 7', 7],
  ["['a' => 1]['b'] ?? 'd'", 'd'],
  ["['a' => ['b' => 5]]['a']['b']", 5],
])('%s', (code, expected) => {
  expect(evaluate(`return ${code};`)).toBe(expected);
});

test('the side that is not taken may be anything', () => {
  expect(
    evaluate("return [true ? 1 : f(), '' ?: 2, 3 ?: f(), 4 ?? f(), false && f(), true || f()];"),
  ).toEqual([1, 2, 3, 4, false, true]);
});

test.each([
  ['__DIR__', '/srv/app/config/base'],
  ['__FILE__', pretended],
  ['__LINE__', 1],
  ["__DIR__ . '/x'", '/srv/app/config/base/x'],
  ['dirname(__DIR__)', '/srv/app/config'],
  ['dirname(__DIR__, 2)', '/srv/app'],
  ['\\dirname(__DIR__, 3)', '/srv'],
  ['DIRNAME(__FILE__)', '/srv/app/config/base'],
  ["dirname('/a')", '/'],
  ["dirname('a/b/')", 'a'],
  ["dirname('x')", '.'],
  ["dirname('')", ''],
  ["dirname('/a/b', 9)", '/'],
  ['Foo::class', 'Foo'],
  ['\\A\\B::class', 'A\\B'],
  ['PHP_EOL', '\n'],
  ['DIRECTORY_SEPARATOR', '/'],
  ['rtrim("/a \\n")', '/a'],
  ["require __DIR__ . '/x.php'", 'required /srv/app/config/base/x.php'],
  ["require_once(dirname(__DIR__) . '/x.php')", 'required /srv/app/config/x.php'],
  ["include __DIR__ . '/../x.php'", 'required /srv/app/config/x.php'],
])('%s', (code, expected) => {
  expect(evaluate(`return ${code};`)).toBe(expected);
});

describe('the environment', () => {
  const environment = {SET: 'v', EMPTY: '', YES: 'true', NO: '(false)', NOTHING: 'null', BLANK: '(empty)'};

  test.each([
    ["getenv('SET')", 'v'],
    ["getenv('YES')", 'true'],
    ["getenv('ABSENT')", false],
    ["getenv('ABSENT') ?: 'd'", 'd'],
    ["getenv('EMPTY') ?: 'd'", 'd'],
    ["getenv('SET') ?: 'd'", 'v'],
    ["(int) getenv('ABSENT')", 0],
    ["env('SET', 'd')", 'v'],
    ["env('ABSENT', 'd')", 'd'],
    ["env('ABSENT')", null],
    ["env('EMPTY', 'd')", ''],
    ["env('YES')", true],
    ["env('NO')", false],
    ["env('NOTHING', 'd')", null],
    ["env('BLANK', 'd')", ''],
    ["env('SET', f())", 'v'],
  ])('%s', (code, expected) => {
    expect(evaluate(`return ${code};`, environment)).toBe(expected);
  });

  test.each(["$_ENV['SET']", "$_ENV['SET'] ?? 'd'", "$_SERVER['SET'] ?? 'd'", 'getenv()', 'getenv($name)'])(
    '%s cannot be told',
    (code) => {
      expect(evaluateCode(`return ${code};`, environment)?.kind).toBe('unknown');
    },
  );

  test('names of what every object inherits are not set', () => {
    expect(
      evaluate("return [getenv('constructor'), env('__proto__', 'd'), env('SET')];", {SET: 'toString'}),
    ).toEqual([false, 'd', 'toString']);
  });
});

test('what is computed from the unknown is unknown, and the rest is not', () => {
  expect(
    evaluate("$a = f();\nreturn ['a' => $a . 'x', 'b' => [$a ?: 1, 2],\n'c' => -$a, 'd' => 3];"),
  ).toEqual({
    a: unknown("$a . '...'", 2),
    b: [unknown('$a ?: 1', 2), 2],
    c: unknown('-$a', 3),
    d: 3,
  });
});
