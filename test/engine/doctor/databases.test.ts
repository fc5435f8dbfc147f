import {expect, test} from 'vitest';
import {diagnose} from '../../support/doctor.ts';
import {backup, type Plain, rootWith} from '../../support/php-config.ts';

const datasets = [{name: 'tenants', source: 'storage/data/tenants.json'}];
const rootOf = (database: Plain, primary = 'magdsdb'): string =>
  rootWith({
    'config/base/magds.php': backup({datasets, retention: {max_count: 5}}),
    'config/base/database.php': {database, magds: {primary: {connection: primary}}},
    'storage/data/tenants.json': '{}',
  });

test('a root without databases says nothing of them', async () => {
  const {checks} = await diagnose(rootOf({}));
  expect(checks.filter(({id}) => ['covered', 'server', 'rights', 'server-space'].includes(id))).toEqual([]);
});

test('a database that no dataset holds is named, with what to add', async () => {
  const root = rootOf({
    connections: {
      magdsdb: {host: 'db.example', database: 'magds', password: 'hunter2'},
      cache: {driver: 'sqlite', database: '/srv/cache'},
      other: {database: 'my db'},
    },
  });
  const {rows, checks} = await diagnose(root);
  expect(rows('covered')).toEqual([
    {
      state: 'beware',
      what: 'database "magds" on db.example:5432 (magdsdb, config/base/database.php:3), the primary, is in no backup: no dataset holds it',
      advice: 'Add it. What to put into storage/runbook/config.json:',
      commands: [`magds config --suggest --root=${root}`],
    },
    {
      state: 'beware',
      what: 'which database PHP connects to as other, config/base/database.php:3 is not known: PHP cannot connect by it either: a value with a space or a quote needs quotes; no dataset holds it',
      advice: 'Name it in storage/runbook/config.json, by host and database.',
      commands: [],
    },
  ]);
  expect(JSON.stringify(checks)).not.toContain('hunter2');
});

test('where it is not known what PHP connects to, that is said', async () => {
  const {rows} = await diagnose(
    rootWith({
      'config/base/magds.php': backup({datasets}),
      'config/base/database.php': '<?php return ["database" => vault()];',
      'storage/data/tenants.json': '{}',
    }),
  );
  expect(rows('covered')).toMatchObject([
    {state: 'unknown', what: expect.stringContaining('database.connections (config/base/database.php:1)')},
  ]);
});
