import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {configuredNames, loadConfiguration, remarksOn} from '../../../source/engine/config/effective.ts';
import {backup, type Plain, rootWith} from '../../support/php-config.ts';

const file = 'config/base/magds.php';

async function load(text: Plain, files: Record<string, Plain> = {}, env: NodeJS.ProcessEnv = {}) {
  const root = rootWith({[file]: text, ...files});
  const configuration = await loadConfiguration(root, env);
  const refused = configuration.refused.map(
    (each) => `${path.relative(root, each.file)}:${each.line} ${each.message}`,
  );
  return {root, configuration, refused};
}

const written = (expression: string): string =>
  `<?php\n$b = ['x']; $c = 'y';\nreturn ['magds' => ['primary' => ['connection' => 'c']], 'unrelated' =>\n${expression}];`;
const fraction = '% is given a number with a fraction, which is deprecated';
const noText = 'an array stands where a text should';

// That PHP refuses them, and nothing that looks like them, is proved with PHP itself (test/interop).
describe('PHP refuses to boot with', () => {
  test.each<[string, string, number?]>([
    ['"$' + '{c}"', 'a variable in a text as "$" and braces, which is deprecated'],
    ['[1.5 => 2]', 'a key is a number with a fraction, which is deprecated'],
    ['[\n1.5 => 2]', 'a key is a number with a fraction, which is deprecated', 5],
    ['$b ? 1 : $b ? 2 : 3', 'one ?: in another needs parentheses'],
    ['[1, , 2]', 'an array has an empty element'],
    ['08', 'a number that begins with 0 is octal, and has no 8 or 9'],
    ['1 % 0', 'something is divided by zero'],
    ['5.5 % 2', fraction],
    ["'5 apples' + 1", 'a text that is not a number is calculated with'],
    ['[] + 1', 'an array is calculated with'],
    ["'a' . $b", noText],
    ['"a$b"', noText],
    ['dirname(null)', 'dirname() is given null'],
  ])('%s', async (expression, message, line = 4) => {
    const {refused, configuration} = await load(written(expression));
    expect(refused).toEqual([`${file}:${line} ${message}`]);
    expect(configuration.blocking).toEqual([]);
  });

  test.each<[string, Plain, string]>([
    ['enabled that is a word', {enabled: 'yes'}, 'magds.backup.enabled is neither true nor false'],
    ['enabled that is a number', {enabled: 0}, 'magds.backup.enabled is neither true nor false'],
    ['enabled that is null', {enabled: null}, 'magds.backup.enabled is neither true nor false'],
    ['no path', {path: null}, 'magds.backup.path is null'],
    ['no datasets', {datasets: null}, 'magds.backup.datasets is null'],
    ['no algorithm', {verification: {algorithm: null}}, 'magds.backup.verification.algorithm is null'],
    ['nothing at all', null, 'magds.backup is null'],
    ['a number for a name', {datasets: [{name: 5, source: 'a'}]}, "a dataset's name is a number"],
  ])('%s', async (_, settings, message) => {
    const {refused, configuration} = await load(backup(settings));
    expect(refused).toEqual([`${file}:3 ${message}`]);
    expect(configuration.blocking).toEqual([]);
    expect(remarksOn(configuration)[0]).toBe(
      `PHP refuses to boot with this: ${configuration.refused[0]?.file}:3 ${message}`,
    );
  });

  test('no connection; where a layer cannot be read, that is not known', async () => {
    const text = "<?php return ['magds' => ['backup' => []]];";
    expect((await load(text)).refused).toEqual(['config:0 magds.primary.connection is not set']);
    expect((await load(text, {'config/secrets/a.php': '<?php return f();'})).refused).toEqual([]);
    expect((await load(backup({}), {'config/secrets/a.php': {magds: {primary: null}}})).refused).toHaveLength(
      1,
    );
  });

  test('strict types behind anything else, or what they forbid', async () => {
    const late = '\ufeff<?php declare(strict_types=1); return [];';
    expect((await load(backup({}), {'config/base/z.php': late})).refused).toEqual([
      'config/base/z.php:1 strict_types is not the first statement',
    ]);
    const strict = `<?php declare(strict_types=1);\nreturn [rtrim(getenv('NONE'))];`;
    expect((await load(backup({}), {'config/base/z.php': strict})).refused).toEqual([
      'config/base/z.php:2 rtrim() is given something that is not text',
    ]);
  });

  test('what is told twice is told once: a file may be a layer twice', async () => {
    const own = {'config/secrets/development.php': '<?php return [1.5 => 1];'};
    expect((await load(backup({}), own)).refused).toHaveLength(1);
  });

  test('and what is meant is gone by all the same', async () => {
    const {configuration} = await load(backup({enabled: 'yes', datasets: [{name: 5, source: 'a'}]}));
    expect([configuration.enabled.value, configuredNames(configuration)]).toEqual([true, ['5']]);
  });

  test('not where there is no configuration', async () => {
    expect((await loadConfiguration(rootWith({}), {})).refused).toEqual([]);
  });
});

describe('kernel.environment is what the kernel validates', () => {
  const fixed = (environment: Plain) => ({'config/base/kernel.php': {kernel: {environment}}});
  const unknown =
    'kernel.environment is none that the kernel knows: development, testing, staging, production';

  test('a name that nobody knows boots where it is fixed', async () => {
    const {configuration, refused} = await load(backup({}), fixed('staging'), {MOBO_ENV: 'qa'});
    expect([refused, configuration.environment.problem, configuration.blocking]).toEqual([[], null, []]);
    expect(configuration.kernelEnvironment).toMatchObject({
      value: 'staging',
      from: 'config/base/kernel.php:3',
    });
  });

  test.each<Plain>(['qa', 5, null, ['staging']])('%j does not, whatever the name is', async (given) => {
    const {configuration, refused} = await load(backup({}), fixed(given), {MOBO_ENV: 'testing'});
    expect(refused).toEqual([`config/base/kernel.php:3 ${unknown}`]);
    if (given !== 'qa') return;
    expect(configuration.blocking).toEqual([
      'testing: the kernel knows no such environment as qa; it knows development, testing, staging, production',
    ]);
  });

  test('a name that is no name is not vouched for', async () => {
    const {configuration} = await load(backup({}), fixed('staging'), {MOBO_ENV: '../x'});
    expect(configuration.blocking).toEqual(['../x: is not a plain name: what PHP reads for it is not known']);
  });
});

test('MagDB that is switched off makes and deletes nothing, and ours are made', async () => {
  const off = {'config/base/z.php': {components: {MagDB: {enabled: false}}}};
  const {configuration} = await load(backup({retention: {max_count: 5}}), off);
  expect(configuration).toMatchObject({
    phpOff: 'config/base/z.php:3',
    php: {maxCount: null},
    maxCount: {value: 5},
    enabled: {value: true},
  });
  expect(remarksOn(configuration)).toEqual([
    'PHP makes no backups: components.MagDB.enabled is false (config/base/z.php:3). Here they are made all the same',
  ]);
});
