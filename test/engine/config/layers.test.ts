import fs from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Layered} from '../../../source/engine/config/configuration.ts';
import {loadLayers} from '../../../source/engine/config/layers.ts';
import {valueAt} from '../../../source/engine/config/php-value.ts';
import {backup, type Plain, plain, rootWith} from '../../support/php-config.ts';

const settings = ({merged}: Layered): unknown => plain(valueAt(merged, ['magds', 'backup']));
const names = (root: string, {files}: Layered): string[] => files.map((file) => path.relative(root, file));

describe('layers', () => {
  const inOrder = [
    'config/base/a.php',
    'config/base/b.php',
    'config/environments/production/a.php',
    'config/environments/production/b.php',
    'config/secrets/a.php',
    // Loaded in every environment, whatever its name.
    'config/secrets/development.php',
    'config/secrets/production.php',
    'config/secrets/production/a.php',
    'config/secrets/production/b.php',
  ];
  const others = [
    'config/base/deep/a.php',
    'config/base/a.php.bak',
    'config/environments/development/a.php',
    'config/environments/production.php',
    'config/environments/testing.php',
    'config/secrets/development/a.php',
    'config/x.php',
  ];
  const makeRoot = () =>
    rootWith(
      Object.fromEntries([...inOrder, ...others].map((file) => [file, backup({last: file, [file]: true})])),
    );

  test('are read in the order of PHP, and no other file is', async () => {
    const root = makeRoot();
    const layered = await loadLayers(root, {MOBO_ENV: 'production'});
    expect(names(root, layered)).toEqual(inOrder);
    expect(layered.faults).toEqual([]);
    const seen = Object.fromEntries(inOrder.map((file) => [file, true]));
    expect(settings(layered)).toEqual({...seen, last: inOrder.at(-1)});
  });

  test('each counts over those before it', async () => {
    const root = makeRoot();
    for (const [index, file] of [...inOrder.entries()].reverse()) {
      expect(settings(await loadLayers(root, {MOBO_ENV: 'production'}))).toMatchObject({last: file});
      // An empty directory of the environment still beats its file.
      if (index > 0) fs.rmSync(path.join(root, file));
    }
  });

  test('without its directory, the environment has a file', async () => {
    const root = rootWith({
      'config/base/a.php': backup({path: 'base'}),
      'config/environments/production.php': backup({path: 'file'}),
    });
    expect(settings(await loadLayers(root, {MOBO_ENV: 'production'}))).toEqual({path: 'file'});
    expect(settings(await loadLayers(root, {MOBO_ENV: 'testing'}))).toEqual({path: 'base'});
  });

  test('where the environment has no directory, its file of secrets is read once more, on top', async () => {
    const root = rootWith({
      'config/secrets/production.php': backup({path: 'own'}),
      'config/secrets/z.php': backup({path: 'z'}),
    });
    const layered = await loadLayers(root, {MOBO_ENV: 'production'});
    expect(settings(layered)).toEqual({path: 'own'});
    expect(settings(await loadLayers(root, {MOBO_ENV: 'testing'}))).toEqual({path: 'z'});
    // Whatever has its name hides it.
    fs.writeFileSync(path.join(root, 'config/secrets/production'), '');
    expect(settings(await loadLayers(root, {MOBO_ENV: 'production'}))).toEqual({path: 'z'});
  });

  test('a plain file of its name hides the file of an environment', async () => {
    const root = rootWith({
      'config/base/a.php': backup({path: 'base'}),
      'config/environments/production.php': backup({path: 'file'}),
      'config/environments/production': '',
    });
    expect(settings(await loadLayers(root, {MOBO_ENV: 'production'}))).toEqual({path: 'base'});
  });

  test('secrets may be one file, of which nothing is quoted', async () => {
    const root = rootWith({'config/secrets.php': backup({path: 'secret'})});
    expect(settings(await loadLayers(root, {}))).toEqual({path: 'secret'});
    fs.writeFileSync(path.join(root, 'config/secrets.php'), '<?php return hunter2();');
    expect((await loadLayers(root, {})).faults[0]?.message).not.toContain('hunter2');
    fs.mkdirSync(path.join(root, 'config/secrets'));
    expect((await loadLayers(root, {})).files).toEqual([]);
  });

  test('a hidden file is none: an editor or another system left it', async () => {
    const root = rootWith({'config/base/a.php': backup({path: 'a'}), 'config/base/._a.php': '\0\0'});
    const layered = await loadLayers(root, {});
    expect([names(root, layered), layered.faults]).toEqual([['config/base/a.php'], []]);
  });

  test.each<[string, Plain]>([
    ['null', null],
    ['false', false],
    ['a word', 'none'],
  ])('%s over all of magds takes it away, as in PHP', async (_, over) => {
    const root = rootWith({
      'config/base/a.php': backup({path: 'base'}),
      'config/environments/testing.php': {magds: over},
    });
    expect(settings(await loadLayers(root, {MOBO_ENV: 'testing'}))).toBeUndefined();
  });

  test('a root without configuration has none', async () => {
    const layered = await loadLayers(rootWith({}), {});
    expect([plain(layered.merged), layered.faults, layered.files]).toEqual([[], [], []]);
  });
});

test('getenv() finds .env before the process, and the environment that was chosen', async () => {
  const root = rootWith({
    '.env': 'BOTH=file\nMOBO_ENV=testing\n',
    'config/base/a.php': `<?php return ['magds' => ['backup' => [
      getenv('BOTH'), getenv('ONLY'), getenv('ABSENT'), getenv('MOBO_ENV')]]];`,
  });
  const process = {BOTH: 'process', ONLY: 'process'};
  expect(settings(await loadLayers(root, process))).toEqual(['file', 'process', false, 'testing']);
  expect(settings(await loadLayers(root, process, 'staging'))).toEqual(['file', 'process', false, 'staging']);
});

test.each([
  ['a byte order mark', '\ufeff<?php'],
  ['a line for the shell', '#!/usr/bin/env php\n<?php'],
  ['Windows line ends', '<?php\r\n\r\ndeclare(strict_types=1);\r\n'],
])('%s before the code is no obstacle', async (_, start) => {
  const root = rootWith({'config/base/a.php': `${start} return ['magds' => ['backup' => ['path' => 'x']]];`});
  const layered = await loadLayers(root, {});
  expect([settings(layered), layered.faults]).toEqual([{path: 'x'}, []]);
});
