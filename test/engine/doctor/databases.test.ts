import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import {describe, expect, test} from 'vitest';
import {markText} from '../../../source/engine/session/database-item.ts';
import {diagnose} from '../../support/doctor.ts';
import {backup, type Plain, rootWith} from '../../support/php-config.ts';
import {noServer, startCluster} from '../../support/postgres.ts';

const datasets = [{name: 'tenants', source: 'storage/data/tenants.json'}];
const rootOf = (database: Plain, primary = 'magdsdb'): string =>
  rootWith({
    'config/base/magds.php': backup({datasets, retention: {max_count: 5}}),
    'config/base/database.php': {database, magds: {primary: {connection: primary}}},
    'storage/data/tenants.json': '{}',
  });

test('a root without databases says nothing of them', async () => {
  const {checks} = await diagnose(rootOf({}));
  expect(
    checks.filter(({id}) => ['covered', 'server', 'rights', 'server-space', 'left-databases'].includes(id)),
  ).toEqual([]);
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

test('a server that takes a connection and says nothing is asked once, and told in words', async () => {
  let asked = 0;
  const silent = net.createServer(() => void asked++).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const {port} = silent.address() as net.AddressInfo;
  const root = rootOf({});
  fs.mkdirSync(`${root}/storage/runbook`, {mode: 0o700});
  const shop = {name: 'shop', type: 'postgres', host: '127.0.0.1', port, user: 'web', database: 'shop'};
  const config = {version: 1, backup: {datasets: [...datasets, shop]}};
  fs.writeFileSync(`${root}/storage/runbook/config.json`, JSON.stringify(config), {mode: 0o600});
  try {
    const {rows} = await diagnose(root);
    const why = `database "shop" on 127.0.0.1:${port} did not answer within 5 s`;
    expect(rows('server')).toMatchObject([{state: 'wrong', what: `shop: ${why}`}]);
    expect(rows('sources')).toMatchObject([{state: 'wrong', what: expect.stringContaining(why)}]);
    expect(asked).toBe(1);
  } finally {
    silent.close();
  }
});

describe.skipIf(noServer !== null)('on a server', () => {
  test('what keeps a dump from being made is named, with a statement that helps', async () => {
    const cluster = startCluster();
    cluster.sql('CREATE DATABASE shop; CREATE ROLE reader LOGIN');
    cluster.sql('SELECT lo_create(4711)', 'shop');
    const root = rootOf({});
    fs.mkdirSync(`${root}/storage/runbook`, {mode: 0o700});
    const shop = {type: 'postgres', socket: cluster.socket, user: 'reader', database: 'shop'};
    const both = [
      {...shop, name: 'all'},
      {...shop, name: 'some', schemas: ['gone']},
    ];
    const config = {version: 1, backup: {datasets: both}};
    fs.writeFileSync(`${root}/storage/runbook/config.json`, JSON.stringify(config), {mode: 0o600});
    const wrong = async () => (await diagnose(root)).rows('rights').filter(({state}) => state === 'wrong');
    const found = await wrong();
    expect(found.map(({what}) => what)).toEqual([
      'all: reader may not read the large objects 4711: no dump can be made',
      `some: database "shop" on ${cluster.socket} has no schema gone: no dump can be made`,
    ]);
    const [, statement = ''] = /^psql -d shop -c '(.*)'$/.exec(found[0]?.commands[0] ?? '') ?? [];
    cluster.sql(statement.replaceAll("'\\''", "'"), 'shop');
    expect(await wrong()).toHaveLength(1);
  });

  test('what a restore of this root has left, and no session needs, is named', async () => {
    const cluster = startCluster();
    const root = rootOf({});
    fs.mkdirSync(`${root}/storage/runbook`, {mode: 0o700});
    const shop = {
      name: 'shop',
      type: 'postgres',
      socket: cluster.socket,
      user: 'postgres',
      database: 'shop',
    };
    const config = {version: 1, backup: {datasets: [...datasets, shop]}};
    fs.writeFileSync(`${root}/storage/runbook/config.json`, JSON.stringify(config), {mode: 0o600});
    cluster.sql('CREATE DATABASE shop');
    const nothing = await diagnose(root);
    expect(nothing.rows('left-databases')).toMatchObject([
      {state: 'ok', what: 'no restore has left a database'},
    ]);
    const leave = (name: string, of: string, host?: string): void => {
      const comment = markText({is: 'before', of: 'shop', session: 3, root: of, host});
      cluster.sql(`CREATE DATABASE "${name}"`);
      cluster.sql(`COMMENT ON DATABASE "${name}" IS '${comment}'`);
    };
    leave('shop_before_3', root);
    leave('of_another_root', '/srv/other');
    leave('of_another_machine', root, 'elsewhere');
    const {rows} = await diagnose(root);
    expect(rows('left-databases')).toEqual([
      {
        state: 'beware',
        what: `database "shop_before_3" on ${cluster.socket}: left by session 3, which no longer needs it (what was live as "shop")`,
        advice: 'Look at it, and drop it on its server:',
        commands: [`psql -c 'DROP DATABASE "shop_before_3"'`],
      },
    ]);
  });
});
