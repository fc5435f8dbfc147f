import fc from 'fast-check';
import {expect, test} from 'vitest';
import {evaluate, evaluateCode, plain, unknown} from '../../support/php-config.ts';

// What is expected here is what PHP 8.2 gave for the same file.

test.each([
  ["$a = 'x'; $a .= 'y'; $a .= 1; return $a;", 'xy1'],
  ['$n = 5; $n += 2; $n *= 3; $n -= 1; $n /= 4; return $n;', 5],
  ["$a = 'x'; $b = $a; $a = 'z'; return $b;", 'x'],
  ["$a = ['x' => ['y' => 1]]; return $a['x']['y'];", 1],
  ["$a = ['x' => 1]; return $a['z'] ?? 'd';", 'd'],
  ['$x = \'v\'; return "<$x {$x}>";', '<v v>'],
  ["$x = ['k' => 'v', 'z']; return \"{$x['k']} $x[0]\";", 'v z'],
  ["$n = 'x'; return <<<EOT\n  a $n {$n}\n    b\n  EOT;", 'a x x\n  b'],
  ["{ $a = 'x'; } return $a;", 'x'],
  ['$f = function () { return 1; }; return 5;', 5],
  ['function f() { return 1; } return 5;', 5],
  ['class K { const X = 1; function a() { return 2; } } return 5;', 5],
])('%s', (code, expected) => {
  expect(evaluate(code)).toBe(expected);
});

test.each([
  [
    'a helper that may be declared',
    "if (!function_exists('env')) { function env($k) { return 1; } } return [5];",
  ],
  ['a trait', 'trait T { function a() { return 2; } } return [5];'],
  ['an enum', "enum E: string { case A = 'a'; function m() { return 1; } } return [5];"],
  ['an interface', 'interface I {} return [5];'],
])('%s returns nothing for the file', (_, code) => {
  expect(evaluate(code)).toEqual([5]);
});

test.each([
  ['if', "if (f()) { $a = 'y'; }"],
  ['else', "if (f()) {} else { $a = 'y'; }"],
  ['if without braces', "if (f()) $a = 'y';"],
  ['foreach', 'foreach (f() as $k => $v) { $a = $v; }'],
  ['for', 'for ($a = 0; $a < 3; $a++);'],
  ['while', "while (f()) { $a .= 'y'; }"],
  ['switch', "switch (f()) { case 1: $a = 'y'; }"],
  ['try', "try { $a = 'y'; } finally {}"],
  ['list()', 'list($a, $b) = f();'],
  ['[]', '[$a, $b] = f();'],
  ['a key of it', "$a['k'] = 1;"],
  ['a condition', 'if (($a = f()) === 1) {}'],
])('a variable that %s may have set cannot be told afterwards', (_, code) => {
  const after = evaluateCode(`$a = 'x'; $other = 1; ${code} return ['a' => $a, 'b' => $other];`);
  expect(plain(after)).toEqual({
    a: expect.objectContaining({line: 1, unknown: expect.any(String) as string}) as unknown,
    b: 1,
  });
});

test('the unknown says where it was set', () => {
  expect(evaluate("$a = 'x';\nif (f()) {\n  $a = 'y';\n}\nreturn [$a];")).toEqual([
    unknown("$a = '...';", 3),
  ]);
});

test('the sum of two arrays has the keys in the order of PHP', () => {
  const sum = evaluate("return ['a' => 1, 'b' => 2] + ['c' => 3, 'a' => 9];");
  expect(Object.entries(sum as object)).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
});

test('whatever the parser accepts is evaluated without a crash', () => {
  const pieces = [
    ...[
      '$a',
      '$b',
      "'x'",
      '"$a"',
      '1',
      '-',
      '+',
      '.',
      '[',
      ']',
      '(',
      ')',
      '=>',
      '=',
      '.=',
      '??',
      '?',
      ':',
      '?:',
    ],
    ...[
      ',',
      ';',
      'return',
      'Foo::class',
      'f(',
      'dirname(',
      'env(',
      'getenv(',
      '...',
      '!',
      '(int)',
      '(array)',
    ],
    ...[
      'if',
      '{',
      '}',
      'foreach',
      'as',
      'fn() =>',
      '&',
      'null',
      '[]',
      '__DIR__',
      'require',
      'list(',
      '++',
      'new',
    ],
  ];
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), {maxLength: 7}), (parts) => {
      try {
        evaluateCode(`$a = 1; return ${parts.join(' ')};`);
        accepted++;
      } catch (error) {
        if (!(error instanceof Error && error.name === 'SyntaxError')) throw error;
      }
    }),
    {numRuns: 3000},
  );
  expect(accepted).toBeGreaterThan(20);
});
