import {expect, test} from 'vitest';
import {describeConfiguration, loadConfiguration} from '../../../source/engine/config/effective.ts';
import {file as fileType} from '../../../source/engine/datasets/file.ts';
import {backup, type Plain, phpFile, rootWith} from '../../support/php-config.ts';

const file = 'config/base/magds.php';
const from = `${file}:3`;

const load = (files: Record<string, Plain>, env: NodeJS.ProcessEnv = {}) => {
  const root = rootWith(files);
  return loadConfiguration(root, env).then((configuration) => ({root, configuration}));
};

test('a root that configures nothing has the defaults of PHP', async () => {
  const {root, configuration} = await load({});
  const fallback = {from: 'default', problem: null};
  expect(configuration).toMatchObject({
    environment: {value: 'development', ...fallback},
    conflict: null,
    enabled: {value: true, ...fallback},
    path: {value: `${root}/storage/backups`, ...fallback},
    datasets: {
      value: [
        {name: 'kernel_state', source: `${root}/storage/state/system.json`, type: fileType, from: 'default'},
      ],
      ...fallback,
    },
    algorithm: {value: 'sha256', ...fallback},
    maxCount: {value: null, from: 'default', problem: 'keeps every backup: the disk fills up'},
    auditLog: {value: `${root}/storage/logs/audit.log`, ...fallback},
    faults: [],
  });
});

test('each value says the file and line it came from', async () => {
  const base = `<?php
return [
  'magds' => ['backup' => [
    'enabled' => false,
    'path' =>
      'storage' . '/elsewhere',
    'datasets' => [
      ['name' => 'a', 'source' => 'storage/a.json', 'type' => 'file'],
      ['name' => 'b', 'source' => dirname(__DIR__, 2) . '/b.json'],
    ],
    'verification' => ['algorithm' => 'SHA512'],
    'retention' => ['max_count' => 2 * 7],
  ]],
  'security' => ['audit_log' => ['path' => '/var/log/audit.log']],
];`;
  const {root, configuration} = await load({[file]: base});
  const at = (line: number) => ({from: `${file}:${line}`, problem: null});
  const dataset = (name: string, source: string, line: number) => ({
    name,
    source: `${root}/${source}`,
    type: fileType,
    from: `${file}:${line}`,
  });
  expect(configuration).toMatchObject({
    enabled: {value: false, ...at(4)},
    path: {value: `${root}/storage/elsewhere`, ...at(6)},
    datasets: {value: [dataset('a', 'storage/a.json', 8), dataset('b', 'b.json', 9)], ...at(7)},
    algorithm: {value: 'SHA512', ...at(11)},
    maxCount: {value: 14, ...at(12)},
    auditLog: {value: '/var/log/audit.log', ...at(14)},
  });
  expect(describeConfiguration(configuration).map(({name, value}) => `${name} = ${value}`)).toEqual([
    'environment = development',
    'backup.enabled = false',
    `backup.path = ${root}/storage/elsewhere`,
    'backup.verification.algorithm = SHA512',
    'backup.retention.max_count = 14',
    'backup.datasets = 2',
    `dataset a = ${root}/storage/a.json`,
    `dataset b = ${root}/b.json`,
    'audit log = /var/log/audit.log',
  ]);
});

test('the environment changes what it sets, and nothing else', async () => {
  const {configuration} = await load(
    {
      '.env': 'MOBO_ENV=production',
      [file]: backup({path: 'a', retention: {max_count: 5}}),
      'config/environments/production.php': backup({retention: {max_count: 14}}),
    },
    {},
  );
  expect(configuration.environment).toEqual({value: 'production', from: '.env', problem: null});
  expect(configuration.maxCount).toEqual({
    value: 14,
    from: 'config/environments/production.php:3',
    problem: null,
  });
  expect(configuration.path.from).toBe(from);
});

test('an environment that the kernel does not know', async () => {
  const {configuration} = await load({}, {MOBO_ENV: '../prod'});
  expect(configuration.environment).toEqual({
    value: '../prod',
    from: 'MOBO_ENV',
    problem: 'the kernel knows no such environment; it knows development, testing, staging, production',
  });
});

test('what cannot be told has its place, its expression and the way on', async () => {
  const text = phpFile(backup({path: 'X', enabled: true})).replace("'X'", "sprintf('%s/b', STORAGE)");
  const {root, configuration} = await load({[file]: text});
  expect(configuration.path).toEqual({
    value: `${root}/storage/backups`,
    from,
    problem:
      "cannot be told without running PHP: sprintf('...', STORAGE). Set it in storage/runbook/config.json",
  });
  expect(configuration.enabled.problem).toBeNull();
});

test('no advice is given that our own file does not take', async () => {
  const {configuration} = await load({
    'config/base/security.php': "<?php return ['security' => ['audit_log' => ['path' => f()]]];",
  });
  expect(configuration.auditLog.problem).toMatch(/^cannot be told without running PHP: f\(\)/);
  expect(configuration.auditLog.problem).not.toContain('Set it in storage/runbook/config.json');
});
