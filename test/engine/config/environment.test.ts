import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {loadConfiguration, remarksOn} from '../../../source/engine/config/effective.ts';
import {loadLayers} from '../../../source/engine/config/layers.ts';
import {valueAt} from '../../../source/engine/config/php-value.ts';
import {backup, everything, plain, rootWith} from '../../support/php-config.ts';
import {temporaryDirectory} from '../../support/temporary.ts';

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

  test('an empty MOBO_ENV in .env is development, whatever the process says', async () => {
    const root = rootWith({'.env': 'MOBO_ENV=\nMOBO_ENV=staging\n'});
    expect(await loadLayers(root, {MOBO_ENV: 'production', PHPRC: withOrder('GPCS')})).toMatchObject({
      environment: 'development',
      environmentFrom: '.env',
      conflict: {file: 'development', process: 'production'},
    });
  });

  test('a name that is no text is none that is known', async () => {
    const root = rootWith({'.env': ''});
    fs.writeFileSync(path.join(root, '.env'), Buffer.from('MOBO_ENV=\xff', 'latin1'));
    expect(await loadLayers(root, {})).toMatchObject({environment: '\ufffd', environmentFrom: '.env'});
  });
});

/** A directory with a php.ini of these lines. */
function withIni(lines: string, more: Record<string, string> = {}): string {
  return rootWith({'php.ini': lines, ...more});
}
const withOrder = (order: string): string => withIni(`variables_order = "${order}"\n`);

describe('where .env and the process disagree, it is said, and php.ini says which counts', () => {
  const text = `<?php return ['magds' => ['backup' => [getenv('KEEP'), getenv('MOBO_ENV')]]];`;
  const root = () =>
    rootWith({
      '.env': 'MOBO_ENV=staging\nKEEP=4\nSAME=1\n',
      'config/base/a.php': text,
      'config/base/b.php': {magds: {primary: {connection: 'magdsdb'}}},
    });
  const env = {MOBO_ENV: 'production', KEEP: '9', SAME: '1'};

  test.each<[string, string, '.env' | 'process', string]>([
    ["Debian's", 'variables_order = "GPCS"', '.env', '/php.ini'],
    ['with E', 'variables_order=EGPCS ; all', 'process', '/php.ini'],
    ['that leaves it as it is built', '[PHP]\n;variables_order = "GPCS"', 'process', '/php.ini'],
    ['that says it twice', 'variables_order = E\r\n variables_order = GPCS\r\n', '.env', '/php.ini'],
  ])('%s', async (_, lines, first, from) => {
    const ini = withIni(lines);
    const layered = await loadLayers(root(), {...env, PHPRC: ini});
    const order = {first, from: `${ini}${from}`};
    const file = first === '.env';
    expect(layered).toMatchObject({
      environment: file ? 'staging' : 'production',
      environmentFrom: file ? '.env' : 'MOBO_ENV',
      conflict: {file: 'staging', process: 'production', order},
      doubt: {names: ['KEEP'], order},
    });
    expect(plain(valueAt(layered.merged, ['magds', 'backup']))).toEqual(
      file ? ['4', 'staging'] : ['9', 'production'],
    );
  });

  test('what is read beside it counts over it, and a file may be named', async () => {
    const ini = withIni('variables_order = E', {'conf.d/10-a.ini': 'variables_order = GPCS'});
    const order = {first: '.env', from: `${ini}/conf.d/10-a.ini`};
    expect(await loadLayers(root(), {...env, PHPRC: `${ini}/php.ini`})).toMatchObject({conflict: {order}});
    const scan = {...env, PHPRC: ini, PHP_INI_SCAN_DIR: '/nowhere'};
    expect(await loadLayers(root(), scan)).toMatchObject({
      conflict: {order: {first: 'process', from: `${ini}/php.ini`}},
    });
  });

  test('where none can be seen it is assumed: as PHP is built, else as Debian has it', async () => {
    const bin = rootWith({'bin/php': ''});
    const nowhere = {...env, PHPRC: rootWith({})};
    const built = {...env, PATH: `relative:/nowhere:${bin}/bin`};
    for (const [given, first] of [
      [nowhere, '.env'],
      [built, 'process'],
    ] as const) {
      const place = root();
      expect(await loadLayers(place, given)).toMatchObject({conflict: {order: {first, from: null}}});
      const counts = `${first === '.env' ? '.env' : 'the process'} counts, it is assumed: no php.ini that says so can be seen`;
      expect(remarksOn(await loadConfiguration(place, given))).toEqual([
        `.env says staging, the process says production: ${counts}. Settle it with --env.`,
        `.env and the process differ on KEEP: ${counts}`,
      ]);
    }
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
  [
    'a link to a device',
    (file) => fs.symlinkSync('/dev/null', file),
    'is a link to /dev/null, which is a device, not a file',
  ],
  [
    'a link to nowhere',
    (file) => fs.symlinkSync('shared/.env', file),
    'is a link that leads nowhere (not there): PHP reads no .env either',
  ],
  [
    'a link to itself',
    (file) => fs.symlinkSync('.env', file),
    'is a link that leads nowhere (a link, which is not followed): PHP reads no .env either',
  ],
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

const isRoot = process.getuid?.() === 0;

describe('.env that is a link, as deploy layouts have it', () => {
  function linked(): {root: string; shared: string} {
    const root = rootWith({'config/base/a.php': backup({enabled: true})});
    const shared = path.join(temporaryDirectory(), '.env');
    fs.writeFileSync(shared, 'MOBO_ENV=production\n');
    fs.symlinkSync(shared, path.join(root, '.env'));
    return {root, shared};
  }

  test('is followed, and where it leads is said', async () => {
    const {root, shared} = linked();
    expect(await loadLayers(root, {})).toMatchObject({environment: 'production', faults: []});
    const {environment} = await loadConfiguration(root, {});
    expect(environment).toEqual({value: 'production', from: `.env, a link to ${shared}`, problem: null});
  });

  test('where --env decides, that is what is said', async () => {
    const {environment} = await loadConfiguration(linked().root, {}, 'staging');
    expect(environment.from).toBe('--env');
  });

  const stranger = 54_321;
  const whose = `belongs to uid ${stranger}, not to root, you or the owner of the project: give it to one of them`;

  test.skipIf(!isRoot)('is followed where the owner of the project made it (needs root)', async () => {
    const {root, shared} = linked();
    for (const each of [root, shared]) fs.chownSync(each, stranger, stranger);
    fs.lchownSync(path.join(root, '.env'), stranger, stranger);
    expect(await loadLayers(root, {})).toMatchObject({environment: 'production', faults: []});
    const current = path.join(temporaryDirectory(), 'current');
    fs.symlinkSync(root, current);
    expect(await loadLayers(current, {})).toMatchObject({environment: 'production', faults: []});
  });

  test.skipIf(!isRoot).each([
    ['the file', (_: string, shared: string) => fs.chownSync(shared, stranger, stranger), `which ${whose}`],
    [
      'the link',
      (link: string) => fs.lchownSync(link, stranger, stranger),
      `which is not followed: the link ${whose}`,
    ],
  ])("is not where %s is somebody else's (needs root)", async (_, give, why) => {
    const {root, shared} = linked();
    const link = path.join(root, '.env');
    give(link, shared);
    expect(await loadLayers(root, {})).toMatchObject({
      environment: 'development',
      faults: [{file: link, line: 0, message: `is a link to ${shared}, ${why}`}],
    });
  });
});
