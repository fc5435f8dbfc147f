import {describe, expect, test} from 'vitest';
import {evaluateCode, isPartlyUnknown, plain} from '../../support/php-config.ts';

// What is expected here is what PHP 8.2 gave for the same file.

describe('never something else than what PHP gives, though perhaps unknown:', () => {
  test.each<[string, unknown]>([
    ['$i = 1; $i++; return $i;', 2],
    ['$i = 1; --$i; return $i;', 0],
    ['$i = 1; $j = $i++; return $i;', 2],
    ['$a = 0; while ($a < 3) { $a++; } return $a;', 3],
    ['$v = 1; foreach ([2, 3] as $v) {} return $v;', 3],
    ["$k = 1; foreach (['z' => 3] as $k => $v) {} return $k;", 'z'],
    ['$v = 1; foreach ([[2, 3]] as [$v, $w]) {} return $v;', 2],
    ["foreach ([2, 3] as $v) {} return $v ?? 'd';", 3],
    ['$l = [1]; foreach ($l as &$v) { $v = 2; } return $l;', [2]],
    ['$b = 1; $a = $b = 5; return $b;', 5],
    ["$a = $b = 5; return $b ?? 'd';", 5],
    ["$b = 1; $a = 'x' . ($b = 5); return $b;", 5],
    ['$a = 1; $b = &$a; $b = 2; return $a;', 2],
    ["$a = 1; unset($a); return $a ?? 'gone';", 'gone'],
    ["$a = 1; $n = 'a'; $$n = 2; return $a;", 2],
    ["$a = 1; extract(['a' => 2]); return $a;", 2],
    ['static $a = 4; return $a;', 4],
    ['$a = 0; static $a = 4; return $a;', 4],
    ["$l = ['b', 'a']; sort($l); return $l;", ['a', 'b']],
    ["$l = ['b']; array_push($l, 'a'); return $l;", ['b', 'a']],
    ["$l = ['b']; $l[] = 'a'; return $l;", ['b', 'a']],
    ["$m = 0; preg_match('/a/', 'a', $m); return $m;", ['a']],
    ['$x = 1; $f = function () use (&$x) { $x = 2; }; $f(); return $x;', 2],
    ["$a = null; $a ??= 'd'; return $a;", 'd'],
    ["$s = 'str'; return $s['a'] ?? 'd';", 'd'],
    ['if (false) { return 2; } return 1;', 1],
    ['namespace App; return Foo::class;', 'App\\Foo'],
    ['namespace App; return namespace\\Foo::class;', 'App\\Foo'],
    ['use A\\B\\Foo; return Foo::class;', 'A\\B\\Foo'],
    ['use A\\C as D; return D\\X::class;', 'A\\C\\X'],
    ['use A\\{E, F as G}; return G::class;', 'A\\F'],
    ['return 0.1 + 0.2 . "";', '0.3'],
    ["return 'a' . 1 + 2 . 'b' . 5 - 3 + 1 . 'c';", 'a3b3c'],
    ["return ('a' . 1) . 2;", 'a12'],
    ['return 1e15 . "";', '1.0E+15'],
    ['return "" . 1e10 * 1e5;', '1.0E+15'],
    ['return 9223372036854775807;', 9223372036854775807n],
    ['return 1 === 1.0;', false],
    ['return "\\xC3\\xA9\\303\\251";', 'éé'],
    ['return <<<X\na\\"b\nX;', 'a\\"b'],
    ['return `true`;', ''],
    ['return (int) "\u00a012";', 0],
    ["return dirname('a//b') . dirname('/a//b') . dirname('//a');", 'a/a/'],
    ["return true ? 'a' : false ? 'b' : 'c';", 'b'],
    ['return "a$' + '{b}";', 'never'],
  ])('%s', (code, php) => {
    const value = evaluateCode(code);
    if (!isPartlyUnknown(value)) expect(plain(value)).toEqual(php);
  });
});

test.each([
  "$x = 'Foo'; return $x::class;",
  "return 'abc' + 1;",
  'return 1 / 0;',
  'return 1 % 0;',
  'return [] + 1;',
])('%s, which PHP dies of, is unknown', (code) => {
  expect(evaluateCode(code)?.kind).toBe('unknown');
});
