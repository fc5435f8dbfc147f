import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {loadLayers} from '../../../source/engine/config/layers.ts';
import {backup, everything, rootWith} from '../../support/php-config.ts';

describe('which environment', () => {
  const cases: [string, string | null, string | undefined, string | undefined, string, string][] = [
    ['nothing says', null, undefined, undefined, 'development', 'default'],
    ['the process says', null, 'testing', undefined, 'testing', 'MOBO_ENV'],
    ['.env says', 'MOBO_ENV=staging\n', undefined, undefined, 'staging', '.env'],
    ['both say the same', 'MOBO_ENV=staging\n', 'staging', undefined, 'staging', '.env'],
    ['.env says something else', 'OTHER=1\n', 'testing', undefined, 'testing', 'MOBO_ENV'],
    ['the process says nothing', null, '', undefined, 'development', 'default'],
    ['--env says', 'MOBO_ENV=staging\n', 'testing', 'production', 'production', '--env'],
  ];
  test.each(cases)('%s', async (_, file, process, given, environment, environmentFrom) => {
    const root = rootWith(file === null ? {} : {'.env': file});
    const env = process === undefined ? {} : {MOBO_ENV: process};
    expect(await loadLayers(root, env, given)).toMatchObject({environment, environmentFrom, conflict: null});
  });

  test('where .env and the process disagree, .env counts, and it is said', async () => {
    const root = rootWith({'.env': 'MOBO_ENV="staging" # here\r\n'});
    expect(await loadLayers(root, {MOBO_ENV: 'production'})).toMatchObject({
      environment: 'staging',
      environmentFrom: '.env',
      conflict: {file: 'staging', process: 'production'},
    });
  });
});

describe('a name that is no name', () => {
  const makeRoot = () =>
    rootWith({
      'config/base/a.php': backup({path: 'base'}),
      ...Object.fromEntries(
        [
          'evil.php',
          'config/evil.php',
          'config/a.php',
          'config/evil/a.php',
          'config/environments/a.php',
          'config/environments/.hidden/a.php',
          'config/environments/deep/er/a.php',
          'config/secrets/deep/er/a.php',
        ].map((file) => [file, backup({path: `evil ${file}`})]),
      ),
    });

  test.each([
    '..',
    '.',
    '../evil',
    '../../evil',
    './a',
    'deep/er',
    'deep/../deep/er',
    '/',
    '.hidden',
    'a\0',
    'a\n',
    'a.php',
    '*',
    '..\\evil',
    'x'.repeat(5000),
  ])('%j never becomes a path', async (name) => {
    const root = makeRoot();
    for (const [env, given] of [
      [{MOBO_ENV: name}, undefined],
      [{}, name],
    ] as const) {
      const layered = await loadLayers(root, env, given);
      expect(layered.environment).toBe(name);
      expect(layered.files).toEqual([path.join(root, 'config/base/a.php')]);
      expect(everything(layered.merged)).not.toContain('evil');
    }
  });

  test('nor does any other', async () => {
    const root = makeRoot();
    const part = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      'evil',
      'deep',
      'er',
      'a',
      '.php',
      '%2f',
      '~',
      'secrets',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, {maxLength: 6}), async (parts) => {
        // That one is a name, and has a file.
        fc.pre(parts.join('') !== 'a');
        const {files} = await loadLayers(root, {}, parts.join(''));
        expect(files).toEqual([path.join(root, 'config/base/a.php')]);
      }),
    );
  });
});

test.each<[string, (file: string) => void, string]>([
  ['a link', (file) => fs.symlinkSync('/dev/null', file), 'is a link, not a file'],
  ['a directory', (file) => fs.mkdirSync(file), 'is a directory, not a file'],
  [
    'endless',
    (file) => {
      fs.writeFileSync(file, '');
      fs.truncateSync(file, 5_000_000);
    },
    'is 5000000 bytes long; more than 4194304 is not read',
  ],
])('.env that is %s is a fault', async (_, make, message) => {
  const root = rootWith({});
  make(path.join(root, '.env'));
  expect((await loadLayers(root, {})).faults).toEqual([{file: path.join(root, '.env'), line: 0, message}]);
});
