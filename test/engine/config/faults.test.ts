import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {loadLayers} from '../../../source/engine/config/layers.ts';
import {valueAt} from '../../../source/engine/config/php-value.ts';
import {backup, plain, rootWith, unknown} from '../../support/php-config.ts';
import {makePipe} from '../../support/temporary.ts';

const file = 'config/base/magds.php';

/** What is wrong with a root whose first file is this; the file after it must still be read. */
async function faultsOf(make: string | ((file: string) => void)) {
  const root = rootWith({'config/base/z.php': backup({path: 'after'})});
  const full = path.join(root, file);
  if (typeof make === 'string') fs.writeFileSync(full, make);
  else make(full);
  const {faults, merged} = await loadLayers(root, {});
  expect(plain(valueAt(merged, ['magds', 'backup', 'path']))).toBe('after');
  return faults.map((fault) => [path.relative(root, fault.file), fault.line, fault.message]);
}

const syntax = 'has a PHP syntax error';
const noArray = 'does not return an array';

test.each<[string, string, number, string]>([
  ['a brace too many', "<?php\n\nreturn ['a' => {;\n", 3, syntax],
  ['a bracket that is not closed', "<?php\nreturn ['a' => 1;\n", 2, syntax],
  ['a string that is not closed', '<?php return "abc', 1, syntax],
  ['a heredoc that is not closed', '<?php return <<<EOT\nabc', 2, syntax],
  ['two words', '<?php\n\n\nretrun 5;', 4, syntax],
  ['nothing', '', 1, noArray],
  ['an opening tag', '<?php', 1, noArray],
  ['no PHP', '{"magds": {}}\n', 1, noArray],
  ['no return', '<?php\n$a = [1];', 1, noArray],
  ['an empty return', '<?php return;', 1, noArray],
  ['a scalar', "<?php\n\nreturn 'x';", 3, noArray],
  ['null', '<?php return null;', 1, noArray],
  ['a call', '<?php\nreturn Config::load();', 2, 'cannot be told without running PHP: Config::load()'],
  [
    'a variable set in a loop',
    '<?php\nforeach (f() as $v) { $a = [$v]; }\nreturn $a;',
    2,
    'cannot be told without running PHP: $a = [$v];',
  ],
  ['a variable that is not set', '<?php\nreturn $a;', 2, 'cannot be told without running PHP: $a'],
])('a file with %s', async (_, text, line, message) => {
  expect(await faultsOf(text)).toEqual([[file, line, message]]);
});

test.each<[string, (file: string) => void, string]>([
  ['a link', (full) => fs.symlinkSync('z.php', full), 'is a link, not a file'],
  ['a link to nowhere', (full) => fs.symlinkSync('absent', full), 'is a link, not a file'],
  ['a pipe', makePipe, 'is a pipe (FIFO), not a file'],
  ['a directory', (full) => fs.mkdirSync(full), 'is a directory, not a file'],
  [
    'endless',
    (full) => {
      fs.writeFileSync(full, '');
      fs.truncateSync(full, 5_000_000);
    },
    'is 5000000 bytes long; more than 4194304 is not read',
  ],
])('a file that is %s', async (_, make, message) => {
  expect(await faultsOf(make)).toEqual([[file, 1, message]]);
});

test.skipIf(process.getuid?.() === 0)(
  'a file and a directory that may not be read (root may read them)',
  async () => {
    const unreadable = (full: string) => fs.writeFileSync(full, '<?php return [];', {mode: 0});
    expect(await faultsOf(unreadable)).toEqual([[file, 1, 'cannot be read: permission denied']]);
    const root = rootWith({'config/secrets/a.php': backup({})});
    const secrets = path.join(root, 'config/secrets');
    fs.chmodSync(secrets, 0);
    expect((await loadLayers(root, {})).faults).toContainEqual({
      file: secrets,
      line: 0,
      message: 'cannot be listed: permission denied',
    });
    fs.chmodSync(secrets, 0o700);
  },
);

test('a directory that leads nowhere', async () => {
  const root = rootWith({'config/x': 'x'});
  const base = path.join(root, 'config/base');
  fs.symlinkSync(base, base);
  expect((await loadLayers(root, {})).faults).toEqual([
    {file: base, line: 0, message: 'cannot be listed: a link, which is not followed'},
  ]);
});

test.each([1500, 2000, 3000, 4000, 5000, 50_000])(
  '%d levels are read or a fault, never a crash',
  async (depth) => {
    for (const value of [`${'['.repeat(depth)}1${']'.repeat(depth)}`, Array(depth).fill("'a'").join(' . ')]) {
      const root = rootWith({[file]: `<?php return ['magds' => ['backup' => ${value}]];`});
      const {faults, files} = await loadLayers(root, {});
      expect(files).toHaveLength(1);
      expect(faults.length).toBeLessThanOrEqual(1);
    }
  },
);

describe('what does not matter to us is passed over', () => {
  test('however it is written', async () => {
    const text = `<?php
      use Some\\Thing;
      if (PHP_SAPI !== 'cli') { $host = $_SERVER['HTTP_HOST']; }
      return [
        'database' => Thing::connect($host, fn () => 1),
        'cache' => new Cache(...[1, 2]),
        'magds' => ['restore' => $undefined, 'backup' => ['path' => 'x']],
      ];`;
    const root = rootWith({[file]: text});
    const {faults, merged} = await loadLayers(root, {});
    expect([faults, plain(merged)]).toEqual([[], {magds: {backup: {path: 'x'}}}]);
  });

  test('and what does matter is unknown, with its place', async () => {
    const root = rootWith({
      [file]: "<?php\nreturn ['magds' => ['backup' => [\n'path' => strtolower('X')]]];",
    });
    const {faults, merged} = await loadLayers(root, {});
    expect([faults, plain(merged)]).toEqual([[], {magds: {backup: {path: unknown("strtolower('...')", 3)}}}]);
  });
});
