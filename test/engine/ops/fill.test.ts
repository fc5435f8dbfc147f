import {expect, test} from 'vitest';
import {cronUser, fill} from '../../../source/engine/ops/fill.ts';
import {exampleSite, type Site} from '../../../source/engine/ops/site.ts';

const text =
  'cd /srv/magmoboce as www-data; "/srv/magmoboce/storage/logs/audit.log" su www-data www-data =/srv/magmoboce/storage/telemetry';
const site: Site = {
  program: '/usr/bin/node /opt/magds.js',
  root: '/srv/a b%z$&',
  auditLog: '/var/log/audit %.log',
  metrics: '/var/metrics',
  user: 'alice',
  log: {user: 'bob', group: 'adm'},
};

test('the example stays what it is', () => {
  for (const reader of ['systemd', 'cron', 'logrotate', 'shell', 'other'] as const)
    expect(fill(text, reader, exampleSite)).toBe(text);
});

test.each([
  ['systemd', '/srv/a b%%z$&', '/var/log/audit %%.log'],
  ['cron', "'/srv/a b\\%z$&'", "'/var/log/audit \\%.log'"],
  ['logrotate', '/srv/a b%z$&', '/var/log/audit %.log'],
  ['shell', "'/srv/a b%z$&'", "'/var/log/audit %.log'"],
  ['other', '/srv/a b%z$&', '/var/log/audit %.log'],
] as const)('for %s a path is written %s', (reader, root, auditLog) => {
  expect(fill(text, reader, site)).toBe(`cd ${root} as alice; "${auditLog}" su bob adm =/var/metrics`);
});

test('what was put in is not taken for the example', () => {
  const root = '/srv/magmoboce/www-data';
  const own = {...site, root, auditLog: `${root}/storage/logs/audit.log`};
  expect(fill(text, 'other', own)).toBe(
    `cd ${root} as alice; "${root}/storage/logs/audit.log" su bob adm =/var/metrics`,
  );
});

test('the program is this one', () => {
  expect(fill('ExecStart=/usr/local/bin/magds ops', 'systemd', site)).toBe(
    'ExecStart=/usr/bin/node /opt/magds.js ops',
  );
});

test('a number is no user of a crontab', () => {
  expect(cronUser({...site, user: '1000'})).toBe('www-data');
  expect(fill('www-data', 'cron', {...site, user: '1000'})).toBe('www-data');
  expect(fill('www-data', 'systemd', {...site, user: '1000'})).toBe('1000');
});
