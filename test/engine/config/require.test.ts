import path from 'node:path';
import {expect, test} from 'vitest';
import type {Layered} from '../../../source/engine/config/configuration.ts';
import {loadLayers} from '../../../source/engine/config/layers.ts';
import {valueAt} from '../../../source/engine/config/php-value.ts';
import {isPartlyUnknown, plain, rootWith} from '../../support/php-config.ts';

const main = 'config/base/magds.php';

/** A root whose backup configuration is this expression, with more files beside it. */
async function load(expression: string, files: Record<string, string> = {}) {
  const parts = Object.entries(files).map(([name, code]) => [name, `<?php ${code}`] as const);
  const root = rootWith({
    [main]: `<?php\nreturn ['magds' => ['backup' => ${expression}]];`,
    ...Object.fromEntries(parts),
  });
  return {root, layered: await loadLayers(root, {})};
}
const settings = ({merged}: Layered): unknown => plain(valueAt(merged, ['magds', 'backup']));

test('a file is required, and is no layer of its own', async () => {
  const files = {
    'config/parts/a.php': "return ['path' => 'x', 'n' => 1];",
    'config/parts/b.php': 'return 5;',
  };
  const {root, layered} = await load(
    "['a' => require __DIR__ . '/../parts/a.php', 'b' => (require dirname(__DIR__) . '/parts/a.php')['n'], 'c' => include __DIR__ . '/../parts/b.php']",
    files,
  );
  expect([settings(layered), layered.faults]).toEqual([{a: {path: 'x', n: 1}, b: 1, c: 5}, []]);
  expect(valueAt(layered.merged, ['magds', 'backup', 'a', 'path'])).toMatchObject({
    file: path.join(root, 'config/parts/a.php'),
    line: 1,
  });
});

test('each file has its own directory, line and name', async () => {
  const {root, layered} = await load("require __DIR__ . '/../parts/a.php'", {
    'config/parts/a.php': "return [__DIR__, require __DIR__ . '/deep/b.php'];",
    'config/parts/deep/b.php': '\nreturn [__DIR__, __LINE__];',
  });
  const parts = path.join(root, 'config/parts');
  expect(settings(layered)).toEqual([parts, [`${parts}/deep`, 2]]);
});

test('a file sees the variables of the one that requires it, as in PHP, or cannot be told', async () => {
  const file = "<?php $path = 'set'; return ['magds' => ['backup' => require __DIR__ . '/../part.php']];";
  const root = rootWith({[main]: file, 'config/part.php': "<?php return ['path' => $path ?? 'default'];"});
  const {merged} = await loadLayers(root, {});
  const value = valueAt(merged, ['magds', 'backup', 'path']);
  if (!isPartlyUnknown(value)) expect(plain(value)).toBe('set');
});

test('a file that is required for itself may have set variables', async () => {
  const file =
    "<?php $path = 'old'; require __DIR__ . '/../part.php'; return ['magds' => ['backup' => ['path' => $path]]];";
  const root = rootWith({[main]: file, 'config/part.php': "<?php $path = 'new';"});
  const {merged} = await loadLayers(root, {});
  const value = valueAt(merged, ['magds', 'backup', 'path']);
  if (!isPartlyUnknown(value)) expect(plain(value)).toBe('new');
});

test('what is not there is a fault, and the rest is read', async () => {
  const {root, layered} = await load("['a' => require __DIR__ . '/absent.php', 'b' => 1]");
  const file = path.join(root, 'config/base/absent.php');
  expect(layered.faults).toEqual([{file, line: 1, message: 'is not there'}]);
  expect(settings(layered)).toEqual({a: {unknown: `require ${file}`, line: 2}, b: 1});
});

test('a syntax error in it is a fault of its own', async () => {
  const {root, layered} = await load("require __DIR__ . '/../part.php'", {'config/part.php': '\nreturn [;'});
  expect(layered.faults).toEqual([
    {file: path.join(root, 'config/part.php'), line: 2, message: 'has a PHP syntax error'},
  ]);
});

test.each([
  ['itself', 'return [require __FILE__];'],
  ['itself, deeper each time', "return ['a' => ['b' => require __DIR__ . '/part.php']];"],
  ['one that requires it', "return [require __DIR__ . '/other.php'];"],
])('a file that requires %s comes to an end', async (_, code) => {
  const {layered} = await load("['path' => 'x', 'a' => require __DIR__ . '/../part.php']", {
    'config/part.php': code,
    'config/other.php': "return [require __DIR__ . '/part.php'];",
  });
  expect(valueAt(layered.merged, ['magds', 'backup', 'path'])).toMatchObject({value: 'x'});
  expect(isPartlyUnknown(valueAt(layered.merged, ['magds', 'backup', 'a']))).toBe(true);
});

test('a file that requires itself twice is not read many thousand times', async () => {
  const {layered} = await load("require __DIR__ . '/../part.php'", {
    'config/part.php': 'return [require __FILE__, require __FILE__];',
  });
  expect(layered.files.length).toBeLessThan(1000);
});

test.each(["'package.json'", "'./package.json'", "'source/cli.tsx'"])(
  'require %s is not looked for where magds was started',
  async (target) => {
    const {root, layered} = await load(`require ${target}`);
    expect(layered.files).toEqual([path.join(root, main)]);
    expect(layered.faults.filter(({file}) => !path.isAbsolute(file))).toEqual([]);
  },
);

test('require of what cannot be told is unknown', async () => {
  const {layered} = await load("['path' => 'x', 'a' => require $dir . '/part.php', 'b' => require 5]");
  expect(layered.faults).toEqual([]);
  expect(settings(layered)).toEqual({
    path: 'x',
    a: {unknown: "require $dir . '...'", line: 2},
    b: {unknown: 'require 5', line: 2},
  });
});
