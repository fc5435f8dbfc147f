import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Configuration} from '../../../source/engine/config/configuration.ts';
import {loadConfiguration} from '../../../source/engine/config/effective.ts';
import {backup, type Plain, rootWith} from '../../support/php-config.ts';

const file = 'config/base/magds.php';
const from = `${file}:3`;

async function load(files: Record<string, Plain>) {
  const root = rootWith(files);
  return {root, configuration: await loadConfiguration(root, {})};
}

const keepsAll = 'keeps every backup: the disk fills up';
const wrong = (key: string) => `magds.backup.${key} is not valid; the default is used`;

describe('max_count', () => {
  test.each<[Plain, number | null, string | null]>([
    [1, 1, null],
    [14, 14, null],
    ['7', 7, null],
    [' 7 ', 7, null],
    [2.9, 2, null],
    [true, 1, null],
    [0, null, keepsAll],
    // PHP's (int) of it is 0: one that is kept as it is would delete every backup.
    [0.5, null, keepsAll],
    ['0.5', null, keepsAll],
    [-3, null, keepsAll],
    ['', null, keepsAll],
    [false, null, keepsAll],
    ['many', null, wrong('retention.max_count')],
    [[5], null, wrong('retention.max_count')],
  ])('%j', async (given, value, problem) => {
    const {configuration} = await load({[file]: backup({retention: {max_count: given}})});
    expect(configuration.maxCount).toMatchObject({value, problem});
    expect(configuration.maxCount.from).toBe(from);
  });
});

test.each<[string, Plain, keyof Configuration, unknown]>([
  ['path', 5, 'path', 'storage/backups'],
  ['path', '', 'path', 'storage/backups'],
  ['path', ['a'], 'path', 'storage/backups'],
  ['verification.algorithm', 256, 'algorithm', 'sha256'],
])('%s of %j', async (key, given, setting, fallback) => {
  const value = key.split('.').reduceRight<Plain>((inner, part) => ({[part]: inner}), given);
  const {root, configuration} = await load({[file]: backup(value)});
  expect(configuration[setting]).toEqual({
    value: setting === 'path' ? path.join(root, String(fallback)) : fallback,
    from,
    problem: wrong(key),
  });
});

test.each<[Plain, boolean]>([
  [true, true],
  [1, true],
  ['0', false],
  ['', false],
  ['false', true],
  [0, false],
  [[], false],
])('enabled of %j is what PHP takes for it', async (given, value) => {
  const {configuration} = await load({[file]: backup({enabled: given})});
  expect(configuration.enabled).toEqual({value, from, problem: null});
});

test.each(['sha999', 'gostly', 'constructor', '__proto__', 'sha256 '])(
  'the algorithm "%s" is not supported',
  async (value) => {
    const {configuration} = await load({[file]: backup({verification: {algorithm: value}})});
    const problem = `the algorithm "${value}" is not supported here`;
    expect(configuration.algorithm).toEqual({value, from, problem});
  },
);

test.each(['sha256', 'SHA3-256', 'crc32b', 'sha512/256', 'Tiger192,3', 'fnv1a64'])(
  'the algorithm %s is',
  async (value) => {
    const {configuration} = await load({[file]: backup({verification: {algorithm: value}})});
    expect(configuration.algorithm).toEqual({value, from, problem: null});
  },
);
