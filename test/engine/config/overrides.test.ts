import {describe, expect, test} from 'vitest';
import type {Configuration} from '../../../source/engine/config/configuration.ts';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {directory} from '../../../source/engine/datasets/directory.ts';
import {file as fileType} from '../../../source/engine/datasets/file.ts';
import {backup, type Plain, rootWith} from '../../support/php-config.ts';

const file = 'config/base/magds.php';
const own = 'storage/runbook/config.json';
const php = {
  enabled: true,
  path: 'php',
  datasets: [{name: 'php', source: 'php'}],
  verification: {algorithm: 'sha256'},
  retention: {max_count: 5},
};

async function load(settings: Plain | null, env: NodeJS.ProcessEnv = {}) {
  const text = JSON.stringify({version: 1, backup: settings});
  const root = rootWith({[file]: backup(php), ...(settings === null ? {} : {[own]: text})});
  return {root, configuration: await loadConfiguration(root, env)};
}

const from = own;
const cases: [string, Plain, keyof Configuration, (root: string) => unknown][] = [
  ['enabled', {enabled: false}, 'enabled', () => ({value: false, from, problem: null})],
  ['path', {path: 'own'}, 'path', (root) => ({value: `${root}/own`, from, problem: null})],
  ['an absolute path', {path: '/own'}, 'path', () => ({value: '/own', from, problem: null})],
  ['algorithm', {algorithm: 'sha512'}, 'algorithm', () => ({value: 'sha512', from, problem: null})],
  ['max_count', {max_count: 9}, 'maxCount', () => ({value: 9, from, problem: null})],
  ...[0, -1, null].map((none): [string, Plain, keyof Configuration, () => unknown] => [
    `max_count of ${none}`,
    {max_count: none},
    'maxCount',
    () => ({value: null, from, problem: 'keeps every backup: the disk fills up'}),
  ]),
  [
    'datasets, directories among them',
    {
      datasets: [
        {name: 'a', source: 'x'},
        {name: 'd', source: '/srv/d', type: 'directory'},
      ],
    },
    'datasets',
    (root) => ({
      value: [
        {name: 'a', source: `${root}/x`, type: fileType, from},
        {name: 'd', source: '/srv/d', type: directory, from},
      ],
      from,
      problem: 'outside the project: d',
    }),
  ],
];

test.each(cases)('our own file sets %s, and nothing else', async (_, settings, key, expected) => {
  const {root, configuration} = await load(settings);
  expect(configuration[key]).toEqual(expected(root));
  const others = (['enabled', 'path', 'algorithm', 'maxCount'] as const).filter((name) => name !== key);
  for (const name of others) expect(configuration[name].from).toBe(`${file}:3`);
  expect(configuration.faults).toEqual([]);
});

test('what PHP cannot tell is no problem any more', async () => {
  const root = rootWith({
    [file]: "<?php return ['magds' => ['backup' => ['path' => f(), 'datasets' => g(), 'enabled' => h()]]];",
    [own]: JSON.stringify({
      version: 1,
      backup: {path: 'own', enabled: true, max_count: 3, datasets: [{name: 'a', source: 'a'}]},
    }),
  });
  const {path, enabled, datasets, maxCount} = await loadConfiguration(root, {});
  expect([path, enabled, datasets, maxCount].map(({problem}) => problem)).toEqual([null, null, null, null]);
});

describe('the process', () => {
  const everywhere = {enabled: true, path: 'own', algorithm: 'sha1', max_count: 9};

  test.each<[string, string, keyof Configuration, unknown]>([
    ['MAGDS_BACKUP_ENABLED', '0', 'enabled', false],
    ['MAGDS_BACKUP_ENABLED', 'No', 'enabled', false],
    ['MAGDS_BACKUP_ENABLED', 'TRUE', 'enabled', true],
    ['MAGDS_BACKUP_PATH', '/elsewhere', 'path', '/elsewhere'],
    ['MAGDS_BACKUP_ALGORITHM', 'sha512', 'algorithm', 'sha512'],
    ['MAGDS_BACKUP_MAX_COUNT', '2', 'maxCount', 2],
  ])('%s=%s counts over both', async (name, text, key, value) => {
    const {configuration} = await load(everywhere, {[name]: text});
    expect(configuration[key]).toEqual({value, from: name, problem: null});
  });

  test('a relative path is of the root', async () => {
    const {root, configuration} = await load(null, {MAGDS_BACKUP_PATH: 'x/../y'});
    expect(configuration.path.value).toBe(`${root}/y`);
  });

  test('an empty variable is none', async () => {
    const names = ['ENABLED', 'PATH', 'ALGORITHM', 'MAX_COUNT'].map((name) => [`MAGDS_BACKUP_${name}`, '']);
    const {configuration} = await load(everywhere, Object.fromEntries(names));
    const {enabled, path, algorithm, maxCount} = configuration;
    expect([enabled, path, algorithm, maxCount].map((setting) => setting.from)).toEqual([own, own, own, own]);
  });

  test.each<[string, string, 'enabled' | 'maxCount', unknown, string]>([
    [
      'MAGDS_BACKUP_ENABLED',
      'maybe',
      'enabled',
      true,
      'MAGDS_BACKUP_ENABLED=maybe is neither true nor false',
    ],
    ['MAGDS_BACKUP_MAX_COUNT', 'all', 'maxCount', 9, 'MAGDS_BACKUP_MAX_COUNT=all is not a number'],
    ['MAGDS_BACKUP_MAX_COUNT', '2.5', 'maxCount', 9, 'MAGDS_BACKUP_MAX_COUNT=2.5 is not a number'],
    ['MAGDS_BACKUP_MAX_COUNT', ' ', 'maxCount', 9, 'MAGDS_BACKUP_MAX_COUNT=  is not a number'],
    ['MAGDS_BACKUP_MAX_COUNT', '1e400', 'maxCount', 9, 'MAGDS_BACKUP_MAX_COUNT=1e400 is not a number'],
  ])('%s=%s is a problem, and the file counts', async (name, text, key, value, problem) => {
    const {configuration} = await load(everywhere, {[name]: text});
    expect(configuration[key]).toEqual({value, from: own, problem});
  });

  test.each(['0', '-4'])('a max_count of %s keeps all', async (text) => {
    const {configuration} = await load(everywhere, {MAGDS_BACKUP_MAX_COUNT: text});
    expect(configuration.maxCount).toMatchObject({value: null, from: 'MAGDS_BACKUP_MAX_COUNT'});
  });
});
